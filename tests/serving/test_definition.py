"""service.toml and signers.toml: strict, and every fault at once."""

from datetime import date
from pathlib import Path

import pytest

from targeting.errors import DeclarationError
from targeting.serving.definition import NEEDED_TO_BE_LIVE, Service, panel_ward_faults, read_service, read_signers
from targeting.serving.district.ward_set import Ward, WardSet
from targeting.serving.sentences import Words

SMALLEST = """
model = "escalation"
[[panel]]
name = "district"
title = "The district"
[[list]]
name = "offer"
title = "Families who may welcome an offer"
cohort = "not_open_to_early_help"
"""
PAPERS = "".join(
    f'[[document]]\nkind = "{kind}"\nreference = "R"\nowner = "Head of service"\nexpires_on = 2027-03-31\n'
    for kind in NEEDED_TO_BE_LIVE
)
MANAGER = '[access]\nprotected_identities_manager = "manager"\n'


def service(folder: Path, text: str) -> Service:
    path = folder / "service.toml"
    path.write_text(text, encoding="utf-8")
    return read_service(path)


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(DeclarationError) as caught:
        service(folder, text)
    return [str(fault) for fault in caught.value.faults]


def test_ten_families_fit_an_hour_of_six_minutes_each_and_lists_are_shadow_until_said(tmp_path: Path) -> None:
    read = service(tmp_path, SMALLEST)
    assert [kind.capacity(read.panel[0]) for kind in read.list] == [10]
    assert read.standing(date(2026, 3, 29)) == "shadow"
    assert read.spoken() == Words()


def test_a_panel_may_meet_for_longer(tmp_path: Path) -> None:
    read = service(tmp_path, SMALLEST.replace('title = "The district"', 'title = "D"\nminutes = { offer = 95 }'))
    assert read.list[0].capacity(read.panel[0]) == 15


def test_every_cohort_that_the_service_needs_is_named_once(tmp_path: Path) -> None:
    text = 'never_known = "never_known"\n' + SMALLEST + '[[threshold_rule]]\nname = "a"\ncohort = "c"\nwhy = "w"\n'
    assert service(tmp_path, text).cohorts() == ("not_open_to_early_help", "c", "never_known")


APART = """
[[counted_apart]]
cohort = "silent"
why = "Nobody records anything of them."
[counted_apart.part]
cohort = "pupils"
who = "with a pupil"
why = "The council looks for them."
"""


def test_who_is_counted_apart_needs_cohorts_and_a_service_may_count_nobody(tmp_path: Path) -> None:
    assert service(tmp_path, SMALLEST).counted_apart == ()
    read = service(tmp_path, SMALLEST + APART)
    assert [(each.cohort, each.part and each.part.who) for each in read.counted_apart] == [("silent", "with a pupil")]
    assert read.cohorts() == ("not_open_to_early_help", "silent", "pupils")


def test_a_cohort_is_counted_apart_once_and_with_a_reason(tmp_path: Path) -> None:
    whole, _, _ = APART.partition("[counted_apart.part]")
    assert faults(tmp_path, SMALLEST + whole + whole) == [
        "serving/service.toml: counted_apart: 'silent' is declared twice."
    ]
    (told,) = faults(tmp_path, SMALLEST + whole.replace("Nobody records anything of them.", ""))
    assert told == "serving/service.toml: counted_apart[0].why: string should have at least 1 character."


def test_lists_are_live_only_while_every_paper_holds(tmp_path: Path) -> None:
    read = service(tmp_path, 'live_or_shadow = "live"\n' + SMALLEST + PAPERS + MANAGER)
    assert [read.standing(date(2027, 3, 31)), read.standing(date(2027, 4, 1))] == ["live", "shadow"]


def test_live_without_its_papers_is_refused_and_each_missing_one_named(tmp_path: Path) -> None:
    told = faults(tmp_path, 'live_or_shadow = "live"\n' + SMALLEST)
    assert told[0].startswith("serving/service.toml: access: a live list needs protected_identities_manager")
    assert told[1] == (
        "serving/service.toml: document: a live list needs 'complaint_route', with reference, owner and expiry."
    )
    assert len(told) == 1 + len(NEEDED_TO_BE_LIVE)


def test_all_faults_of_meaning_are_told_at_once(tmp_path: Path) -> None:
    text = (
        "cuts = [0.1, 0.1]\n"
        + SMALLEST.replace(
            "[[list]]", '[[panel]]\nname = "district"\ntitle = "D"\nwards = ["A"]\nminutes = { ofer = 30 }\n[[list]]'
        )
        + "minutes = 5\n"
    )
    assert faults(tmp_path, text) == [
        "serving/service.toml: cuts: must rise, each above 0 and below 1.",
        "serving/service.toml: list offer: a meeting of panel 'district' has no time for a family; "
        "give it more minutes.",
        "serving/service.toml: panel: 'district' is declared twice.",
        "serving/service.toml: panel district: gives minutes for 'ofer'. Lists: offer.",
    ]


def test_a_ward_belongs_to_one_panel(tmp_path: Path) -> None:
    text = SMALLEST.replace("[[list]]", '[[panel]]\nname = "west"\ntitle = "W"\nwards = ["A", "A"]\n[[list]]')
    assert faults(tmp_path, text) == ["serving/service.toml: panel: ward 'A' belongs to more than one panel."]


def test_one_panel_takes_whoever_no_ward_gives_to_another(tmp_path: Path) -> None:
    text = SMALLEST.replace('title = "The district"', 'title = "D"\nwards = ["A"]')
    assert faults(tmp_path, text) == [
        "serving/service.toml: panel: exactly one has no wards: it takes families of every other ward, and those "
        "without a known address."
    ]


GROUPS = """
[access]
hosts = ["t.example"]
[access.sign_in]
issuer = "https://login.example"
client_id = "targeting"
address = "https://t.example"
[[access.sign_in.group]]
value = "members"
role = "panel_member"
{members}
[[access.sign_in.group]]
value = "governance"
role = "governance"
{governance}
[[access.client]]
client_id = "ehm"
title = "Case management"
roles = ["integration_client"]
scopes = ["flags:read"]
purposes = ["early_help"]
{client}
"""
WEST = '[[panel]]\nname = "west"\ntitle = "W"\nwards = ["A"]\n[[list]]'


def test_where_there_are_several_panels_whoever_reads_as_a_panel_is_named_to_some(tmp_path: Path) -> None:
    two = SMALLEST.replace("[[list]]", WEST)
    nobody = {"members": "", "governance": "", "client": ""}
    place = "serving/service.toml: access"
    service(tmp_path, SMALLEST + GROUPS.format(**nobody))
    assert faults(tmp_path, two + GROUPS.format(**nobody)) == [
        f"{place}.sign_in.group members: sits on no panel: name some in panels. There are: district, west."
    ]
    named = {"members": 'panels = ["west"]', "governance": "", "client": 'panels = ["west", "district"]'}
    service(tmp_path, two + GROUPS.format(**named))
    wrong = {"members": 'panels = ["wets"]', "governance": 'panels = ["west"]', "client": 'panels = ["east"]'}
    assert faults(tmp_path, two + GROUPS.format(**wrong)) == [
        f"{place}.client ehm: the panel 'east' does not exist. Those that do: district, west. Did you mean west?",
        f"{place}.sign_in.group governance: the role governance is the whole district's: leave panels out.",
        f"{place}.sign_in.group members: the panel 'wets' does not exist. Those that do: district, west. Did you mean "
        "west?",
    ]


def test_a_panels_ward_is_one_of_the_declared_set(tmp_path: Path) -> None:
    panels = service(tmp_path, SMALLEST.replace("[[list]]", WEST)).panel
    wards = [Ward(code=code, name=code, short=code, easting=0, northing=0) for code in ("A", "B")]
    sets = [WardSet(name="Wards", version="1", source="Here", ward=(ward,)) for ward in wards]
    assert [[str(each) for each in panel_ward_faults(panels, ward_set)] for ward_set in (None, *sets)] == [
        [],
        [],
        ["serving/service.toml: panel west: the ward 'A' is not declared in serving/wards.toml."],
    ]


def test_a_misspelt_key_names_the_right_one(tmp_path: Path) -> None:
    assert "Did you mean minutes_a_family?" in "\n".join(faults(tmp_path, SMALLEST + "minutes_per_family = 5\n"))


def test_no_signer_is_no_fault_and_one_name_signs_once(tmp_path: Path) -> None:
    path = tmp_path / "signers.toml"
    path.write_text("", encoding="utf-8")
    assert read_signers(path) == ()
    signer = '[[signer]]\nname = "Ann"\nrole = "service_lead"\npublic_key = "AAAA"\n'
    path.write_text(signer * 2, encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"serving/signers\.toml: signer 'Ann' is declared twice"):
        read_signers(path)


def test_a_meeting_without_time_for_a_family_is_refused(tmp_path: Path) -> None:
    for minutes in (0, 5):
        (told,) = faults(tmp_path, SMALLEST + f"minutes = {minutes}\nplaces_for_never_known = 0\n")
        assert told == (
            "serving/service.toml: list offer: a meeting of panel 'district' has no time for a family; "
            "give it more minutes."
        )


def test_more_places_kept_than_a_meeting_has_time_for_are_refused(tmp_path: Path) -> None:
    assert faults(tmp_path, SMALLEST + "minutes = 6\nplaces_for_never_known = 2\n") == [
        "serving/service.toml: list offer: a meeting of panel 'district' has time for 1 and keeps 2 places; "
        "give it more minutes."
    ]


def test_rest_is_twelve_weeks_unless_a_decision_has_its_own_and_a_decision_that_does_not_exist_is_refused(
    tmp_path: Path,
) -> None:
    read = service(tmp_path, SMALLEST + "[flow.rest_weeks]\nrefer_up = 3\n")
    assert (read.flow.weeks("refer_up"), read.flow.weeks("offer_help")) == (3, 12)
    (told,) = faults(tmp_path, SMALLEST + "[flow.rest_weeks]\nforget_it = 3\n")
    assert "forget_it" in told


def test_the_districts_own_declaration_is_whole() -> None:
    declared = read_service(Path(__file__).parents[2] / "serving" / "service.toml")
    assert (declared.fallback, declared.flow.returns_above, declared.look_back.sampled) == ("points_rule", 0.7, 0)
