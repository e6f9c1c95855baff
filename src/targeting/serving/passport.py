"""The passport of a flag: all from which it was made, and the proof that it still comes out the same."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from targeting import __version__
from targeting.features.evidence import Evidence
from targeting.features.plan import Plan, plan_from_json
from targeting.models.bundle import Bundle
from targeting.models.explanation import contributions
from targeting.serving.contents import BECAUSE, Because, IndicatorValue, Passport
from targeting.serving.ids import flag_id
from targeting.serving.ledger import ledger_faults
from targeting.serving.reasons import Spoken, reasons, unknowns, unranked

Floats = NDArray[np.float64]

# TreeSHAP adds what the trees multiply: its rounding is far below what any sentence could show.
TOLERANCE = 1e-9


def indicator_values(
    plan: Plan,
    *,
    values: Sequence[float],
    unknown: Sequence[int],
    parts: Sequence[float],
    evidence: Mapping[str, Evidence],
) -> tuple[IndicatorValue, ...]:
    """Return one family's indicators as a passport holds them, in the plan's order; `unknown` holds matrix codes."""
    return tuple(
        IndicatorValue(
            name=indicator.name,
            value=None if why else float(value),
            unknown=_because(why),
            part=float(part),
            fact_ids=tuple(sorted(evidence[indicator.name].fact_ids)),
            latest_event=evidence[indicator.name].latest_event,
            agencies=tuple(evidence[indicator.name].agencies),
        )
        for indicator, value, why, part in zip(plan.indicators, values, unknown, parts, strict=True)
    )


def spoken(plan: Plan, indicators: Sequence[IndicatorValue]) -> tuple[Spoken, ...]:
    """Return each value with its indicator's words."""
    return tuple(Spoken(said, value) for said, value in zip(plan.indicators, indicators, strict=True))


def verify(passport: Passport, bundle: Bundle) -> tuple[str, ...]:
    """Return what does not come out again from the passport's own values; empty where all of it does.

    The margin, the band and the ledger's margins must be the same to the bit, parts within 1e-9; the ledger's parts
    must sum exactly. Sentences must be the same letter by letter, where this version of the code wrote them
    (`says_the_same`).
    """
    if bundle.digest != passport.provenance.bundle_digest:
        return (f"it was made by the bundle {passport.provenance.bundle_digest[:12]}, not by {bundle.version}",)
    plan = plan_from_json(bundle.plan_json)
    if plan.names != tuple(each.name for each in passport.indicators):
        return ("its indicators are not those of the model",)
    return (*_number_faults(passport, bundle), *_ledger_faults(passport, bundle), *_word_faults(passport, plan))


def says_the_same(passport: Passport) -> bool:
    """Return whether this version of the code wrote a passport's sentences: a later one may say the same otherwise.

    That nobody changed them since is proved by the list's chain, whichever version wrote them.
    """
    return passport.provenance.code_version == __version__


def _because(code: int) -> Because | None:
    return BECAUSE[code - 1] if code else None


def _number_faults(passport: Passport, bundle: Bundle) -> Iterator[str]:
    row = np.array([[math.nan if each.value is None else each.value for each in passport.indicators]])
    margin = bundle.margins(row)
    if float(margin[0]) != passport.margin:
        yield "the margin comes out different"
    if passport.probability is not None and float(bundle.probability(margin)[0]) != passport.probability:
        yield "the probability comes out different"
    band = passport.flag.band
    if band is not None and not band.lower <= (passport.probability or 0.0) < band.upper:
        yield "the band does not hold the probability"
    again = contributions(bundle.booster, row)[0]
    parts = np.array([each.part for each in passport.indicators])
    if not np.allclose(again[:-1], parts, rtol=0, atol=TOLERANCE):
        yield "the parts come out different"
    total = math.fsum([*parts, passport.reference])
    if abs(total - (passport.margin - passport.mean_margin)) > TOLERANCE:
        yield "the parts do not sum to the margin less the cohort's mean"


def _ledger_faults(passport: Passport, bundle: Bundle) -> Iterator[str]:
    ledger, told = passport.ledger, passport.flag.change
    if ledger is None:
        if told is not None and told.rank_before is not None:
            yield "a change is told that no ledger holds"
        return
    yield from ledger_faults(ledger, passport.indicators, passport.margin, passport.flag.rank, bundle)
    if told is None or (told.since, told.rank_before) != (ledger.before.as_of_date, ledger.before.rank):
        yield "the change told is not that of the ledger"


def _word_faults(passport: Passport, plan: Plan) -> Iterator[str]:
    flag, said = passport.flag, spoken(plan, passport.indicators)
    if flag.id != flag_id(flag.list_id, flag.family_id):
        yield "the flag's id is not that of its list and family"
    if not says_the_same(passport):
        return
    if reasons(said, passport.as_of_date) != flag.reasons:
        yield "the reasons come out different"
    if unknowns(said) != unranked(flag.unknowns):
        yield "what is not known comes out different"
