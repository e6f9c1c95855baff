"""The fairness audit of a model: its test predictions, spread over the people of each family."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from targeting.errors import DataError, DeclarationError
from targeting.fairness.audit import Audit, audit, listed_at
from targeting.fairness.audit_input import AuditInput
from targeting.fairness.definition import Policy
from targeting.fairness.output import audit_files
from targeting.fairness.showing import show_total
from targeting.features.definition import Outcome
from targeting.records.contract import Contract
from targeting.store.generations import Generation
from targeting.training.audit_attributes import People, column_faults, values_of, words_of
from targeting.training.audit_drawn import Drawn
from targeting.training.audit_sections import sections_of
from targeting.training.audit_units import Texts, members_of, units
from targeting.training.judgement import Predictions

__all__ = ["AuditData", "audit_files", "audit_predictions"]


@dataclass(frozen=True, kw_only=True)
class AuditData:
    """What an audit of a model draws on beside the predictions; `command` is what makes it again."""

    generation: Generation
    contract: Contract
    outcome: Outcome
    command: str = ""


def audit_predictions(
    predictions: Predictions, *, data: AuditData, policy: Policy, title: str, notes: Sequence[str] = ()
) -> Audit:
    """Return the audit of a model's test predictions under a district's policy.

    Each as-of date's list is cut by itself, by margin, a family taking one place; then all dates are taken together. A
    row is a person on a date: by the policy's `unit` each child of a scored family (under 18 or unborn), or each
    person. The family's outcome is the outcome of each. A child of two families is counted in both. Families are the
    clusters of the intervals. Raises DeclarationError where the policy audits a column that does not exist, and
    DataError where no scored family has anyone to count.
    """
    faults = list(column_faults(policy, data.contract))
    if faults:
        raise DeclarationError(faults)
    as_of = predictions.as_of_date.astype("datetime64[D]").astype(np.int32)
    members = members_of(predictions.family_id, as_of, data.generation.memberships())
    people = People(members, units(members, policy.unit), data.generation)
    if not people.counted.any():
        raise DataError(f"No scored family has a {policy.unit} to count; there is nobody to audit.")
    given = _given(predictions, people, policy, data)
    said = [*notes, *_notes(predictions, people, policy)]
    found = audit(given, policy, title=title, notes=said, command=data.command)
    listed = listed_at(given, policy, policy.main_cut)
    return replace(found, sections=sections_of(Drawn(predictions, people, given, listed, policy, data.contract)))


def _given(predictions: Predictions, people: People, policy: Policy, data: AuditData) -> AuditInput:
    persons = people.persons
    scored = persons.scored
    columns = [attribute for attribute in policy.audited if attribute.column is not None]
    family = np.asarray(predictions.family_id, dtype=np.str_)[scored]
    return AuditInput(
        entity=persons.person,
        score=np.asarray(predictions.probability, dtype=np.float64)[scored],
        label=np.asarray(predictions.label, dtype=np.float64)[scored],
        attributes={attribute.name: values_of(attribute, people) for attribute in columns},
        cluster=family,
        rank_by=np.asarray(predictions.margin, dtype=np.float64)[scored],
        list_name=_texts_of_dates(predictions)[scored],
        place=family,
        words={attribute.name: words_of(attribute, data.contract) for attribute in columns},
        outcome=data.outcome.description,
        synthetic=people.generation.synthetic,
    )


def _texts_of_dates(predictions: Predictions) -> Texts:
    return np.datetime_as_string(predictions.as_of_date.astype("datetime64[D]"))


def _notes(predictions: Predictions, people: People, policy: Policy) -> list[str]:
    unit = "child" if policy.unit == "child" else "person"
    nobody = len(predictions.family_id) - len(np.unique(people.persons.scored))
    dates = np.unique(_texts_of_dates(predictions)).tolist()
    notes = [f"Scored on {', '.join(dates)}, by a model that had learnt from earlier dates alone."]
    if policy.unit == "child":
        notes.append("The outcome is the family's: where it came, it counts for each child of the family.")
    if nobody:
        shown = show_total(nobody, policy.disclosure)
        notes.append(f"Families without a {unit} to count, each on one date: {shown}. They took no place on a list.")
    now = [attribute.name for attribute in policy.audited if _is_of_now(attribute.column, attribute.as_known)]
    if now:
        notes.append(
            f"As recorded by now, not on the list's date: {', '.join(now)}. What is recorded because an outcome came "
            "can make a group's outcomes look more frequent than they were."
        )
    return notes


def _is_of_now(column: str | None, as_known: str) -> bool:
    return column is not None and "." in column and as_known == "latest"
