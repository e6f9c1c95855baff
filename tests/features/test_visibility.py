"""A fact counts on a date when it was known before it, had happened before it and had not been corrected."""

from tables import spec

from targeting.features import facts

seen = facts("seen")


def test_a_fact_known_on_the_date_itself_is_not_counted():
    spec(
        """
        family | event_date | knowledge_date
        a      | 2024-03-01 | 2024-03-31
        a      | 2024-03-01 | 2024-04-01
        a      | 2024-03-01 | 2024-04-20
        """,
        seen.count_for_family(),
        as_of="2024-04-01",
        expected={"a": 1},
    )


def test_a_fact_known_ahead_of_its_event_is_not_counted_before_the_day_after_it():
    table = """
        family | event_date | knowledge_date
        a      | 2024-04-01 | 2024-03-01
        """
    spec(table, seen.count_for_family(), as_of="2024-04-01", expected={"a": 0})
    spec(table, seen.count_for_family(), as_of="2024-04-02", expected={"a": 1})


def test_a_corrected_fact_counts_up_to_the_day_of_its_correction_and_its_correction_after_it():
    table = """
        family | event_date | knowledge_date | superseded_on | amount
        a      | 2024-03-01 | 2024-03-02     | 2024-03-20    | 5
        a      | 2024-03-01 | 2024-03-20     |               | 7
        """
    spec(table, seen.sum_for_family("amount"), as_of="2024-03-20", expected={"a": 5})
    spec(table, seen.sum_for_family("amount"), as_of="2024-03-21", expected={"a": 7})


def test_facts_of_a_person_count_for_a_family_while_the_person_belongs_to_it():
    table = """
        family | person | event_date
        a      | child  | 2024-03-01
        """
    members = """
        family | person | from       | to
        a      | child  | 2020-01-01 | 2024-03-10
        b      | child  | 2024-03-11 |
        b      | parent | 2020-01-01 |
        a      | father | 2020-01-01 |
        """
    count = seen.count_for_family()
    spec(table, count, members=members, as_of="2024-03-10", expected={"a": 1, "b": 0})
    spec(table, count, members=members, as_of="2024-03-11", expected={"a": 0, "b": 1})


def test_a_child_of_two_families_counts_in_both():
    spec(
        """
        family | person | event_date
        a      | child  | 2024-03-01
        """,
        seen.count_for_family(),
        members="""
        family | person
        a      | child
        b      | child
        """,
        as_of="2024-04-01",
        expected={"a": 1, "b": 1},
    )


def test_the_latest_of_two_facts_of_one_day_is_the_one_known_later():
    spec(
        """
        family | event_date | knowledge_date | amount
        a      | 2024-03-01 | 2024-03-09     | 1
        a      | 2024-03-01 | 2024-03-02     | 2
        b      | 2024-03-01 | 2024-03-02     | 3
        b      | 2024-03-01 | 2024-03-02     | 4
        """,
        seen.latest_for_family("amount"),
        as_of="2024-04-01",
        expected={"a": 1, "b": 4},
    )
