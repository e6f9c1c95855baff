"""What an audit tells of a model's indicators: what is unknown of whom, what betrays a group, and why it is listed."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from targeting.errors import DataError
from targeting.fairness.definition import Attribute
from targeting.fairness.grouping import Grouping
from targeting.fairness.intervals import Z
from targeting.fairness.results import WITHHELD, Number, Section, SectionColumn, SectionRow
from targeting.fairness.scoring import Scored, auc, spread
from targeting.features.matrix import Unknown
from targeting.models.explanation import contributions
from targeting.training.audit_drawn import Drawn
from targeting.training.audit_units import Indexes, Mask
from targeting.training.rows import Rows

Numbers = NDArray[np.float64]

# In the order of a matrix's codes.
REASONS = {
    Unknown.NOT_SHARED: "Not shared",
    Unknown.NOT_COLLECTED: "Not collected",
    Unknown.NOT_LINKED: "Not linked",
    Unknown.EXPIRED: "Agreement expired",
    Unknown.NOT_APPLICABLE: "Not applicable",
}
MOST_INDICATORS, MOST_TELLING = 5, 3
# Enough to tell how well a group can be guessed; more would only take longer.
MOST_CHILDREN, FOLDS, LEAST_OF_A_GROUP = 12_000, 3, 200
MOST_EXPLAINED, LEAST_EXPLAINED = 600, 50
SEED = 20260329


def _rows(drawn: Drawn) -> Rows:
    if drawn.predictions.rows is None:
        raise DataError("These predictions do not hold the rows that they were made from.")
    return drawn.predictions.rows


def unknowns(drawn: Drawn) -> Section:
    """Return, by group, how much of what the indicators ask is unknown, for which reason, and of which most."""
    unknown = _rows(drawn).unknown[drawn.people.persons.scored]
    reasons = np.array([[(unknown == reason).mean(axis=1)] for reason in REASONS])[:, 0, :]
    rows = []
    for attribute in drawn.attributes:
        groups = drawn.groups(attribute, drawn.given.attributes[attribute.name])
        for code, name in enumerate(groups.names):
            mine = groups.code == code
            number = int(mine.sum())
            values = tuple(drawn.share(float(each[mine].sum()), number) for each in (reasons.sum(axis=0), *reasons))
            rows.append(SectionRow(label=drawn.label(attribute, name), values=values))
    return Section(
        name="unknowns",
        title="What is not known, and of whom",
        says=(
            "The mean share of indicators without a value. A family that nobody recorded looks safe: where a group is "
            "less known than others, it is likelier to be missed.",
            *_least_known(drawn, unknown),
        ),
        columns=tuple(SectionColumn(heading=heading) for heading in ("Unknown", *REASONS.values())),
        rows=tuple(rows),
    )


def _least_known(drawn: Drawn, unknown: NDArray[np.int8]) -> Iterator[str]:
    """Return, for each attribute with a reference, the indicators whose unknowns differ most between its groups."""
    names = _rows(drawn).names
    for attribute in drawn.attributes:
        groups = drawn.groups(attribute, drawn.given.attributes[attribute.name])
        large = [code for code in range(len(groups.names)) if (groups.code == code).sum() >= 1_000]
        if len(large) < 2:
            continue
        shares = np.array([(unknown[groups.code == code] != 0).mean(axis=0) for code in large])
        apart = shares.max(axis=0) - shares.min(axis=0)
        told = [at for at in np.argsort(-apart, kind="stable")[:MOST_INDICATORS].tolist() if apart[at] >= 0.05]
        if told:
            said = "; ".join(f"{names[at].replace('_', ' ')} ({round(100 * apart[at]):d} points apart)" for at in told)
            yield f"By {attribute.name.replace('_', ' ')}, least evenly known: {said}."


def proxies(drawn: Drawn) -> Section:
    """Return how well the indicators tell who is of a group, and which do by themselves.

    An AUC of .5 is no better than a coin. A gradient-boosted classifier learns on two thirds of the families at a time
    and is judged on the rest; nobody without a recorded value is among them. The interval is clustered by family.
    """
    chosen = _sample(drawn)
    X, family = _rows(drawn).take(drawn.people.persons.scored[chosen]).X, _families(drawn)[chosen]
    rows = []
    for attribute in drawn.attributes:
        groups = drawn.groups(attribute, drawn.given.attributes[attribute.name][chosen])
        recorded = drawn.given.attributes[attribute.name][chosen] != ""
        for code, name in enumerate(groups.names):
            label = (groups.code == code)[recorded].astype(np.float64)
            if min(label.sum(), len(label) - label.sum()) < LEAST_OF_A_GROUP:
                continue
            values = _guessed(X[recorded], label, family[recorded], _rows(drawn).names)
            rows.append(SectionRow(label=drawn.label(attribute, name), values=values))
    return Section(
        name="proxies",
        title="What the indicators betray",
        says=(
            "How well the indicators, none of which is the attribute itself, tell a child of the group from all "
            "others: the AUC of a classifier on families that it did not learn from. Near 0.5 they say nothing of it; "
            "near 1 a list by these indicators is a list by the attribute.",
            "What dropping the most telling of them would cost is told below.",
        ),
        columns=(
            SectionColumn(heading="AUC", form="number"),
            SectionColumn(heading="95% from", form="number", part="lower"),
            SectionColumn(heading="to", form="number", part="upper"),
            SectionColumn(heading="Indicators that say most by themselves (AUC)", form="text"),
        ),
        rows=tuple(rows),
    )


def _families(drawn: Drawn) -> Indexes:
    codes = np.unique(drawn.given.place if drawn.given.place is not None else drawn.given.entity, return_inverse=True)[
        1
    ]
    return np.asarray(codes.reshape(-1), dtype=np.int64)


def _sample(drawn: Drawn) -> Indexes:
    """Return the children of the last date, whole families of them, at most so many."""
    days = drawn.people.persons.as_of
    at = np.flatnonzero(days == days.max(initial=0))
    family = _families(drawn)[at]
    order = np.random.default_rng(SEED).permutation(int(family.max(initial=-1)) + 1)
    by_family = np.argsort(order[family], kind="stable")
    return np.sort(at[by_family[:MOST_CHILDREN]])


def _guessed(X: Numbers, label: Numbers, family: Indexes, names: tuple[str, ...]) -> tuple[Number | str, ...]:
    _, cluster = np.unique(family, return_inverse=True)
    fold = np.random.default_rng(SEED).permutation(int(cluster.max()) + 1)[cluster] % FOLDS
    score = np.zeros(len(label))
    for number in range(FOLDS):
        learnt = fold != number
        guess = HistGradientBoostingClassifier(max_iter=40, max_leaf_nodes=15, early_stopping=False, random_state=SEED)
        score[~learnt] = guess.fit(X[learnt], label[learnt]).predict_proba(X[~learnt])[:, 1]
    held = spread("auc", Scored(score, label, cluster), np.zeros(len(label), dtype=np.int64), 1)
    value, error = float(held.value[0]), float(held.standard_error()[0])
    return round(value, 2), round(value - Z * error, 2), round(value + Z * error, 2), _telling(X, label, names)


def most_telling(drawn: Drawn) -> tuple[tuple[str, str], ...]:
    """Return for each attribute the indicators that tell most of one of its groups by themselves, each named once."""
    chosen = _sample(drawn)
    X, names = _rows(drawn).take(drawn.people.persons.scored[chosen]).X, _rows(drawn).names
    found: dict[str, str] = {}
    for attribute in drawn.attributes:
        told = np.zeros(X.shape[1])
        for label, recorded in _guessable(drawn, attribute, chosen):
            told = np.maximum(told, np.abs(_alone(X[recorded], label) - 0.5))
        for at in np.argsort(-told, kind="stable")[:MOST_TELLING].tolist():
            if told[at] > 0:
                found.setdefault(names[at], attribute.name)
    return tuple((attribute, name) for name, attribute in found.items())


def _guessable(drawn: Drawn, attribute: Attribute, chosen: Indexes) -> Iterator[tuple[Numbers, Mask]]:
    """Return who is of each group that is large enough, among those with a recorded value."""
    values = drawn.given.attributes[attribute.name][chosen]
    groups, recorded = drawn.groups(attribute, values), values != ""
    for code in range(len(groups.names)):
        label = (groups.code == code)[recorded].astype(np.float64)
        if min(label.sum(), len(label) - label.sum()) >= LEAST_OF_A_GROUP:
            yield label, recorded


def _telling(X: Numbers, label: Numbers, names: tuple[str, ...]) -> str:
    """Return the indicators that tell most by themselves, either way round."""
    alone = _alone(X, label)
    most = np.argsort(-np.abs(alone - 0.5), kind="stable")[:MOST_TELLING]
    return "; ".join(f"{names[at].replace('_', ' ')} {max(alone[at], 1 - alone[at]):.2f}" for at in most.tolist())


def _alone(X: Numbers, label: Numbers) -> Numbers:
    """Return the AUC of each indicator by itself; an unknown value counts as the least."""
    values = np.where(np.isnan(X), np.nanmin(np.append(X[~np.isnan(X)], 0.0)) - 1, X)
    cluster = np.arange(len(label))
    return np.array([auc(Scored(values[:, at], label, cluster)).value for at in range(X.shape[1])])


def explanations(drawn: Drawn) -> Section:
    """Return what puts each group's families on the list: the mean parts of their margins, and what unknowns add."""
    rows, scored = _rows(drawn), drawn.people.persons.scored
    listed = np.flatnonzero(drawn.listed)
    chosen = np.unique(scored[listed])
    chosen = np.sort(np.random.default_rng(SEED).permutation(chosen)[:MOST_EXPLAINED])
    booster = drawn.predictions.booster
    if booster is None:
        raise DataError("These predictions do not hold the model that made them.")
    parts = contributions(booster, rows.take(chosen).X, threads=1)[:, :-1]
    most = np.argsort(-np.abs(parts).mean(axis=0), kind="stable")[:MOST_INDICATORS]
    unknown = np.where(rows.take(chosen).unknown != 0, parts, 0.0).sum(axis=1)
    table = np.column_stack([parts[:, most], unknown])
    of_child = listed[np.isin(scored[listed], chosen)]
    at = np.searchsorted(chosen, scored[of_child])
    told = []
    for attribute in drawn.attributes:
        groups = drawn.groups(attribute, drawn.given.attributes[attribute.name])
        told += [
            SectionRow(label=drawn.label(attribute, name), values=_means(table, at[mine]))
            for name, mine in _members(groups, of_child)
        ]
    headings = [*(rows.names[index].replace("_", " ") for index in most.tolist()), "all that is unknown"]
    return Section(
        name="explanations",
        title="What puts each group on the list",
        says=(
            "Mean parts of the margin (log-odds, exact TreeSHAP) over listed children: above 0 they raise a rank. "
            "Where a group's parts differ, it is listed for other reasons. Groups of fewer than "
            f"{LEAST_EXPLAINED} listed children among those explained are withheld.",
        ),
        columns=tuple(SectionColumn(heading=heading, form="number") for heading in headings),
        rows=tuple(told),
    )


def _members(groups: Grouping, at: Indexes) -> Iterator[tuple[str, Mask]]:
    for code, name in enumerate(groups.names):
        yield name, groups.code[at] == code


def _means(table: Numbers, at: Indexes) -> tuple[Number, ...]:
    if len(at) < LEAST_EXPLAINED:
        return (WITHHELD,) * table.shape[1]
    return tuple(round(float(value), 2) for value in table[at].mean(axis=0))
