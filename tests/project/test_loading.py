"""The district's own declarations load; what is broken in a copy of them is told, with its place, all at once."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from targeting.errors import DeclarationError, TargetingError
from targeting.project.finding import find_project
from targeting.project.loading import load_project
from targeting.project.template import copy_template, template_folder

ON = date(2026, 3, 30)
INDICATOR = """
from targeting.features import Indicator, column, facts

broken = Indicator(
    "Something that may not be used",
    {value},
    concern="test",
    sentence="{{count:thing}}",
)
"""


@pytest.fixture
def district(tmp_path: Path) -> Path:
    copy_template(tmp_path)
    return tmp_path


@pytest.fixture
def faults_with(district: Path) -> Callable[..., str]:
    """Return the message on loading the district with some of its files replaced or a text in them changed."""

    def faults(**changes: tuple[str, str, str] | str) -> str:
        for change in changes.values():
            if isinstance(change, str):
                path = district / "features" / "youth_test.py"
                path.write_text(INDICATOR.format(value=change), encoding="utf-8")
                model = district / "models" / "escalation.toml"
                model.write_text(model.read_text().replace('"youth.*",', '"youth.*", "youth_test.*",'))
                continue
            file, old, new = change
            text = (district / file).read_text(encoding="utf-8")
            assert old in text
            (district / file).write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(DeclarationError) as caught:
            load_project(district, on=ON)
        return str(caught.value)

    return faults


def test_the_district_loads_with_at_least_forty_indicators_in_its_model() -> None:
    project = load_project(template_folder(), on=ON)
    assert len(project.indicators_of(project.model("escalation"))) >= 40
    assert project.plan(project.model("escalation"), on=ON).digest


def test_the_same_declarations_have_the_same_digest_and_an_edit_changes_it(district: Path) -> None:
    before = load_project(district, on=ON).declarations_digest
    assert before == load_project(template_folder(), on=ON).declarations_digest
    path = district / "features" / "youth.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n# Reviewed.\n", encoding="utf-8")
    assert load_project(district, on=ON).declarations_digest != before


def test_a_group_of_an_agency_that_nobody_declares_is_told_for_its_people_would_not_see_their_own_records(
    faults_with: Callable[..., str],
) -> None:
    group = "\n".join(
        (
            "[access.sign_in]",
            'issuer = "https://login.example"',
            'client_id = "targeting"',
            'address = "http://localhost"',
            "[[access.sign_in.group]]",
            'value = "heads"',
            'role = "panel_member"',
            'agency = "Schools"',
            "[[panel]]",
        )
    )
    told = faults_with(a=("serving/service.toml", "[[panel]]", group))
    assert "serving/service.toml: access.sign_in.group heads: agency: 'Schools' does not exist. Those that do: " in told
    assert "Did you mean schools?" in told


def test_another_signer_makes_no_other_model(district: Path) -> None:
    before = load_project(district, on=ON).declarations_digest
    path = district / "serving" / "signers.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# A new key is due in June.\n", encoding="utf-8")
    assert load_project(district, on=ON).declarations_digest == before


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('facts("person_described").where(column("ethnicity") == "WBRI").exists_for_family()', "ethnicity"),
        ('facts("address_recorded").count_distinct_for_family("ward")', "area"),
        ('facts("treatment_attended").exists_for_family()', "attending treatment never raises risk"),
        ('facts("attendences_term").count_for_family()', "Did you mean attendance_term"),
        ('facts("referral").where(column("primary_need") == "N99").exists_for_family()', "N99"),
    ],
)
def test_an_indicator_that_may_not_be_used_does_not_compile_and_the_message_says_why(
    faults_with: Callable[..., str], value: str, message: str
) -> None:
    told = faults_with(indicator=value)
    assert message in told
    assert "features/youth_test.py:4" in told


def test_a_source_whose_purposes_do_not_cover_the_models_is_refused(faults_with: Callable[..., str]) -> None:
    told = faults_with(purpose=("models/escalation.toml", 'purpose = "early_help"', 'purpose = "debt_collection"'))
    assert "debt_collection" in told


def test_an_expired_review_refuses_every_indicator_that_stands_on_it(district: Path) -> None:
    load_project(district, on=ON)
    with pytest.raises(DeclarationError, match="review"):
        load_project(district, on=date(2035, 1, 1))


def test_a_cohort_that_is_counted_apart_has_to_exist(faults_with: Callable[..., str]) -> None:
    told = faults_with(
        whole=("serving/service.toml", 'cohort = "no_longer_recorded"', 'cohort = "no_longer_recordd"'),
        part=("serving/service.toml", 'cohort = "child_of_school_age"', 'cohort = "pupils"'),
    )
    assert "serving/service.toml: cohort: 'no_longer_recordd' does not exist." in told
    assert "Did you mean no_longer_recorded?" in told
    assert "serving/service.toml: cohort: 'pupils' does not exist." in told


def test_faults_of_several_files_are_told_at_once(faults_with: Callable[..., str]) -> None:
    told = faults_with(
        typo=("models/escalation.toml", "outcome =", "outcom ="),
        cut=("serving/service.toml", "cuts = [0.01,", "cuts = [0.5,"),
        name=("features/outcomes.py", "from targeting", "frm targeting"),
    )
    assert "models/escalation.toml: outcom: no such key." in told
    assert "serving/service.toml: cuts: must rise" in told
    assert "features/outcomes.py:" in told


def test_what_is_wrong_with_wards_their_boundaries_and_the_panels_that_own_them_is_told_too(
    faults_with: Callable[..., str],
) -> None:
    panel = '[[panel]]\nname = "north"\ntitle = "North"\nwards = ["E0"]\n\n[[panel]]\nname = "district"'
    boundaries = 'boundaries = { file = "wards.geojson", code = "WD24CD", source = "Here" }\nversion = "2004"'
    message = faults_with(
        a=("serving/service.toml", '[[panel]]\nname = "district"', panel),
        b=("serving/wards.toml", 'version = "2004"', boundaries),
    )
    assert "serving/service.toml: panel north: the ward 'E0' is not declared in serving/wards.toml." in message
    assert "serving/wards.geojson: the file does not exist." in message


def test_a_case_systems_name_means_one_numbering(faults_with: Callable[..., str]) -> None:
    def declares(source: str, name: str, *systems: str) -> tuple[str, str, str]:
        return (f"features/sources/{source}.py", f'name="{source}",', f'name="{name}", case_systems={systems},')

    told = faults_with(
        a=declares("schools", "schools", "ehm", "police", "request", "sims", "sims"),
        b=declares("housing", "targeting"),
    )
    reserved = "is a word of the service's own: targeting, request. Name it otherwise."
    for place, sentence in (
        ("social_care", "the case system 'ehm' is one of the source 'schools' already. Name it otherwise."),
        ("schools", "the case system 'police' is the name of a source. Name it otherwise."),
        ("schools", f"the case system 'request' {reserved}"),
        ("schools", "the case system 'sims' is one of the source 'schools' already. Name it otherwise."),
        ("housing", f"the source's name 'targeting' {reserved}"),
    ):
        assert re.search(rf"^features/sources/{place}\.py:\d+: {re.escape(sentence)}$", told, re.MULTILINE), told


def test_a_name_that_refers_to_nothing_lists_what_exists(faults_with: Callable[..., str]) -> None:
    told = faults_with(
        cohort=("models/escalation.toml", 'cohort = "not_open_to_social_care"', 'cohort = "not_open_to_social_car"')
    )
    assert "models/escalation.toml: cohort: 'not_open_to_social_car' does not exist." in told
    assert "Did you mean not_open_to_social_care" in told


def test_a_folder_without_the_marker_is_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TargetingError, match=r"holds no targeting\.toml"):
        find_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TargetingError, match=r"no targeting\.toml here or above"):
        find_project(None)


def test_the_nearest_parent_with_the_marker_is_the_project(district: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(district / "features" / "sources")
    assert find_project(None) == district.resolve()


def test_the_template_replaces_declarations_and_leaves_data(district: Path) -> None:
    (district / "var").mkdir()
    (district / "var" / "kept").touch()
    (district / "features" / "stray.py").touch()
    copy_template(district)
    assert (district / "var" / "kept").exists()
    assert not (district / "features" / "stray.py").exists()
