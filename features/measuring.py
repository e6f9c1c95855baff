"""Ways of measuring that several concerns share."""

from targeting.features import case, months, people
from targeting.features.expressions import Expression
from targeting.features.selections import Facts

TWO_YEARS = months(24)
# No two calendar years have more days than this; the day after an event the two lengths are one day apart.
DAYS_OF_TWO_YEARS = 732

a_child_is_born = people.children().exists_for_family()


def most_of_one_child(facts: Facts) -> Expression:
    """Return the facts of the child who has most; of the unborn where no child is born yet.

    What was recorded of an adult's own childhood is left out: it is refused as an input.
    """
    of_the_born = facts.of_children().count_each().maximum_for_family()
    return case(a_child_is_born, of_the_born, facts.of_unborn().count_for_family())


def any_child(facts: Facts) -> Expression:
    """Return whether there is a fact of a child, born or not; an adult's own childhood is left out."""
    return facts.of_children().exists_for_family() | facts.of_unborn().exists_for_family()


def recency(facts: Facts) -> Expression:
    """Return how recent the latest of some facts is: 1 the day after it, falling to 0 over 24 months; 0 for none."""
    latest = facts.in_last(TWO_YEARS)
    still = (DAYS_OF_TWO_YEARS - latest.days_since_latest_for_family()) / DAYS_OF_TWO_YEARS
    return case(latest.exists_for_family(), still, 0)
