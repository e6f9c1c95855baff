"""How far children's centres reach: counted by hand over a few children, and put into the review's bands."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from targeting.features.dates import day_number
from targeting.serving.district.bands import band_of
from targeting.serving.district.centre_reach import reached_in
from targeting.serving.wards import wards_in
from targeting.store.blocks import OPEN_DAY, FactRows, LinkRows, MemberRows, Shard

AS_OF = date(2026, 3, 30)
# Who belongs to which family, from birth; an adult has no ward of its own.
PEOPLE = """
family | person | child | born
f_a    | ann    | yes   | 2023-05-01
f_a    | bea    | yes   | 2015-05-01
f_a    | ma     |       | 1990-01-01
f_b    | bob    | yes   | 2022-05-01
f_b    | cat    | yes   | 2026-03-01
f_b    | mb     |       | 1990-01-01
f_c    | dan    | yes   | 2021-03-31
f_c    | eve    | yes   | 2021-03-20
"""
# ann came herself twice, and once her mother did; bob's mother came on three days before he was born, and twice since,
# once of them on a day on which he came too; cat is not registered; dan's registration is known too late.
FACTS = """
kind     | person | event      | known
address  | ann    | 2023-06-01 | 2023-06-01
address  | bob    | 2023-06-01 | 2023-06-01
register | ann    | 2023-06-01 | 2023-06-02
register | bea    | 2016-06-01 | 2016-06-02
register | bob    | 2022-06-01 | 2022-06-02
register | eve    | 2022-06-01 | 2022-06-02
register | dan    | 2026-03-20 | 2026-03-31
came     | ann    | 2024-01-08 | 2024-01-09
came     | ann    | 2024-01-15 | 2024-01-16
came     | ma     | 2024-02-05 | 2024-02-06
came     | mb     | 2021-01-04 | 2021-01-05
came     | mb     | 2021-01-11 | 2021-01-12
came     | mb     | 2021-01-18 | 2021-01-19
came     | mb     | 2023-01-09 | 2023-01-10
came     | bob    | 2023-01-09 | 2023-01-10
came     | mb     | 2023-01-16 | 2023-01-17
"""
KINDS = {"address_recorded": "address", "childrens_centre_registered": "register", "childrens_centre_attended": "came"}
WARDS = ("Ash", "Birch")


def rows(text: str) -> list[dict[str, str]]:
    header, *lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [dict(zip(header, line, strict=True)) for line in lines]


def days(values: list[str]) -> Any:
    return np.array([day_number(date.fromisoformat(each)) for each in values], dtype=np.int32)


def a_shard() -> Shard:
    people = rows(PEOPLE)
    families, persons = sorted({each["family"] for each in people}), sorted(each["person"] for each in people)
    by_person = {each["person"]: each for each in people}

    def placed(names: list[str]) -> dict[str, Any]:
        of = [by_person[name] for name in names]
        return {
            "family": np.array([families.index(each["family"]) for each in of], dtype=np.int32),
            "person": np.array([persons.index(each["person"]) for each in of], dtype=np.int32),
            "birth": days([each["born"] for each in of]),
            "is_child": np.array([each["child"] == "yes" for each in of], dtype=np.int8),
        }

    def read(kind: str, _columns: object) -> FactRows:
        told = [each for each in rows(FACTS) if each["kind"] == KINDS[kind]]
        known = days([each["known"] for each in told])
        return FactRows(
            kind=kind,
            **placed([each["person"] for each in told]),
            fact_id=np.arange(len(told)),
            event=days([each["event"] for each in told]),
            knowledge=known,
            visible_from=known + 1,
            visible_to=np.full(len(told), OPEN_DAY),
            source=np.zeros(len(told), dtype=np.int16),
            columns={"ward": np.arange(len(told), dtype=np.int32)} if kind == "address_recorded" else {},
            vocabularies={"ward": WARDS},
        )

    belongs = placed([each["person"] for each in people])
    always = {"visible_from": belongs["birth"], "visible_to": np.full(len(people), OPEN_DAY)}
    none = np.zeros(0, dtype=np.int32)
    links = LinkRows(none, none, none.astype(np.int16), none, none, none, none.astype(np.int8))
    members = MemberRows(**belongs, **always)
    return Shard(np.array(families), np.array(persons), ("centres",), members, links, read)


def test_each_child_under_five_is_told_once_with_its_ward_and_how_far_centres_reached_it() -> None:
    shard = a_shard()
    assert reached_in(shard, wards_in(shard, AS_OF), AS_OF) == {
        # bea is ten, and eve turned five ten days ago; nobody knows where dan lives.
        "ann": ("Ash", 3),
        "bob": ("Birch", 2),
        "cat": ("Birch", 0),
        "dan": ("", 0),
    }


# The council's review of 2016: red below, amber, green, dark green from.
@pytest.mark.parametrize(
    ("measure", "shares"),
    [
        ("registered", {"red": (0, 59.9), "amber": (60, 79.9), "green": (80, 96.9), "dark green": (97, 100)}),
        ("attended", {"red": (0, 39.9), "amber": (40, 64.9), "green": (65, 79.9), "dark green": (80, 100)}),
        ("engaged", {"red": (0, 39.9), "amber": (40, 64.9), "green": (65, 79.9), "dark green": (80, 100)}),
    ],
)
def test_the_bands_are_those_of_the_review(measure: Any, shares: Any) -> None:
    assert {band: {band_of(measure, each) for each in ends} for band, ends in shares.items()} == {
        band: {band} for band in shares
    }


def test_a_share_lies_in_the_band_of_what_is_shown_of_it() -> None:
    assert (band_of("registered", 96.94), band_of("registered", 96.96)) == ("green", "dark green")
