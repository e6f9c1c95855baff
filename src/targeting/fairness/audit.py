"""The audit: from scores, labels and attributes of people to what may be shown of who is listed and who is missed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.audit_input import AuditInput, Texts, check
from targeting.fairness.clusters import clusters
from targeting.fairness.conflicts import conflicts
from targeting.fairness.counts import patterns
from targeting.fairness.cuts import Ranked, Selection, parse_cut, select
from targeting.fairness.definition import ALL, NOT_RECORDED, Policy
from targeting.fairness.estimates import Measured, estimate
from targeting.fairness.gating import judge_gating
from targeting.fairness.grouping import Grouping, grouping
from targeting.fairness.results import FORMAT, AttributeResult, Audit, Audited, CutResult, Number
from targeting.fairness.scoring import METRICS, Scored, spread
from targeting.fairness.sentences import overall_sentence
from targeting.fairness.showing import Findings, show, show_attribute, show_total
from targeting.fairness.verdicts import overall_verdict
from targeting.fairness.withholding import Rows, Withheld, withhold

__all__ = ["Audit", "AuditInput", "audit"]

Codes = NDArray[np.int64]
SEED = 20260329


@dataclass(frozen=True)
class _Counted:
    """The rows with a known label, coded; `at` is where they stand among all rows."""

    at: Codes
    rows: Rows
    selections: Sequence[Selection]


def audit(given: AuditInput, policy: Policy, *, title: str, notes: Sequence[str] = (), command: str = "") -> Audit:
    """Return the audit of scores under a policy, with `notes` for the reader on where the rows come from.

    `command` is what makes it again.

    Lists are cut over all rows; the counts are of those whose label is known. The same input gives the same audit to
    the byte, whatever the order of its rows. Raises DataError where the rows cannot be audited.
    """
    check(given, policy)
    counted = _count(given, policy)
    groupings = _groupings(given, policy, counted)
    withheld = withhold(groupings, counted.rows, policy)
    found = {each.attribute.name: _find(each, counted, withheld, given) for each in groupings}
    gating = tuple(judge_gating(gate, found, policy) for gate in policy.gating)
    return Audit(
        format=FORMAT,
        title=title,
        verdict=overall_verdict([result.verdict for result in gating]),
        sentence=overall_sentence(gating),
        outcome=given.outcome,
        synthetic=given.synthetic,
        unit=policy.unit,
        public_data=policy.public_data,
        disclosure=policy.disclosure,
        policy_digest=policy.digest,
        decided="" if policy.decided is None else f"{policy.decided.by}, {policy.decided.on.isoformat()}",
        audited=_audited(given, counted, policy),
        notes=(*notes, *_own_notes(groupings)),
        cuts=_cut_results(found[groupings[0].attribute.name], counted, policy),
        gating=gating,
        attributes=tuple(_shown(each, policy) for each in found.values()),
        command=command,
    )


def listed_at(given: AuditInput, policy: Policy, cut: str) -> NDArray[np.bool_]:
    """Return which rows a cut lists, those without a label too."""
    return select([parse_cut(cut)], _ranked(given, policy))[0].rows


def _count(given: AuditInput, policy: Policy) -> _Counted:
    selections = select([parse_cut(text) for text in policy.cuts], _ranked(given, policy))
    at = np.flatnonzero(~np.isnan(given.label))
    # In an order of their own, sums and draws do not depend on the order in which rows were handed over.
    at = at[np.lexsort((_codes(given.place, given)[at], _codes(given.list_name, given)[at], _codes(given.entity)[at]))]
    kept = [Selection(selection.rows[at], selection.tied) for selection in selections]
    rows = Rows(
        entity=_codes(given.entity[at]),
        cluster=np.arange(len(at)) if given.cluster is None else _codes(given.cluster[at]),
        label=given.label[at].astype(np.int64),
        score=given.score[at],
        patterns=patterns([selection.rows for selection in kept]),
    )
    return _Counted(at, rows, kept)


def _ranked(given: AuditInput, policy: Policy) -> Ranked:
    return Ranked(
        score=given.score,
        rank_by=given.score if given.rank_by is None else given.rank_by,
        list_code=_codes(given.list_name, given),
        place=_codes(given.entity if given.place is None else given.place),
        days=_days(given, policy),
        capacity=policy.capacity,
    )


def _days(given: AuditInput, policy: Policy) -> Codes | None:
    """Return the day of each list by its code; None where no cut asks for it."""
    if given.list_name is None or not any(parse_cut(text).kind == "weeks" for text in policy.cuts):
        return None
    return np.unique(given.list_name).astype("datetime64[D]").astype(np.int64)


def _codes(values: Texts | None, given: AuditInput | None = None) -> Codes:
    """Return each value's position among the distinct ones, sorted; 0 everywhere where there are none."""
    if values is None:
        return np.zeros(0 if given is None else len(given.entity), dtype=np.int64)
    return np.unique(values, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _groupings(given: AuditInput, policy: Policy, counted: _Counted) -> list[Grouping]:
    values = {name: np.asarray(column)[counted.at] for name, column in given.attributes.items()}
    among = {attribute.name: attribute for attribute in policy.attribute}
    return [grouping(attribute, values, among, given.words) for attribute in policy.audited]


def _find(each: Grouping, counted: _Counted, withheld: Mapping[str, Withheld], given: AuditInput) -> Findings:
    rows, groups = counted.rows, len(each.names)
    held = clusters(rows.cluster, each.code, rows.label, rows.patterns, groups)
    scored = Scored(rows.score, rows.label.astype(np.float64), rows.cluster)
    measured = Measured(
        clusters=held,
        scores={metric: spread(metric, scored, each.code, groups) for metric in METRICS},
        reference=each.reference,
        seed=(SEED, *each.attribute.name.encode()),
    )
    return Findings(
        grouping=each,
        counts=held.counts(),
        rows=rows,
        measured=measured,
        estimates=estimate(measured),
        withheld=withheld[each.attribute.name],
        words=given.words.get(each.attribute.name, {}),
    )


def _shown(found: Findings, policy: Policy) -> AttributeResult:
    shown = show_attribute(found, policy.cuts, policy.disclosure)
    said = conflicts(found, policy.cuts.index(policy.main_cut), policy.cuts, policy.disclosure)
    return replace(shown, conflicts=said)


def _cut_results(found: Findings, counted: _Counted, policy: Policy) -> tuple[CutResult, ...]:
    everyone = found.position(ALL) or 0
    return tuple(
        CutResult(
            cut=text,
            listed=show(found, "selected", everyone, at, policy.disclosure).value,
            tied=counted.selections[at].tied,
        )
        for at, text in enumerate(policy.cuts)
    )


def _audited(given: AuditInput, counted: _Counted, policy: Policy) -> Audited:
    def total(count: int) -> Number:
        return show_total(count, policy.disclosure)

    return Audited(
        rows=total(len(counted.at)),
        entities=total(int(counted.rows.entity.max()) + 1),
        clusters=None if given.cluster is None else total(int(counted.rows.cluster.max()) + 1),
        lists=1 if given.list_name is None else len(np.unique(given.list_name)),
        positives=total(int(counted.rows.label.sum())),
        unlabelled=total(len(given.entity) - len(counted.at)),
    )


def _own_notes(groupings: Sequence[Grouping]) -> list[str]:
    notes = []
    for each in groupings:
        name, reference = each.attribute.name, each.attribute.reference
        if reference is not None and each.reference is None:
            notes.append(f"{name}: the reference group {reference} has no row, so nothing is compared with it.")
        if len(each.names) == 1:
            notes.append(f"{name}: all rows are of one group, so nothing can be told of fairness between groups.")
        if NOT_RECORDED in each.names:
            notes.append(f"{name}: rows without a value are a group of their own, '{NOT_RECORDED}'.")
    return notes
