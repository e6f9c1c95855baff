"""A sealed family: nothing of it is in a generation, whichever agency knows of it; everybody else is as before."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from targeting.linkage.definition import Linkage
from targeting.store.generations import open_generation
from targeting.store.staging import open_staging

# Jodie left Gary for a refuge in June 2020 with Alfie; Gary stays where they lived, with Bea, his daughter.
PERSONS = """
record | source  | known_from | given | family  | born       | sex | nhs        | house | postcode
jodie  | council | 2020-01-01 | Jodie | Firth   | 1990-01-01 | 2   | 9990000018 | 1     | BD1 1AA
gary   | council | 2020-01-01 | Gary  | Sykes   | 1988-01-01 | 1   | 9990000026 | 1     | BD1 1AA
alfie  | council | 2020-01-01 | Alfie | Sykes   | 2015-01-01 | 1   | 9990000034 | 1     | BD1 1AA
bea    | council | 2020-01-01 | Bea   | Sykes   | 2009-01-01 | 2   | 9990000042 | 1     | BD1 1AA
refuge | housing | 2020-06-10 | Jodie | Firth   | 1990-01-01 | 2   | 9990000018 |       |
pupil  | school  | 2020-09-01 | Alfie | Sykes   | 2015-01-01 | 1   | 9990000034 |       |
other  | council | 2020-01-01 | Nora  | Sutton  | 1985-05-05 | 2   | 9990000050 | 9     | BD9 1AA
"""
RELATIONSHIPS = """
source  | record | other | kind       | ended_on   | knowledge_date
council | jodie  | gary  | partner_of |            | 2020-01-01
council | jodie  | alfie | parent_of  |            | 2020-01-01
council | gary   | bea   | parent_of  |            | 2020-01-01
council | jodie  | gary  | partner_of | 2020-06-01 | 2020-06-01
"""
MOVED = """
fact_id | record | source  | event_date | knowledge_date
1       | jodie  | council | 2020-02-01 | 2020-02-01
2       | pupil  | school  | 2020-10-01 | 2020-10-01
3       | gary   | council | 2020-02-01 | 2020-02-01
4       | other  | council | 2020-02-01 | 2020-02-01
"""
MARK = """
fact_id | record | source  | event_date | knowledge_date | superseded_on | handling
9       | refuge | housing | 2020-06-05 | 2020-06-10     | {until}       | sealed
"""


def marked(until: str = "") -> dict[str, str]:
    return {"moved_out": MOVED, "identity_protected": MARK.format(until=until)}


def written(data: Path) -> str:
    """Return all that the current generation's tables of people and facts hold, as text."""
    generation = open_generation(data)
    tables = (
        generation.memberships(),
        generation.agency_links(),
        generation.person_records(),
        generation.successions(),
        generation.facts("moved_out"),
    )
    return "\n".join(str(row) for table in tables for row in table.to_pylist())


def persons_by_record(data: Path) -> dict[str, str]:
    return {row["record_id"]: row["person_id"] for row in open_generation(data).person_records().to_pylist()}


def test_nothing_of_a_sealed_family_is_written_and_everybody_else_stays(
    district: Callable[..., Any], linkage: Linkage
) -> None:
    known = district(PERSONS, RELATIONSHIPS, facts={"moved_out": MOVED})
    known.link(linkage)
    person = persons_by_record(known.data)
    families = open_generation(known.data).memberships().to_pylist()
    theirs = {row["family_id"] for row in families if row["person_id"] == person["jodie"] and not row["visible_to"]}
    assert person["jodie"] == person["refuge"]
    assert person["alfie"] == person["pupil"]

    report = district(PERSONS, RELATIONSHIPS, facts=marked(), data=known.data).link(linkage)
    text = written(known.data)
    assert report.sealed == 2
    assert set(persons_by_record(known.data)) == {"gary", "bea", "other"}
    assert [each for each in (person["jodie"], person["alfie"], *theirs, "'school'", "'housing'") if each in text] == []
    assert [row["fact_id"] for row in open_generation(known.data).facts("moved_out").to_pylist()] == [3, 4]
    assert person["gary"] in text
    assert person["bea"] in text


def test_the_marks_themselves_are_in_no_generation(district: Callable[..., Any], linkage: Linkage) -> None:
    known = district(PERSONS, RELATIONSHIPS, facts=marked())
    known.link(linkage)
    generation = open_generation(known.data)
    assert generation.facts("moved_out").num_rows == 2
    assert generation.facts("identity_protected").num_rows == 0


def test_a_mark_that_was_withdrawn_seals_nobody(district: Callable[..., Any], linkage: Linkage) -> None:
    known = district(PERSONS, RELATIONSHIPS, facts=marked(until="2020-07-01"))
    assert known.link(linkage).sealed == 0
    assert {"jodie", "refuge", "alfie", "pupil"} <= set(persons_by_record(known.data))


@pytest.mark.parametrize("matched", [True, False])
def test_a_district_that_matches_nobody_seals_the_marked_record(
    district: Callable[..., Any], linkage: Linkage, matched: bool
) -> None:
    known = district(PERSONS, facts=marked())
    report = known.link(linkage if matched else Linkage(method="each_person_alone"))
    records = set(persons_by_record(known.data))
    assert report.sealed == 1
    assert "refuge" not in records
    assert ("jodie" in records) is not matched


def test_the_identities_stay_where_link_alone_reads_them(district: Callable[..., Any], linkage: Linkage) -> None:
    known = district(PERSONS, RELATIONSHIPS, facts=marked())
    known.link(linkage)
    with open_staging(known.data) as staging:
        assert len(staging.facts("identity_protected")) == 1
        assert len(staging.person_records()) == 7
