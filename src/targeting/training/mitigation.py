"""The mitigation lab: what each way of narrowing a gap costs, as points of recall at capacity against the largest gap.

Nothing here makes a model that could be promoted. A way that proves itself is declared like any other change (an
indicator left out, another training), trained, audited and signed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from targeting.errors import DataError, TargetingError, what_exists
from targeting.fairness.audit import listed_at
from targeting.fairness.audit_input import AuditInput
from targeting.fairness.clusters import Clusters, clusters
from targeting.fairness.counts import patterns
from targeting.fairness.definition import Attribute, Policy
from targeting.fairness.estimates import ENOUGH, REPLICATES
from targeting.fairness.grouping import Grouping, grouping
from targeting.features.definition import Outcome
from targeting.models.estimator import EstimatorSettings, Floats
from targeting.store.generations import Generation
from targeting.training.audit_attributes import People, values_of
from targeting.training.audit_units import Indexes, Texts, members_of, units
from targeting.training.definition import TrainingDefinition
from targeting.training.experiment import TrainingData, label_known_on, settings_of
from targeting.training.fitting import Recipe
from targeting.training.rows import Rows, labelled_rows, matured_dates
from targeting.training.splits import split_dates

SEED = 20260329
# On so many dates, the last to learn from, a way may choose what it adds.
CHOSEN_ON = 3


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What a version was trained from, and `search.json` of its evidence."""

    data: TrainingData
    definition: TrainingDefinition
    outcome: Outcome
    search: Mapping[str, Any]


@dataclass(frozen=True)
class Grouped:
    """Rows with their families' groups: `group` indexes `groups.names` of the children, -1 for a family without any."""

    rows: Rows
    groups: Grouping
    group: Indexes


@dataclass(frozen=True)
class Told(Grouped):
    """Rows that judge, with what an audit asks of their children: `scored` is the row of each."""

    given: AuditInput
    scored: Indexes


@dataclass(frozen=True, kw_only=True)
class Lab:
    """What every way is tried on: rows to learn from, later rows that judge, and how the model was fitted.

    `recent` are the last dates of those to learn from, on which a way may choose.
    """

    train: Grouped
    recent: Told
    test: Told
    recipe: Recipe
    settings: EstimatorSettings
    policy: Policy
    attribute: Attribute
    compared: tuple[str, ...]

    @property
    def reference(self) -> int:
        """The position of the group that others are compared with."""
        return int(self.test.groups.reference or 0)


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way of narrowing a gap: a name, what it does in words, and the margins that it gives the test rows.

    What is not `deployable` is for study alone, and `why_not` says why.
    """

    name: str
    does: str
    margin: Callable[[Lab], Floats]
    deployable: bool = True
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class Point:
    """How one way does on later dates: recall of all at the main cut, and the largest gap in it to the reference.

    Each has a 95 % interval from families drawn with replacement. `widest` is the group with that gap.
    """

    name: str
    does: str
    deployable: bool
    why_not: str
    recall: float
    recall_lower: float
    recall_upper: float
    gap: float
    gap_lower: float
    gap_upper: float
    widest: str

    def to_json(self) -> dict[str, object]:
        """Return what is written, figures to four digits."""
        return {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(self).items()}


def attribute_of(policy: Policy, name: str | None) -> Attribute:
    """Return the attribute whose gaps are to be narrowed: the one named, or the first that gates recall.

    Raises TargetingError where it is not audited, has no reference, or nothing gates recall and none is named.
    """
    gated = [gating.attribute for gating in policy.gating if gating.measure.startswith(("tpr_", "fnr_"))]
    wanted = name or next(iter(gated), None)
    if wanted is None:
        raise TargetingError("no gating comparison is of recall; name the attribute with --attribute.")
    usable = [each.name for each in policy.audited if each.column is not None and each.reference is not None]
    if wanted not in usable:
        raise TargetingError(f"{wanted!r} has no groups to compare in the policy. {what_exists(wanted, usable)}")
    return next(each for each in policy.audited if each.name == wanted)


def make_lab(trained: Trained, *, generation: Generation, policy: Policy, attribute: Attribute) -> Lab:
    """Return the lab of a trained version, with its best hyperparameters and its split of the dates.

    Raises DataError where too few of any group had the outcome for a gap to be told.
    """
    data, definition, search = trained.data, trained.definition, trained.search
    rows = labelled_rows(data.matrix, data.labels).on(matured_dates(data.labels))
    split = split_dates(definition, rows.dates, known_on=lambda day: label_known_on(trained.outcome, day))
    recent, test = (
        told(rows.on(dates), attribute, policy, generation) for dates in (split.train[-CHOSEN_ON:], split.test)
    )
    best = next(trial for trial in search["trials"] if trial["number"] == search["best"])
    return Lab(
        train=told_groups(rows.on(split.train), attribute, policy, generation),
        recent=recent,
        test=test,
        recipe=Recipe(best["parameters"], int(best["rounds"])),
        settings=settings_of(definition, data.plan),
        policy=policy,
        attribute=attribute,
        compared=compared_groups(test),
    )


def told(rows: Rows, attribute: Attribute, policy: Policy, generation: Generation) -> Told:
    """Return rows with the groups of the children of each family.

    A family whose children differ is of the group of most of them, the first named where two are even.
    """
    people = _people(rows, policy, generation)
    scored, values = people.persons.scored, values_of(attribute, people)
    held = _grouped(rows, attribute, scored, values)
    given = AuditInput(
        entity=people.persons.person,
        score=np.zeros(len(scored)),
        label=rows.y[scored].astype(np.float64),
        attributes={attribute.name: values},
        cluster=rows.family_id[scored],
        list_name=np.datetime_as_string(rows.as_of_date)[scored],
        place=rows.family_id[scored],
    )
    return Told(held.rows, held.groups, held.group, given, scored)


def told_groups(rows: Rows, attribute: Attribute, policy: Policy, generation: Generation) -> Grouped:
    """Return rows with the groups of the children of each family, as `told` does, and nothing of the children."""
    people = _people(rows, policy, generation)
    return _grouped(rows, attribute, people.persons.scored, values_of(attribute, people))


def _people(rows: Rows, policy: Policy, generation: Generation) -> People:
    as_of = rows.as_of_date.astype("datetime64[D]").astype(np.int32)
    members = members_of(rows.family_id, as_of, generation.memberships())
    people = People(members, units(members, policy.unit), generation)
    if not people.counted.any():
        raise DataError(f"No scored family has a {policy.unit} to count.")
    return people


def _grouped(rows: Rows, attribute: Attribute, scored: Indexes, values: Texts) -> Grouped:
    groups = grouping(attribute, {attribute.name: values}, {attribute.name: attribute})
    many = np.zeros((len(rows), len(groups.names)), dtype=np.int64)
    np.add.at(many, (scored, groups.code), 1)
    return Grouped(rows, groups, np.where(many.sum(axis=1) > 0, many.argmax(axis=1), -1))


def compared_groups(test: Told) -> tuple[str, ...]:
    """Return the groups with enough outcomes to tell a gap by. Raises DataError where there are none."""
    label, family = test.given.label == 1, test.rows.family[test.scored]
    many = [
        name
        for code, name in enumerate(test.groups.names)
        if len(np.unique(family[label & (test.groups.code == code)])) >= ENOUGH
    ]
    reference = test.groups.attribute.reference
    if reference not in many or len(many) < 2:
        raise DataError(
            f"Too few outcomes: a group and {reference!r} need {ENOUGH} families each for a gap to be told."
        )
    return tuple(name for name in many if name != reference)


def mitigate(
    lab: Lab, ways: Sequence[Way], progress: Callable[[str, int, int], None] = lambda _what, _done, _total: None
) -> tuple[Point, ...]:
    """Return a point for each way, in order."""
    points = []
    for done, way in enumerate(ways):
        progress(way.name, done, len(ways))
        points.append(_point(lab, way, way.margin(lab)))
    return tuple(points)


def _point(lab: Lab, way: Way, margin: Floats) -> Point:
    held = reduced(lab.test, margin, lab.policy)
    counts, drawn = held.counts(), held.resampled(REPLICATES, (SEED,))
    recall, recalls = counts.rate("tpr")[:, 0], drawn.rate("tpr")[:, :, 0]
    at = [lab.test.groups.names.index(name) for name in lab.compared]
    gaps = np.abs(recall[at] - recall[lab.reference])
    largest = np.nanmax(np.abs(recalls[:, at] - recalls[:, [lab.reference]]), axis=1)
    lower, upper = np.nanquantile(largest, [0.025, 0.975])
    recall_lower, recall_upper = np.nanquantile(recalls[:, -1], [0.025, 0.975])
    return Point(
        name=way.name,
        does=way.does,
        deployable=way.deployable,
        why_not=way.why_not,
        recall=float(recall[-1]),
        recall_lower=float(recall_lower),
        recall_upper=float(recall_upper),
        gap=float(gaps.max()),
        gap_lower=float(lower),
        gap_upper=float(upper),
        widest=lab.compared[int(gaps.argmax())],
    )


def reduced(on: Told, margin: Floats, policy: Policy) -> Clusters:
    """Return the kinds of family at the policy's main cut by some margins."""
    given = replace(on.given, rank_by=margin[on.scored])
    listed = listed_at(given, policy, policy.main_cut)
    family = np.unique(on.rows.family[on.scored], return_inverse=True)[1].astype(np.int64)
    label = given.label.astype(np.int64)
    return clusters(family, on.groups.code, label, patterns([listed]), len(on.groups.names))
