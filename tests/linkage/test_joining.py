"""Which records are one person's: agreement through typing errors, and what keeps two alike persons apart."""

from collections.abc import Callable
from typing import Any

import pytest

from targeting.linkage.definition import Linkage

HEADER = "record | source | known_from | given | family | born | sex | nhs | house | postcode"

# Each pair has names, dates and addresses that no other pair has, so that all can be linked in one go.
ONE_PERSON = {
    "a transliterated name": (
        "Ayesha   | Mahmood | 2014-03-02 | 2 | | 1 | BD3 1AA",
        "Aisha    | Mahmud  | 2014-03-02 | 2 | | 1 | BD3 1AA",
    ),
    "a nickname": (
        "Elizabeth | Sutcliffe | 1988-07-21 | 2 | | 2 | BD3 2AA",
        "Beth      | Sutcliffe | 1988-07-21 | 2 | | 2 | BD3 2AA",
    ),
    "half of a double name": (
        "Mohammed Usman | Latif         | 2011-01-30 | 1 | | 3 | BD3 3AA",
        "Usman          | Latif-Bashir  | 2011-01-30 | 1 | | 3 | BD3 3AA",
    ),
    "an initial": (
        "Kieran | Murgatroyd | 2009-11-05 | 1 | | 4 | BD3 4AA",
        "K      | Murgatroyd | 2009-11-05 | 1 | | 4 | BD3 4AA",
    ),
    "names in each other's place": (
        "Farzana | Riaz    | 1990-02-14 | 2 | | 5 | BD3 5AA",
        "Riaz    | Farzana | 1990-02-14 | 2 | | 5 | BD3 5AA",
    ),
    "day and month swapped": (
        "Imogen | Crabtree | 2012-04-09 | 2 | | 6 | BD3 6AA",
        "Imogen | Crabtree | 2012-09-04 | 2 | | 6 | BD3 6AA",
    ),
    "one digit of the birth wrong": (
        "Callum | Hargreaves | 2010-06-17 | 1 | | 7 | BD3 7AA",
        "Callum | Hargreaves | 2010-06-11 | 1 | | 7 | BD3 7AA",
    ),
    "only the year of birth known": (
        "Dorota | Wisniewska | 1985-10-23 | 2 | | 8 | BD3 8AA",
        "Dorota | Wiśniewska | 1985-01-01 | 2 | | 8 | BD3 8AA",
    ),
    "no birth, the same name and address": (
        "Tanya | Holdsworth | 1979-12-12 | 2 | | 9 | BD3 9AA",
        "Tanya | Holdsworth |            | 2 | | 9 | BD3 9AA",
    ),
    "a move": (
        "Rosie | Bairstow | 2015-05-25 | 2 | | 10 | BD4 1AA",
        "Rosie | Bairstow | 2015-05-25 | 2 | | 77 | BD9 7ZZ",
    ),
    "a slip of the key in a short name": (
        "Hannah | Feather | 1984-07-02 | 2 | | 12 | BD4 3AA",
        "Hnnah  | Feather | 1984-07-02 | 2 | | 12 | BD4 3AA",
    ),
    "a Polish short form": (
        "Agnieszka | Nowak | 1992-05-30 | 2 | | 13 | BD4 4AA",
        "Aga       | Nowak | 1992-05-30 | 2 | | 13 | BD4 4AA",
    ),
    "another spelling that sounds otherwise": (
        "Kathryn   | Barker | 1986-07-07 | 2 | | 14 | BD4 5AA",
        "Catherine | Barker | 1986-07-07 | 2 | | 14 | BD4 5AA",
    ),
    "a birth some days out, over the end of a month": (
        "Frankie | Ramsden | 2015-11-09 | 1 | | 15 | BD4 6AA",
        "Frankie | Ramsden | 2015-10-30 | 1 | | 15 | BD4 6AA",
    ),
    "a married name, the same number": (
        "Heather | Clough | 1991-08-03 | 2 | 9990000018 | 11 | BD4 2AA",
        "Heather | Tordoff | 1991-08-03 | 2 | 9990000018 | 78 | BD9 8ZZ",
    ),
}
TWO_PERSONS = {
    "twins": (
        "Amira | Chowdhury | 2016-02-08 | 2 | | 21 | BD5 1AA",
        "Sadia | Chowdhury | 2016-02-08 | 2 | | 21 | BD5 1AA",
    ),
    "twins, boy and girl, of names alike": (
        "Amir  | Ghani | 2016-02-09 | 1 | | 22 | BD5 2AA",
        "Amira | Ghani | 2016-02-09 | 2 | | 22 | BD5 2AA",
    ),
    "a mother and her daughter of one name": (
        "Grace | Shackleton | 1984-09-19 | 2 | | 23 | BD5 3AA",
        "Grace | Shackleton | 2013-03-27 | 2 | | 23 | BD5 3AA",
    ),
    "a mother and her daughter of one name and one birthday": (
        "Grace | Waddington | 1984-09-19 | 2 | | 28 | BD6 1AA",
        "Grace | Waddington | 2014-09-19 | 2 | | 28 | BD6 1AA",
    ),
    "twins whose names are one letter apart": (
        "Amina | Shah | 2016-03-18 | 2 | | 29 | BD6 2AA",
        "Amira | Shah | 2016-03-18 | 2 | | 29 | BD6 2AA",
    ),
    "sisters whose names are alike": (
        "Grace  | Dawson | 2018-10-17 | 2 | | 30 | BD6 3AA",
        "Gracie | Dawson | 2023-07-19 | 2 | | 30 | BD6 3AA",
    ),
    "brothers of whom one is written as Mohammed alone": (
        "Mohammed        | Sheikh | 2018-07-10 | 1 | | 31 | BD6 4AA",
        "Mohammed Khalil | Sheikh | 2025-07-10 | 1 | | 31 | BD6 4AA",
    ),
    "a couple whose names are short for one": (
        "Anthony | Haigh | | 1 | | 32 | BD6 5AA",
        "Toni    | Haigh | | 2 | | 32 | BD6 5AA",
    ),
    "two valid NHS numbers": (
        "Noah | Illingworth | 2017-07-07 | 1 | 9990000026 | 24 | BD5 4AA",
        "Noah | Illingworth | 2017-07-07 | 1 | 9990000034 | 24 | BD5 4AA",
    ),
    "a mother's number on her baby's record": (
        "Jade | Ackroyd | 1999-04-04 | 2 | 9990000042 | 25 | BD5 5AA",
        "Evie | Ackroyd | 2020-10-10 | 2 | 9990000042 | 25 | BD5 5AA",
    ),
    "a common name and nothing else": (
        "Mohammed | Hussain | 1990-05-05 | 1 | | 26 | BD5 6AA",
        "Mohammed | Hussain | 1990-05-05 | 1 | | 88 | BD8 6AA",
    ),
    "neighbours": (
        "Ivy   | Naylor | 2018-01-15 | 2 | | 27 | BD5 7AA",
        "Elsie | Lumb   | 2018-01-15 | 2 | | 27 | BD5 7AA",
    ),
}


@pytest.fixture(scope="module")
def joined(district: Callable[..., Any], linkage: Linkage, persons_of: Callable[..., list[set[str]]]) -> list[set[str]]:
    rows = [HEADER]
    for name, pair in {**ONE_PERSON, **TWO_PERSONS}.items():
        rows += [f"{name} {source} | {source} | 2020-01-01 | {one}" for source, one in zip("ab", pair, strict=True)]
    return persons_of(district("\n".join(rows)).people(linkage))


@pytest.mark.parametrize("name", ONE_PERSON)
def test_records_that_differ_by_no_more_than_this_are_one_person(joined: list[set[str]], name: str) -> None:
    assert {f"{name} a", f"{name} b"} in joined


@pytest.mark.parametrize("name", TWO_PERSONS)
def test_persons_alike_in_all_but_this_stay_two(joined: list[set[str]], name: str) -> None:
    assert {f"{name} a"} in joined
    assert {f"{name} b"} in joined


KIN = """
record         | source | known_from | given  | family | born       | expected   | sex | nhs        | house | postcode
twin one       | clinic | 2020-01-01 | Baby   | Emmott | 2019-12-30 |            | 2   |            | 1     | BD1 1AA
twin two       | clinic | 2020-01-01 | Baby   | Emmott | 2019-12-30 |            | 2   |            | 1     | BD1 1AA
mother, clinic | clinic | 2020-01-01 | Stacey | Lister | 1990-03-03 |            | 2   | 9990000050 | 2     | BD1 2AA
child, clinic  | clinic | 2020-01-01 | Teddy  | Lister | 2014-06-06 |            | 1   | 9990000069 | 2     | BD1 2AA
mother, school | school | 2021-01-01 | Stacy  | Lister |            |            | 2   |            |       |
father, school | school | 2021-01-01 | Wayne  | Lister |            |            | 1   |            |       |
child, school  | school | 2021-01-01 | Teddy  | Lister | 2014-06-06 |            | 1   |            | 2     | BD1 2AA
stranger       | police | 2021-01-01 | Stacey | Lister |            |            | 2   |            |       |
Ayisha         | school | 2020-01-01 | Ayisha | Iqbal  |            |            | 2   |            | 3     | BD1 3AA
Aisha, school  | school | 2020-01-01 | Aisha  | Iqbal  | 2004-01-19 |            | 2   |            | 3     | BD1 3AA
Aisha, clinic  | clinic | 2021-01-01 | Aisha  | Iqbal  | 2004-01-19 |            | 2   |            | 3     | BD1 3AA
Leanne, clinic | clinic | 2021-01-01 | Leanne | Ogden  | 1995-05-05 |            | 2   |            | 4     | BD1 4AA
Leanne, town   | town   | 2020-01-01 | Leanne | Ogden  | 1995-05-05 |            | 2   |            | 4     | BD1 4AA
unborn         | clinic | 2021-01-01 |        |        |            | 2021-07-01 |     |            |       |
born           | town   | 2021-06-20 | Albie  | Ogden  | 2021-06-15 |            | 1   |            | 4     | BD1 4AA
elder          | town   | 2020-01-01 | Jude   | Ogden  | 2019-06-15 |            | 1   |            | 4     | BD1 4AA
"""
RELATIONSHIPS = """
source | record         | other         | kind      | knowledge_date
clinic | mother, clinic | child, clinic | parent_of | 2020-01-01
school | mother, school | child, school | parent_of | 2021-01-01
school | father, school | child, school | parent_of | 2021-01-01
school | Ayisha         | Aisha, school | parent_of | 2020-01-01
clinic | Leanne, clinic | unborn        | parent_of | 2021-01-01
town   | Leanne, town   | born          | parent_of | 2021-06-20
town   | Leanne, town   | elder         | parent_of | 2020-01-01
"""


@pytest.fixture(scope="module")
def kin(district: Callable[..., Any], linkage: Linkage, persons_of: Callable[..., list[set[str]]]) -> list[set[str]]:
    return persons_of(district(KIN, RELATIONSHIPS).people(linkage))


def test_an_agencys_babies_without_names_stay_two(kin: list[set[str]]) -> None:
    assert {"twin one"} in kin
    assert {"twin two"} in kin


def test_a_parent_known_by_name_alone_is_known_by_the_child(kin: list[set[str]]) -> None:
    assert {"child, clinic", "child, school"} in kin
    assert {"mother, clinic", "mother, school"} in kin
    assert {"father, school"} in kin
    assert {"stranger"} in kin


def test_a_daughter_is_not_the_mother_of_her_own_name_whose_birth_nobody_wrote_down(kin: list[set[str]]) -> None:
    assert {"Aisha, clinic", "Aisha, school"} in kin
    assert {"Ayisha"} in kin


def test_an_unborn_child_of_one_agency_is_the_child_that_another_saw_born(kin: list[set[str]]) -> None:
    assert {"Leanne, clinic", "Leanne, town"} in kin
    assert {"born", "unborn"} in kin
    assert {"elder"} in kin


# Of names that are half alike, one that no other record bears is a slip of the key; what two records bear is a name.
APART = """
record        | source | known_from | given    | family      | born       | sex | nhs        | house | postcode | upn           | uprn
one number    | clinic | 2020-01-01 | Noah     | Illingworth | 2017-07-07 | 1   | 9990000026 | 1     | BD1 1AA  |               |
no number     | school | 2020-01-01 | Noah     | Illingworth | 2017-07-07 | 1   |            | 1     | BD1 1AA  |               |
its number    | police | 2020-01-01 | Noah     | Illingworth | 2017-07-07 | 1   | 9990000034 | 1     | BD1 1AA  |               |
Jaydon        | clinic | 2020-01-01 | Jaydon   | Lund        | 2016-04-04 | 1   |            | 2     | BD1 2AA  |               |
Kaydon        | clinic | 2020-01-01 | Kaydon   | Lund        | 2016-04-04 | 1   |            | 2     | BD1 2AA  |               |
Kaydon again  | school | 2020-01-01 | Kaydon   | Lund        | 2016-04-04 | 1   |            | 2     | BD1 2AA  |               |
Matilda       | clinic | 2020-01-01 | Matilda  | Fenn        | 2016-05-05 | 2   |            | 3     | BD1 3AA  |               |
Madtlia       | school | 2020-01-01 | Madtlia  | Fenn        | 2016-05-05 | 2   |            | 3     | BD1 3AA  |               |
Zoriana       | clinic | 2020-01-01 | Zoriana  | Laycock     | 2017-06-06 | 2   |            | 4     | BD1 4AA  |               |
Zoriana again | town   | 2020-01-01 | Zoriana  | Laycock     | 2017-06-06 | 2   |            | 4     | BD1 4AA  |               |
Zorelia       | school | 2020-01-01 | Zorelia  | Laycock     | 2017-06-06 | 2   |            | 4     | BD1 4AA  |               |
Zorelia again | police | 2020-01-01 | Zorelia  | Laycock     | 2017-06-06 | 2   |            | 4     | BD1 4AA  |               |
Ada, school   | school | 2020-01-01 | Ada      | Lumb        | 2014-05-05 | 2   |            | 5     | BD1 5AA  | H801200001001 |
Ada, council  | town   | 2020-01-01 | Ada      | Priest      | 2014-05-05 | 2   |            | 9     | BD9 9ZZ  | H801200001001 |
Jo, school    | school | 2020-01-01 | Jo       | Hirst       | 2014-06-06 | 2   |            | 6     | BD1 6AA  | L801200001003 |
Jo, council   | town   | 2020-01-01 | Jo       | Hirst       | 2014-06-06 | 2   |            | 6     | BD1 6AA  | U801200001000 |
at the number | clinic | 2020-01-01 | Mohammed | Hussain     | 1990-07-07 | 1   |            |       | BD1 7AA  |               | 10070001
there too     | police | 2020-01-01 | Mohammed | Hussain     | 1990-07-07 | 1   |            | 5     | BD2 7BB  |               | 10070001
elsewhere     | town   | 2020-01-01 | Mohammed | Hussain     | 1990-07-07 | 1   |            | 7     | BD8 8AA  |               | 10070002
"""  # noqa: E501 - a table


@pytest.fixture(scope="module")
def apart(district: Callable[..., Any], linkage: Linkage, persons_of: Callable[..., list[set[str]]]) -> list[set[str]]:
    return persons_of(district(APART).people(linkage))


def test_two_valid_numbers_do_not_meet_through_a_record_that_has_none(apart: list[set[str]]) -> None:
    together = [person for person in apart if "no number" in person]
    assert together[0] in ({"one number", "no number"}, {"its number", "no number"})


def test_two_names_that_one_agency_holds_of_one_birth_are_twins_however_alike(apart: list[set[str]]) -> None:
    assert {"Jaydon"} in apart
    assert {"Kaydon", "Kaydon again"} in apart


def test_a_name_half_garbled_that_no_other_record_bears_is_no_twins(apart: list[set[str]]) -> None:
    assert {"Madtlia", "Matilda"} in apart


def test_twins_whose_names_are_half_alike_stay_two_where_two_records_bear_each(apart: list[set[str]]) -> None:
    assert {"Zoriana", "Zoriana again"} in apart
    assert {"Zorelia", "Zorelia again"} in apart


def test_a_pupil_number_joins_under_another_name_at_another_address_and_two_of_them_part(
    apart: list[set[str]],
) -> None:
    assert {"Ada, council", "Ada, school"} in apart
    assert {"Jo, council"} in apart
    assert {"Jo, school"} in apart


def test_one_property_number_is_one_address_whatever_the_postcode(apart: list[set[str]]) -> None:
    assert {"at the number", "there too"} in apart
    assert {"elsewhere"} in apart
