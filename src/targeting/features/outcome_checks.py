"""What keeps an outcome from being labelled."""

from collections.abc import Iterator

from targeting.errors import DeclarationError, Fault, what_exists
from targeting.features.checks import cohort_faults, condition_faults, not_allowed, purpose_faults
from targeting.features.definition import Outcome
from targeting.features.roles import Role
from targeting.features.rules import CompileRules
from targeting.features.selections import Facts


def check_outcome(outcome: Outcome, rules: CompileRules) -> None:
    """Raise DeclarationError with every fault of an outcome's declaration."""
    faults = [
        Fault(outcome.place or "features/", f"the outcome {outcome.name!r} {said}")
        for said in _outcome_faults(outcome, rules)
    ]
    if faults:
        raise DeclarationError(faults)


def _outcome_faults(outcome: Outcome, rules: CompileRules) -> Iterator[str]:
    for facts in (*outcome.events, *outcome.censored_by):
        yield from _facts_faults(facts, rules)
    for facts in outcome.events:
        if facts.kind in rules.contract:
            if not rules.sharing(facts.kind):
                yield not_allowed(facts.kind, rules)
            yield from purpose_faults(facts.kind, rules, rules.sharing)
    if outcome.censored_where is not None:
        yield from cohort_faults(outcome.censored_where, rules)


def _facts_faults(facts: Facts, rules: CompileRules) -> Iterator[str]:
    if facts.kind not in rules.contract:
        yield f"uses facts({facts.kind!r}), which do not exist. {what_exists(facts.kind, rules.contract)}"
        return
    yield from condition_faults(facts, rules.contract[facts.kind])
    if facts.window is not None or facts.role != Role() or facts.exclusions:
        yield (
            f"narrows facts({facts.kind!r}) by a window, a role or spells: an outcome's events lie between its lead "
            "and its horizon, in those whom in_whom names. Leave .where(...) alone."
        )
