"""The commands beside the service: tokens, sign-in links, the audit log, the off switch, backups, exports."""

import csv
import io
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from targeting.asgi import create_app
from targeting.commands.app import app
from targeting.commands.serve import sign_in_links
from targeting.errors import TargetingError
from targeting.serving.decisions import Decision
from targeting.serving.keeping.exporting import (
    DECISION_COLUMNS,
    EARLIER_COLUMNS,
    Named,
    handed_back,
    harmless,
    nightly_file,
)
from targeting.serving.published import read_list
from targeting.serving.sentences import NO_ESTIMATE, PROMPT
from targeting.serving.suspended import shown_now
from targeting.store.contents import PERSON_RECORDS
from targeting.store.generations import open_generation
from targeting.store.identities import identity_key
from targeting.store.pseudonyms import record_ids

Run = Callable[..., Result]
FORMULA = '=HYPERLINK("http://evil.example")'


@pytest.fixture
def run(project: Path, tmp_path: Path) -> Run:
    """Return a function that runs a command on the project; it raises what the command raises."""
    (project / "models").mkdir()
    (project / "models" / "escalation.toml").touch()

    def invoke(*arguments: str, sent: str = "") -> Result:
        return CliRunner().invoke(
            app, ["--project", str(project), *arguments], input=sent, catch_exceptions=False, standalone_mode=False
        )

    return invoke


def said(result: Result) -> str:
    """Return what a command printed, on one line."""
    return " ".join(result.output.split())


def test_a_printed_token_opens_the_api_and_a_printed_link_the_pages(run: Run, project: Path, client_over):
    client = client_over(create_app(project))
    token = run("token", "--as", "chair").output.strip()
    assert client.get("/v1/lists", headers={"authorization": f"Bearer {token}"}).status_code == 200
    link = run("sign-in", "--as", "chair", "--address", "").output.strip()
    assert client.get(link).status_code == 303
    with pytest.raises(TargetingError, match=r"^the role 'boss' does not exist\. Those that do: administrator, "):
        run("token", "--as", "boss")
    with pytest.raises(TargetingError, match="'integration_client' is for programs, not people: `targeting token --as"):
        run("sign-in", "--as", "integration_client")


TWO_PANELS = """
model = "escalation"
[[panel]]
name = "north"
title = "North"
wards = ["A"]
[[panel]]
name = "district"
title = "The rest"
[[list]]
name = "offer"
title = "Offer"
cohort = "all"
"""


def test_where_there_are_several_panels_links_and_tokens_are_of_one(run: Run, project: Path, client_over):
    (project / "serving" / "service.toml").write_text(TWO_PANELS)
    client = client_over(create_app(project))

    def seen(*named: str) -> int:
        token = run("token", "--as", *named).output.strip()
        return len(client.get("/v1/lists", headers={"authorization": f"Bearer {token}"}).json()["items"])

    assert seen("chair", "--panel", "district") == seen("governance") > 0
    assert seen("chair", "--panel", "north") == 0
    for command in ("token", "sign-in"):
        with pytest.raises(
            TargetingError, match=r"'chair' reads what its panel does: name it with --panel\. There are: "
        ):
            run(command, "--as", "chair")
        with pytest.raises(TargetingError, match=r"the panel 'east' does not exist\. Those that do: district, north"):
            run(command, "--as", "chair", "--panel", "east")
    assert client.get(run("sign-in", "--as", "chair", "--panel", "north", "--address", "").output.strip()).is_redirect
    links = sign_in_links(project, "")
    assert [name for name in links if "," in name] == [
        *("panel member, north", "panel member, district", "chair, north", "chair, district"),
        *("business support, north", "business support, district"),
    ]
    assert {"governance", "manager", "administrator", "data scientist"} == {name for name in links if "," not in name}


def test_the_off_switch_leaves_its_event_and_the_log_verifies(run: Run, project: Path, client_over):
    client = client_over(create_app(project))
    run("suspend", "escalation", "--because", "A floor was breached", "--as", "gov")
    token = run("token", "--as", "chair").output.strip()
    headers = {"authorization": f"Bearer {token}"}
    listed = client.get("/v1/lists", headers=headers).json()["items"][0]["id"]
    flag = client.get(f"/v1/lists/{listed}/flags", headers=headers).json()["items"][0]
    assert flag["suspended"]["why"] == "A floor was breached"
    verified = run("audit-log", "--verify")
    assert said(verified).startswith("2 events, none changed, removed or forged.")
    with pytest.raises(TargetingError, match=r"models/other\.toml does not exist"):
        run("suspend", "other", "--because", "x", "--as", "gov")


@pytest.mark.parametrize(
    "empty", [("--because", " ", "--as", "gov"), ("--because", "A floor was breached", "--as", "")]
)
def test_nobody_suspends_without_a_name_and_a_reason(run: Run, project: Path, empty: tuple[str, ...]):
    with pytest.raises(typer.BadParameter, match="must not be empty: it is kept, and others read it"):
        run("suspend", "escalation", *empty)
    assert not (project / "var" / "suspended.json").exists()


def test_what_is_published_is_read_while_a_declaration_is_being_changed(run: Run, project: Path, district):
    (project / "features").mkdir(exist_ok=True)
    (project / "features" / "half_written.py").write_text("half =")
    published = district.lists[0]
    flag = published.flags[0]
    assert flag.id in run("list", "--json").output
    assert flag.id in run("list", published.head.id, "--json").output
    assert flag.id in run("explain", flag.id, "--json").output
    assert flag.family_id in run("passport", flag.id).output


def test_a_backup_is_drilled(run: Run, project: Path, tmp_path: Path):
    run("suspend", "escalation", "--because", "x", "--as", "gov")
    made = run("backup", str(tmp_path / "kept" / "monday"))
    assert "the audit log holds throughout, up to event 1." in said(made)
    with pytest.raises(TargetingError, match="a backup holds no keys: name their folder with --keys"):
        run("restore", str(tmp_path / "kept" / "monday"))
    shutil.move(project / "var", tmp_path / "lost")
    restored = run("restore", str(tmp_path / "kept" / "monday"), "--keys", str(tmp_path / "lost" / "keys"))
    assert "the audit log holds throughout, up to event 1." in said(restored)
    assert files_in(project / "var") == files_in(tmp_path / "lost")


def test_after_the_key_is_rotated_lists_are_served_and_the_log_verifies(run: Run, project: Path, client_over):
    rotated = run("rotate-key", "--as", "Ada")
    assert "Keep a copy of it apart" in said(rotated)
    client, token = client_over(create_app(project)), run("token", "--as", "chair").output.strip()
    assert client.get("/v1/lists", headers={"authorization": f"Bearer {token}"}).status_code == 200
    assert said(run("audit-log", "--verify")).startswith("1 event, none changed, removed or forged.")


def test_nobody_rotates_the_key_without_a_name(run: Run, project: Path):
    before = files_in(project / "var")
    with pytest.raises(typer.BadParameter, match="must not be empty: it is kept, and others read it"):
        run("rotate-key", "--as", " ")
    assert files_in(project / "var") == before


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file but locks and what SQLite keeps for itself."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files if ".sqlite" not in path.name}


CONTACT = {"first_contact_on": "2026-04-02", "first_contact_by": "youth_worker"}


SOCIAL_CARE = """
from datetime import date

from targeting.sources.definition import Agreement, Source

social_care = Source(
    name="social_care", agency="social care", folder="social_care", tier="council", controller="", gateway="",
    purposes=frozenset({"early_help"}), confidentiality="", may_show_to=frozenset({"panel"}), retention_years=7,
    agreement=Agreement(reference="", expires_on=date(2027, 3, 31)), coverage=(), extracts=(),
    case_systems=("lcs", "ehm"),
)
"""


@pytest.fixture
def numbered(project: Path) -> Path:
    """Return the project, in which social care, with two case systems, has an id of everybody: `absent child`."""
    (project / "features" / "sources").mkdir(parents=True)
    (project / "features" / "sources" / "social_care.py").write_text(SOCIAL_CARE)
    generation = open_generation(project / "var")
    people = sorted(set(generation.memberships()["person_id"].to_pylist()))
    ids = pa.array([each.removeprefix("p_").replace("_", " ") for each in people])
    records = record_ids(ids, source="social_care", identity_key=identity_key(project / "var"))
    rows = [(each, whose, date(2019, 1, 1), None) for each, whose in zip(records.to_pylist(), people, strict=True)]
    table = pa.table(list(map(list, zip(*rows, strict=True))), schema=PERSON_RECORDS).sort_by("record_id")
    path = generation.path / "person_records.parquet"
    path.unlink()
    pq.write_table(table, path)
    return project


def test_decisions_go_out_and_come_back_by_file(run: Run, numbered: Path, tmp_path: Path, district, client_over):
    flag = district.lists[0].flags[0]
    child = f"{flag.family_id.removeprefix('f_')} child"
    written = run("export", "--for", "ehm", "--to", str(tmp_path / "out.csv"), sent=f"{child}\nunheard\n")
    assert said(written).startswith("1 family in ")
    assert said(written).endswith("; of 2 people named.")
    (exported,) = csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text()))
    assert (exported["person_id"], exported["flag_id"], exported["decision_revision"]) == (child, flag.id, "0")
    row = dict.fromkeys(DECISION_COLUMNS, "") | {
        "flag_id": exported["flag_id"],
        "instead_of": exported["decision_revision"],
        "decided_by": "ada",
        "role": "chair",
        "decision": "no_contact_needed_now",
        "reason": "Already supported by the school.",
        "threshold_level": "universal",
        "agreement": "not_sought_yet",
        "owner": "school",
        "due_date": "2026-04-13",
    }
    (tmp_path / "handed" / "decisions").mkdir(parents=True)
    file = tmp_path / "handed" / "decisions" / "social_care.csv"

    def write(*rows: dict[str, str]) -> None:
        with file.open("w", newline="") as opened:
            writer = csv.DictWriter(opened, DECISION_COLUMNS)
            writer.writeheader()
            writer.writerows(rows)

    write(row)
    assert "1 decision recorded." in said(run("load", str(file.parents[1])))
    again = run("load", str(file.parents[1]), "--json")
    assert '"decisions": { "recorded": 0, "stale": 1 }' in said(again)
    late = run("load", str(file.parents[1]))
    assert "0 decisions recorded. 1 decision is left out: another was made since." in said(late)
    write(row | {"instead_of": "1", "reason": "And by a youth worker.", **CONTACT})
    assert "1 decision recorded." in said(run("load", str(file.parents[1])))
    run("export", "--for", "ehm", "--to", str(tmp_path / "out.csv"), sent=child)
    assert [each["decision_revision"] for each in csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text()))] == [
        "2"
    ]
    client, token = client_over(create_app(numbered)), run("token", "--as", "chair").output.strip()
    headers = {"authorization": f"Bearer {token}"}
    asked = {"system": "ehm", "value": child}
    (found,) = client.send("POST", "/v1/families/lookup", json=asked, headers=headers).json()["flags"]
    decided = client.get(f"/v1/flags/{found['id']}/decision", headers=headers).json()
    assert (decided["revision"], decided["decision"]["content"]["reason"]) == (2, "And by a youth worker.")
    for told in ({"first_contact_on": "2026-03-29"}, {"first_contact_on": "2999-01-01"}):
        write(row | {"instead_of": "2"} | CONTACT | told)
        with pytest.raises(
            TargetingError, match=r"^decisions/social_care\.csv: row 2: The first contact was on or after"
        ):
            run("load", str(file.parents[1]))
    write(row | {"flag_id": "g_unknown"})
    with pytest.raises(TargetingError, match="1 of the flags named is on no published list; nothing was recorded"):
        run("load", str(file.parents[1]))
    write(
        row | {"due_date": "soon", "decision": "ignore", "first_contact_by": "Ash"},
        row | {"decision": "offer_help"},
        row | {"instead_of": "x"},
    )
    with pytest.raises(TargetingError) as raised:
        handed_back(file.read_text())
    assert str(raised.value).splitlines() == [
        "row 2: decision: does not fit what a decision may hold.",
        "row 2: due_date: does not fit what a decision may hold.",
        "row 2: first_contact: does not fit what a decision may hold.",
        "row 3: Help is offered only once somebody has said who may be contacted safely, how, and when not.",
        "row 4: instead_of: has to be the revision that was read, 0 for none.",
    ]


def test_what_a_file_says_nothing_of_stays_as_it_was_recorded():
    before = Decision.model_validate(
        {
            "decision": "offer_help",
            "reason": "Mornings are hard.",
            "first_view": "refer_up",
            "threshold_level": "early_help",
            "children": [{"child": "the elder", "impact": "Often late", "voice": None}],
            "agreement": "agreed",
            "safe_contact": {"who": "the mother", "how": "by telephone", "when_not": ""},
            "best_placed": "the grandmother",
            "owner": "ada",
            "due_date": "2026-04-13",
            "first_contact": {"contacted_on": "2026-04-02", "by": "midwife"},
            "follow_ups": [{"months": 3, "outcome": "needs_met", "noted_on": "2026-07-01"}],
        }
    )
    said_in_file = {"decision": "already_getting_the_right_help", "reason": "The school helps.", "owner": "school"}
    row = ("g_1", "1", "ada", "chair", *said_in_file.values(), "universal", "agreed", "", "", "", "2026-05-01")
    columns = ("flag_id", "instead_of", "decided_by", "role", *said_in_file, "threshold_level", "agreement")
    columns += ("safe_contact_who", "safe_contact_how", "safe_contact_when_not", "due_date")
    named = dict(zip(columns, row, strict=True))
    # As systems wrote it before the first contact could be told.
    (back,) = handed_back(",".join(EARLIER_COLUMNS) + "\n" + ",".join(named[each] for each in EARLIER_COLUMNS))
    expected = (
        before.model_dump(mode="json") | said_in_file | {"threshold_level": "universal", "due_date": "2026-05-01"}
    )
    assert back.after(before).model_dump(mode="json") == expected | {"safe_contact": None}
    assert back.after(None) == back.content


def test_the_nightly_file_names_people_by_the_systems_own_ids_alone(run: Run, numbered: Path, tmp_path: Path):
    existing = "centres, ehm, lcs, police, schools, social_care. Did you mean ehm?"
    with pytest.raises(
        TargetingError, match=rf"^the system 'ehmm' does not exist\. Those that do: {re.escape(existing)}$"
    ):
        run("export", "--for", "ehmm", "--to", str(tmp_path / "out.csv"))
    ids = "absent child\n\nboth mother\nunheard\n"
    files = {}
    for system in ("lcs", "ehm", "social_care", "schools"):
        said(run("export", "--for", system, "--to", str(tmp_path / "out.csv"), sent=ids))
        files[system] = (tmp_path / "out.csv").read_text()
    assert files["lcs"] == files["ehm"] == files["social_care"] != files["schools"]
    assert {each["person_id"] for each in csv.DictReader(io.StringIO(files["ehm"]))} == {"absent child", "both mother"}
    assert list(csv.DictReader(io.StringIO(files["schools"]))) == []
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600


def test_the_nightly_file_is_of_the_panels_that_are_named(run: Run, project: Path, tmp_path: Path):
    asked = ("export", "--for", "social_care", "--to", str(tmp_path / "out.csv"))
    people = "\n".join(f"p{number}" for number in range(20))
    (project / "serving" / "service.toml").write_text(TWO_PANELS)
    with pytest.raises(TargetingError, match="'integration_client' reads what its panel does: name it with --panel"):
        run(*asked, sent=people)
    with pytest.raises(TargetingError, match="the panel 'east' does not exist"):
        run(*asked, "--panel", "east", sent=people)
    # The lists were published while the district had one panel.
    with pytest.raises(TargetingError, match="the current lists are of no panel that was named"):
        run(*asked, "--panel", "north", sent=people)
    assert "of 20 people named." in said(run(*asked, "--panel", "north", "--panel", "district", sent=people))


def test_while_flags_are_suspended_the_nightly_file_says_so_and_estimates_nothing(
    run: Run, numbered: Path, tmp_path: Path
):
    out = tmp_path / "out.csv"

    def told(column: str) -> set[str]:
        run("export", "--for", "ehm", "--to", str(out), sent="absent child\nboth mother\n")
        return {each[column] for each in csv.DictReader(io.StringIO(out.read_text()))}

    assert told("notice") == {PROMPT}
    run("suspend", "escalation", "--because", "A floor was breached.", "--as", "gov")
    assert told("band") == {NO_ESTIMATE}
    (notice,) = told("notice")
    assert re.match(r"Suspended since \d+ \w+ \d{4}: A floor was breached\. Nobody acts", notice)


def test_no_cell_of_the_nightly_file_is_a_formula(district, project: Path):

    published = read_list(project / "var", district.lists[0].head.id)
    family = published.flags[0].family_id
    named = [Named(person_id=FORMULA, family_id=family), Named(person_id="7", family_id="f_not_listed")]
    text = nightly_file(
        [shown_now(project / "var", published)], named, {published.flags[0].id: 2}, address="http://127.0.0.1:8000"
    )
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["person_id"], row["flag_id"], row["decision_revision"]) == (f"'{FORMULA}", published.flags[0].id, "2")
    assert row["link"] == f"http://127.0.0.1:8000/flags/{published.flags[0].id}"
    assert family not in text
    assert [harmless(each) for each in ("+1", "-1", "@a", "\ta", "a=1", "")] == ["'+1", "'-1", "'@a", "'\ta", "a=1", ""]
