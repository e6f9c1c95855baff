"""What each operation gives, by hand; the slow twin agrees on every one."""

from datetime import date

import pytest
from tables import spec

from targeting.errors import TargetingError
from targeting.features import case, column, days, facts, people

seen = facts("seen")
NOT_COLLECTED, NOT_APPLICABLE = (None, 2), (None, 5)

SEEN = """
    family | event_date | amount | size | grade | flagged | due
    a      | 2024-03-01 | 4      | 0.1  | a     | yes     | 2024-05-01
    a      | 2024-03-05 | 9      | 0.2  | b     | no      |
    a      | 2024-03-20 |        |      |       |         |
    b      | 2024-03-02 |        |      | a     |         |
    """


@pytest.mark.parametrize(
    ("value", "a", "b", "c"),
    [
        (seen.count_for_family(), 3, 1, 0),
        (seen.exists_for_family(), 1, 1, 0),
        (seen.sum_for_family("amount"), 13, NOT_COLLECTED, 0),
        (seen.sum_for_family("size"), 0.3, NOT_COLLECTED, 0),
        (seen.latest_for_family("amount"), 9, NOT_COLLECTED, NOT_COLLECTED),
        (seen.earliest_for_family("amount"), 4, NOT_COLLECTED, NOT_COLLECTED),
        (seen.maximum_for_family("size"), 0.2, NOT_COLLECTED, NOT_COLLECTED),
        (seen.minimum_for_family("size"), 0.1, NOT_COLLECTED, NOT_COLLECTED),
        (seen.latest_for_family("flagged"), 0, NOT_COLLECTED, NOT_COLLECTED),
        (seen.count_distinct_for_family("grade"), 2, 1, 0),
        (seen.days_since_latest_for_family(), 12, 30, NOT_COLLECTED),
        (seen.days_since_earliest_for_family(), 31, 30, NOT_COLLECTED),
    ],
)
def test_a_value_of_all_facts_of_a_family(value, a, b, c):
    spec(SEEN, value, as_of="2024-04-01", expected={"a": a, "b": b, "c": c}, members="family\nc")


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        (column("grade") == "a", 1),
        (column("grade") != "a", 1),
        (~(column("grade") == "a"), 1),
        (column("grade").is_in("a", "b"), 2),
        (column("grade").is_known(), 2),
        (~column("grade").is_known(), 1),
        (column("flagged"), 1),
        (~column("flagged"), 1),
        (column("flagged") == False, 1),  # noqa: E712
        (column("amount") >= 9, 1),
        (column("amount") > 9, 0),
        (column("amount") <= 4, 1),
        (column("amount") < 9, 1),
        (column("size") == 0.1, 1),
        (column("due") >= date(2024, 5, 1), 1),
        (column("due") > date(2024, 5, 1), 0),
        (column("due").is_known(), 1),
        ((column("grade") == "a") & column("flagged"), 1),
        ((column("grade") == "b") | (column("amount") == 4), 2),
        (~((column("grade") == "b") | column("flagged")), 0),
    ],
)
def test_facts_are_selected_where_a_condition_is_known_to_hold(condition, count):
    spec(SEEN, seen.where(condition).count_for_family(), as_of="2024-04-01", expected={"a": count})


def test_except_where_keeps_the_facts_of_which_nothing_is_recorded():
    spec(
        SEEN,
        seen.except_where(column("grade") == "b").count_for_family(),
        as_of="2024-04-01",
        expected={"a": 2, "b": 1},
    )


EPISODES = {
    "started": """
        family | event_date | episode_id
        a      | 2024-01-01 | one
        b      | 2024-01-01 | two
        b      | 2024-02-01 | three
        c      | 2024-01-01 | four
        d      | 2024-03-01 | five
        e      | 2024-02-01 | six
        """,
    "ended": """
        family | event_date | knowledge_date | episode_id
        a      | 2024-02-01 | 2024-02-10     | one
        b      | 2024-02-01 | 2024-02-10     | two
        d      | 2024-02-15 | 2024-02-16     | five
        e      | 2024-02-01 | 2024-02-01     | six
        """,
    "stopped": """
        family | event_date | episode_id
        c      | 2024-03-31 | four
        """,
}


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2024-02-10", {"a": 1, "b": 1, "c": 1, "d": 0, "e": 0}),
        ("2024-02-11", {"a": 0, "b": 1, "c": 1, "d": 0}),
        ("2024-04-01", {"a": 0, "b": 1, "c": 0, "d": 1}),
    ],
)
def test_an_episode_is_open_until_its_end_is_known_and_an_end_before_its_start_ends_nothing(as_of, expected):
    spec(EPISODES, facts("started").open_for_family(), as_of=as_of, expected=expected)


CHILDREN = """
    family | person | birth      | is_child
    a      | one    | 2014-06-01 | yes
    a      | two    | 2010-06-01 | yes
    a      | parent | 1985-06-01 |
    """
TERM = """
    family | person | event_date | amount | size
    a      | one    | 2024-02-01 | 3      | 50
    a      | one    | 2024-03-01 | 2      | 50
    a      | two    | 2024-03-01 | 9      | 0
    """


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (seen.rate("amount", "size").maximum_for_family(), 0.05),
        (seen.rate("amount", "size").count_for_family(at_least=0.05), 1),
        (seen.rate("amount", "size").count_for_family(at_least=0.051), 0),
        (seen.in_last(days(20)).rate("amount", "size").maximum_for_family(), NOT_COLLECTED),
        (seen.count_each().maximum_for_family(), 2),
        (seen.count_each().minimum_for_family(), 0),
        (seen.count_each().mean_for_family(), 1),
        (seen.of_children().count_each().mean_for_family(), 1.5),
        (seen.of_children().count_each().minimum_for_family(), 1),
        (seen.sum_each("amount").maximum_for_family(), 9),
        (seen.of_children(from_age=5, below_age=11).sum_each("amount").mean_for_family(), 5),
        (seen.of_children(from_age=0, below_age=5).count_each().maximum_for_family(), NOT_APPLICABLE),
        (seen.count_each().count_for_family(at_least=1), 2),
        (seen.of_adults().count_each().count_for_family(at_least=1), 0),
    ],
)
def test_a_value_of_each_person_is_folded_over_the_members(value, expected):
    spec(TERM, value, as_of="2024-04-01", members=CHILDREN, expected={"a": expected})


PEOPLE = """
    family | person  | birth      | is_child
    a      | baby    | 2024-05-01 | yes
    a      | toddler | 2022-04-02 | yes
    a      | grown   | 2006-04-01 | yes
    a      | parent  | 1985-06-01 |
    a      | unknown |            | yes
    b      | lodger  |            |
    """


@pytest.mark.parametrize(
    ("value", "a", "b"),
    [
        (people.all().count_for_family(), 5, 1),
        (people.children().count_for_family(), 2, 0),
        (people.children(below_age=2).count_for_family(), 1, 0),
        (people.children(from_age=2, below_age=5).count_for_family(), 0, 0),
        (people.adults().count_for_family(), 2, 1),
        (people.unborn().count_for_family(), 1, 0),
        (people.unborn().exists_for_family(), 1, 0),
        (people.all().youngest_age_for_family(), 1, NOT_COLLECTED),
        (people.adults().youngest_age_for_family(), 18, NOT_COLLECTED),
    ],
)
def test_members_are_counted_and_aged_on_the_date(value, a, b):
    spec("family | event_date", value, as_of="2024-04-01", members=PEOPLE, expected={"a": a, "b": b})


def test_a_child_ages_into_and_out_of_a_role_on_the_birthday():
    of_twos = seen.of_children(from_age=2, below_age=3).count_for_family()
    table, members = "family | event_date\n a | 2024-01-01", "family | birth | is_child\n a | 2022-02-28 | yes"
    for as_of, expected in (("2024-02-27", 0), ("2024-02-28", 1), ("2025-02-27", 1), ("2025-02-28", 0)):
        spec(table, of_twos, as_of=as_of, members=members, expected={"a": expected})


one, none = seen.count_for_family(), seen.latest_for_family("amount")
known_true, known_false, unknown = one == 1, one == 2, none == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2 + one - 1, 2),
        (1 / one, 1),
        (6 - one, 5),
        (one / (one - 1), NOT_COLLECTED),
        (one + none, NOT_COLLECTED),
        (one >= 1, 1),
        (one != 1, 0),
        (one < 1, 0),
        (one <= 1, 1),
        (none > 0, NOT_COLLECTED),
        (known_true & unknown, NOT_COLLECTED),
        (known_false & unknown, 0),
        (known_true | unknown, 1),
        (unknown | known_false, NOT_COLLECTED),
        (~unknown, NOT_COLLECTED),
        (~known_false, 1),
        (case(known_true, 5, none), 5),
        (case(known_false, 5, none), NOT_COLLECTED),
        (case(unknown, 5, 6), NOT_COLLECTED),
        (known_true + known_true, 2),
    ],
)
def test_values_combine_and_unknown_spreads_unless_what_is_known_decides(value, expected):
    spec("family | event_date\n a | 2024-03-01", value, as_of="2024-04-01", expected={"a": expected})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: known_true and known_false, r"combine conditions with & \| ~"),
        (lambda: 0 < one < 3, r"not with `and`, `or`, `not`, `if` or `a < b < c`"),
        (lambda: one & known_true, r"`&` takes conditions: compare a number first"),
        (lambda: ~one, r"`~` takes conditions"),
        (lambda: case(one, 1, 2), r"`case` takes conditions"),
        (lambda: one > "3", r"compared with a number or another value"),
        (lambda: one + seen, r"Facts become a value by saying what is wanted of them"),
        (lambda: seen and 1, r"facts\('seen'\) are no value yet: end with"),
        (
            lambda: seen.where(column("grade") == "a" and column("flagged")),
            r"conditions on columns are combined with &",
        ),
        (lambda: seen.where("grade"), r"filtered by a condition on its columns, such as column\('grade'\) == 'high'"),
        (
            lambda: column("grade") == ["a"],
            r"column\('grade'\) is compared with a code, a number, True, False or a date",
        ),
        (lambda: column("grade").is_in(), r"names no value: write column\('grade'\).is_in\('a', 'b'\)"),
        (lambda: seen.of_children(5, 5), r"an age range goes up, from 0"),
        (lambda: seen.count_each().count_for_family(at_least=0), r"takes a number above 0, such as at_least=0.10"),
    ],
)
def test_a_misuse_of_the_language_says_what_to_write(wrong, said):
    with pytest.raises(TargetingError, match=said):
        wrong()
