"""Pairs that somebody is asked about: what the reviewer sees, how answers are kept, and what they change from when."""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from targeting.errors import DeclarationError, TargetingError
from targeting.linkage.definition import Linkage
from targeting.linkage.people import People
from targeting.linkage.reviewing import PairPage, pages, read_answers, write_review
from targeting.linkage.reviews import Answer, record_answers, waiting
from targeting.store.identities import Identities
from targeting.store.staging import open_staging

# Common names, and nothing but the birth tells whether the two are one.
PERSONS = """
record   | source | known_from | given  | family | born       | sex | nhs        | house | postcode
olivia   | clinic | 2020-01-01 | Olivia | Smith  | 2015-08-20 | 2   | 9990000018 | =1+1  | BD4 8AA
olivia 2 | school | 2020-02-01 | Olivia | Smith  | 2015-08-20 | 2   |            | 58    | BD20 3AA
sarah    | clinic | 2020-01-01 | Sarah  | Jones  | 1983-09-21 | 2   |            | 9     | BD22 8AA
sarah 2  | police | 2020-02-01 | Sarah  | Jones  | 1983-09-21 | 2   |            | 43    | BD22 7AA
isaac    | clinic | 2020-01-01 | Isaac  | Naylor | 2012-02-02 | 1   |            | 3     | BD1 3AA
isaac 2  | school | 2020-01-01 | Isaac  | Naylor | 2012-02-02 | 1   |            | 3     | BD1 3AA
"""
KEY = bytes(32)


@pytest.fixture(scope="module")
def asked(district: Callable[..., Any], linkage: Linkage) -> Any:
    """Return the district, linked once."""
    made = district(PERSONS)
    made.link(linkage)
    return made


def pages_of(data: Path) -> list[PairPage]:
    with open_staging(data) as staging:
        return pages(waiting(staging), Identities(data, KEY).read())


def page_of(data: Path, given: str) -> PairPage:
    (page,) = (page for page in pages_of(data) if page.left.values["given_name"] == given)
    return page


@pytest.fixture(scope="module")
def answered(district: Callable[..., Any], linkage: Linkage) -> Any:
    """Return another such district in which somebody said one, two and one again of Olivia, and unsure of Sarah."""
    made = district(PERSONS)
    made.link(linkage)
    olivia, sarah = (page_of(made.data, given).pair for given in ("Olivia", "Sarah"))
    said = (
        (olivia, "one", "2020-05-01"),
        (olivia, "two", "2020-06-01"),
        (olivia, "one", "2020-07-01"),
        (sarah, "unsure", "2020-05-01"),
    )
    with open_staging(made.data) as staging:
        given = [Answer(pair, what, "A. Reviewer", date.fromisoformat(on)) for pair, what, on in said]  # type: ignore[arg-type]
        record_answers(staging, given)
    made.link(linkage)
    return made


def together(people: People, record: str, other: str) -> list[tuple[date, date | None]]:
    """Return from when until when the two records are one person."""
    rows = people.assignments.to_pylist()
    ids = {row["person_id"] for row in rows if row["record_id"] == record}
    return [(row["after"], row["until"]) for row in rows if row["record_id"] == other and row["person_id"] in ids]


def test_the_file_shows_what_a_reviewer_needs_and_no_number_and_no_formula(asked: Any, tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    write_review(path, pages_of(asked.data))
    text = path.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(row["given name 1"] for row in rows) == ["Olivia", "Sarah"]
    assert "9990000018" not in text
    (row,) = (row for row in rows if row["given name 1"] == "Olivia")
    shown = {name: row[name] for name in ("answer", "born 2", "sex 1", "house 1", "agency 2", "NHS number", "UPN")}
    assert shown == {
        "answer": "",
        "born 2": "2015-08-20",
        "sex 1": "female",
        "house 1": "'=1+1",
        "agency 2": "school",
        "NHS number": "missing in one",
        "UPN": "missing in both",
    }


def test_an_answer_holds_from_its_date_until_another_is_given(answered: Any, linkage: Linkage) -> None:
    people = answered.people(linkage)
    assert together(people, "olivia", "olivia 2") == [
        (date(2020, 5, 1), date(2020, 6, 1)),
        (date(2020, 7, 1), None),
    ]
    assert together(people, "sarah", "sarah 2") == []
    assert together(people, "isaac", "isaac 2") == [(date(2020, 1, 1), None)]


def test_who_answered_what_and_when_is_kept_and_nobody_is_asked_again(answered: Any) -> None:
    assert pages_of(answered.data) == []
    with open_staging(answered.data) as staging:
        rows = staging.table("select answer, answered_on, answered_by from review_answers order by number").to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("one", date(2020, 5, 1), "A. Reviewer"),
        ("two", date(2020, 6, 1), "A. Reviewer"),
        ("one", date(2020, 7, 1), "A. Reviewer"),
        ("unsure", date(2020, 5, 1), "A. Reviewer"),
    ]


def test_answers_are_read_from_the_file_and_all_faults_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    path.write_text("pair,answer\nabc,ONE \ndef,\nghi,perhaps\njkl,no\n", encoding="utf-8")
    with pytest.raises(DeclarationError) as told:
        read_answers(path, answered_by="A. Reviewer", answered_on=date(2020, 5, 1))
    assert str(told.value) == (
        f"{path}: line 4: the answer is none of one, two, unsure.\n"
        f"{path}: line 5: the answer is none of one, two, unsure."
    )
    path.write_text("pair,answer\nabc,ONE \ndef,\n", encoding="utf-8")
    (only,) = read_answers(path, answered_by="A. Reviewer", answered_on=date(2020, 5, 1))
    assert only == Answer("abc", "one", "A. Reviewer", date(2020, 5, 1))


def test_an_answer_to_no_pair_or_of_nobody_is_refused(asked: Any) -> None:
    with open_staging(asked.data) as staging:
        given = [Answer("abc", "one", " ", date(2020, 5, 1))]
        with pytest.raises(TargetingError) as told:
            record_answers(staging, given)
    assert str(told.value) == (
        "An answer needs a name: who gives it? Say so with --as NAME.\n"
        "abc: no such pair to be reviewed. `targeting link --review FILE` writes those that there are."
    )
