"""What is learned later - a record, a name, a link, an answer, a relationship, an end - changes nothing earlier."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from targeting.linkage.definition import Linkage
from targeting.linkage.people import People
from targeting.linkage.reviews import TABLES
from targeting.store.staging import open_staging

ANSWERED = "insert into review_answers values (?, ?, ?, ?, ?, ?, 'A clerk')"
FIRST = date(2020, 1, 1)
DAYS = 40
AGENCIES = ("council", "clinic", "school", "police")
FAMILIES = (
    # Given name, family name, birth, sex: a couple with three children, two of them twins; a namesake family.
    (
        ("Amina", "Rashid", "1990-05-06", "2"),
        ("Tariq", "Rashid", "1988-02-03", "1"),
        ("Hamza", "Rashid", "2015-08-09", "1"),
        ("Zara", "Rashid", "2018-10-11", "2"),
        ("Safa", "Rashid", "2018-10-11", "2"),
    ),
    (
        ("Aminah", "Rashid", "1990-06-05", "2"),
        ("Tarik", "Rashid", "1989-02-03", "1"),
        ("Hamzah", "Rasheed", "2015-08-08", "1"),
    ),
    (("Kelly", "Booth", "1995-01-20", "2"), ("Kelly", "Booth", "2014-03-30", "2"), ("Max", "Booth", "2019-04-01", "1")),
)


def day(number: int) -> str:
    return str(FIRST + timedelta(days=number))


def messy_district(seed: int) -> tuple[list[str], list[str]]:
    """Return lines of persons and of relationships: several versions a record, names half known, ends."""
    chance = random.Random(seed)
    persons, relationships, first_day = [], [], {}
    for number, family in enumerate(FAMILIES):
        for place, (given, name, born, sex) in enumerate(family):
            for agency in chance.sample(AGENCIES, chance.choice((1, 2, 3))):
                record = f"{agency} {number} {place}"
                for known in sorted(chance.sample(range(DAYS), chance.choice((1, 1, 2)))):
                    first_day.setdefault(record, known)
                    nhs = chance.choice(("", "", f"99900{number:02}{place:03}"))
                    house = chance.choice(("", str(number), str(number), str(10 + number)))
                    birth = chance.choice((born, born, born, ""))
                    line = (record, agency, day(known), chance.choice((given, given, given[:1], "")), name)
                    persons.append(" | ".join((*line, birth, sex, nhs, house, f"BD{number} 1AA" if house else "")))
    for record, other in [(a, b) for a in first_day for b in first_day if a.split()[:2] == b.split()[:2] and a < b]:
        known = max(first_day[record], first_day[other]) + chance.randrange(5)
        adults = [text.endswith((" 0", " 1")) for text in (record, other)]
        kind = "partner_of" if all(adults) else "parent_of" if adults[0] else "sibling_of"
        if chance.random() < 0.8:
            relationships.append(f"{record.split()[0]} | {record} | {other} | {kind} | | {day(known)}")
        if kind == "partner_of" and chance.random() < 0.5:
            ended = day(known + 9)
            relationships.append(f"{record.split()[0]} | {record} | {other} | {kind} | {ended} | {ended}")
    return persons, relationships


def clerks_answers(seed: int, persons: list[str]) -> list[tuple[int, str, str, str, str, str]]:
    """Return rows of `review_answers`: pairs of records of any two persons, answered on any day, some twice."""
    chance = random.Random(seed)
    records = sorted({line.split("|")[0].strip() for line in persons})
    pairs = [tuple(sorted(chance.sample(records, 2))) for _ in range(12)]
    asked = [*pairs, *pairs[:4]]
    days = sorted(day(chance.randrange(DAYS)) for _ in asked)
    return [
        (number, f"pair {number}", *pair, chance.choice(("one", "one", "two")), on)
        for number, (pair, on) in enumerate(zip(asked, days, strict=True))
    ]


def known_by(lines: list[str], column: int, last: str) -> list[str]:
    return [line for line in lines if line.split("|")[column].strip() <= last]


def as_seen_on(people: People, as_of: date) -> tuple[set[Any], set[Any], set[Any]]:
    """Return who is which person and who belongs to which family on a date, and which family became which by then."""
    rows = people.memberships
    within = pc.and_(
        pc.less_equal(rows["visible_from"], pa.scalar(as_of)),
        pc.fill_null(pc.greater_equal(rows["visible_to"], pa.scalar(as_of)), True),
    )
    belongs = rows.filter(within).drop_columns(["visible_from", "visible_to"])
    who = people.assignments
    held = pc.and_(
        pc.less(who["after"], pa.scalar(as_of)), pc.fill_null(pc.greater_equal(who["until"], pa.scalar(as_of)), True)
    )
    return (
        {tuple(row.values()) for row in belongs.to_pylist()},
        {(row["record_id"], row["person_id"]) for row in who.filter(held).to_pylist()},
        {tuple(row.values()) for row in people.successions.to_pylist() if row["from_date"] <= as_of},
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_learned_later_changes_no_earlier_person_and_no_earlier_family(
    district: Callable[..., Any], linkage: Linkage, seed: int
) -> None:
    persons, relationships = messy_district(seed)
    answers = clerks_answers(seed, persons)

    def people(last: str) -> People:
        header = "record | source | known_from | given | family | born | sex | nhs | house | postcode"
        said = "source | record | other | kind | ended_on | knowledge_date"
        known = [header, *known_by(persons, 2, last)], [said, *known_by(relationships, 5, last)]
        made = district(*("\n".join(lines) for lines in known))
        with open_staging(made.data) as staging:
            staging.connection.execute(TABLES)
            for answer in answers:
                if answer[-1] <= last:
                    staging.connection.execute(ANSWERED, answer)
        found: People = made.people(linkage)
        return found

    in_the_end = people(day(DAYS + 20))
    for number in (14, 26):
        then = people(day(number))
        for as_of in (FIRST + timedelta(days=days) for days in range(1, number + 2)):
            assert as_seen_on(then, as_of) == as_seen_on(in_the_end, as_of)
    assert len(pc.unique(in_the_end.assignments["person_id"])) < len(pc.unique(in_the_end.assignments["record_id"]))
    assert in_the_end.assignments["until"].null_count < len(in_the_end.assignments)
    assert len(in_the_end.successions)
