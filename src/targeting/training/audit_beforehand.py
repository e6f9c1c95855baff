"""Before training: the smallest gap that each gating comparison could show, from earlier dates' families."""

import numpy as np

from targeting.errors import DataError
from targeting.fairness.definition import Policy
from targeting.fairness.foresight import Foreseen, History, foresee
from targeting.fairness.grouping import Grouping, grouping
from targeting.features.definition import Outcome
from targeting.features.labels import Labels
from targeting.features.matrix import Matrix
from targeting.store.generations import Generation
from targeting.training.audit_attributes import People, values_of
from targeting.training.audit_units import members_of, units
from targeting.training.definition import TrainingDefinition
from targeting.training.experiment import label_known_on
from targeting.training.rows import Rows, labelled_rows, matured_dates
from targeting.training.splits import split_dates


def foreseen_gaps(
    rows: Rows, definition: TrainingDefinition, policy: Policy, *, generation: Generation, outcome: Outcome
) -> tuple[Foreseen, ...]:
    """Return what each gating comparison will be able to show, in declared order.

    `rows` are labelled families on the training's dates; indicators are not needed. The dates taken are the last of
    those that teach, as many as will be tested, so that nothing of a tested date is looked at. Raises DataError where
    no family on them has anyone to count.
    """
    split = split_dates(definition, rows.dates, known_on=lambda day: label_known_on(outcome, day))
    earlier = rows.on(split.train[-len(split.test) :])
    as_of = earlier.as_of_date.astype("datetime64[D]").astype(np.int32)
    members = members_of(earlier.family_id, as_of, generation.memberships())
    people = People(members, units(members, policy.unit), generation)
    if not people.counted.any():
        raise DataError(f"No scored family has a {policy.unit} to count on {split.train[-1]} and before.")
    return foresee(policy, _groupings(policy, people), _history(earlier, people))


def earlier_rows(matrix: Matrix, labels: Labels) -> Rows:
    """Return the labelled rows of dates whose outcomes are fully known."""
    return labelled_rows(matrix, labels).on(matured_dates(labels))


def _groupings(policy: Policy, people: People) -> list[Grouping]:
    columns = {each.name: each for each in policy.audited if each.column is not None}
    values = {name: values_of(attribute, people) for name, attribute in columns.items()}
    named = {gating.attribute for gating in policy.gating}
    return [grouping(each, values, columns) for each in policy.audited if each.name in named]


def _history(rows: Rows, people: People) -> History:
    scored = people.persons.scored
    days = np.unique(rows.as_of_date, return_inverse=True)[1].astype(np.int64)
    return History(
        cluster=rows.family[scored],
        list_code=days[scored],
        place=rows.family[scored],
        label=rows.y[scored].astype(np.int64),
    )
