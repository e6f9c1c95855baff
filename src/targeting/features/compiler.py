"""Indicators and a cohort made into a plan; every fault of their declarations told at once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import chain

from targeting.errors import DeclarationError, Fault
from targeting.features.checks import cohort_faults, input_faults, name_faults
from targeting.features.definition import Cohort, Indicator
from targeting.features.leaves import attributes_of, kinds_of, leaves_of
from targeting.features.lowering import MONTHS_A_YEAR, Lowering
from targeting.features.matrix import KEYS, UNKNOWN_SUFFIX
from targeting.features.plan import PLAN_VERSION, Measure, Plan, PlannedCohort, PlannedIndicator, PlannedSource
from targeting.features.rules import CompileRules
from targeting.sources.definition import Source

# A delivery that comes monthly may be this much older than its facts' own lag says.
USUAL_CADENCE = timedelta(days=35)


def compile_plan(indicators: Sequence[Indicator], *, cohort: Cohort | None, rules: CompileRules) -> Plan:
    """Return the plan of indicators, in their order, and of the cohort for whom they are computed.

    Without a cohort the families are all that have a member on the date. Raises DeclarationError with every fault of
    every declaration, each at its place.
    """
    faults = [*_naming_faults(indicators), *_indicator_faults(indicators, rules), *_cohort_faults(cohort, rules)]
    if faults:
        raise DeclarationError(faults)
    inputs, chosen = Lowering(rules, rules.within_tier), Lowering(rules, rules.sharing)
    measures = _numbered(
        [measure for indicator in indicators for measure in inputs.measures(indicator.value)]
        + (list(chosen.measures(cohort.condition)) if cohort else [])
    )
    return Plan(
        version=PLAN_VERSION,
        purpose=rules.purpose,
        tier=rules.tier,
        indicators=tuple(_planned(indicator, inputs, measures) for indicator in indicators),
        cohort=_planned_cohort(cohort, chosen, measures) if cohort else None,
        measures=tuple(measures),
        sources=tuple(planned_source(source) for source in rules.sources),
        terms=tuple(sorted(rules.terms)) if any(map(_counts_terms, measures)) else (),
    )


def planned_source(source: Source) -> PlannedSource:
    """Return what of a source bears on values."""
    current = source.current_for if source.current_for is not None else source.lag + USUAL_CADENCE
    ages = source.register_ages
    return PlannedSource(
        name=source.name,
        agency=source.agency,
        expires_on=source.agreement.expires_on,
        current_days=current.days,
        register_months=(round(ages[0] * MONTHS_A_YEAR), round(ages[1] * MONTHS_A_YEAR)) if ages else None,
    )


def _planned(indicator: Indicator, lowering: Lowering, measures: Mapping[Measure, int]) -> PlannedIndicator:
    leaves = list(leaves_of(indicator.value))
    contract = lowering.rules.contract
    sources = sorted({index for leaf in leaves for index in lowering.sources_of(leaf)})
    return PlannedIndicator(
        name=indicator.name,
        description=indicator.description,
        concern=indicator.concern,
        sentence=indicator.sentence,
        unit=indicator.unit,
        sentence_if_none=indicator.sentence_if_none,
        direction=indicator.direction,
        unknown_means=indicator.unknown_means,
        use=indicator.use,
        memory=indicator.memory,
        usual=indicator.usual,
        evidence=indicator.evidence,
        program=tuple(lowering.program(indicator.value, measures)),
        kinds=_each_once(kind for leaf in leaves for kind in kinds_of(leaf, contract)),
        sources=tuple(lowering.rules.sources[index].name for index in sources),
        agencies=_each_once(lowering.rules.sources[index].agency for index in sources),
        attributes=_each_once(attribute or "" for leaf in leaves for attribute, _ in attributes_of(leaf, contract)),
    )


def _planned_cohort(cohort: Cohort, lowering: Lowering, measures: Mapping[Measure, int]) -> PlannedCohort:
    program = tuple(lowering.program(cohort.condition, measures))
    return PlannedCohort(name=cohort.name, description=cohort.description, program=program)


def _each_once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(texts)))


def _numbered(measures: Iterable[Measure]) -> dict[Measure, int]:
    return {measure: index for index, measure in enumerate(dict.fromkeys(measures))}


def _counts_terms(measure: Measure) -> bool:
    windows = (selection.window for selection in measure.selections)
    lengths = [*(window.longest for window in windows if window), *(each.over for each in measure.exclusions)]
    return any(length.unit == "terms" for length in lengths)


def _naming_faults(indicators: Sequence[Indicator]) -> Iterator[Fault]:
    named = Counter(indicator.name for indicator in indicators)
    for indicator in indicators:
        name = indicator.name
        if not name.isidentifier() or name.endswith(UNKNOWN_SUFFIX):
            yield Fault(
                place_of(indicator), f"{name!r} is no name: an indicator is named by the variable that holds it."
            )
        elif name in KEYS:
            yield Fault(place_of(indicator), f"{name!r} is a column of every design matrix: rename the indicator.")
        elif named[name] > 1:
            others = ", ".join(place_of(other) for other in indicators if other.name == name and other is not indicator)
            yield Fault(place_of(indicator), f"{name!r} is the name of another indicator too ({others}): rename one.")


def _indicator_faults(indicators: Sequence[Indicator], rules: CompileRules) -> Iterator[Fault]:
    for indicator in indicators:
        for said in input_faults(indicator.value, rules):
            yield Fault(place_of(indicator), f"{indicator.name!r} {said}")
        for said in (*_use_faults(indicator), *memory_faults(indicator)):
            yield Fault(place_of(indicator), f"{indicator.name!r} {said}")


def _use_faults(indicator: Indicator) -> Iterator[str]:
    if indicator.use == "context":
        yield 'is context for a panel (use="context"), no input of a model: leave it out of the model.'
    elif indicator.use == "refused":
        yield f"is refused: {indicator.refused_because}. Leave it out of the model."


def memory_faults(indicator: Indicator) -> Iterator[str]:
    """Yield that an indicator reaches further back than it promises."""
    promised, memory = indicator.longest_memory, indicator.memory
    if promised is not None and (memory is None or memory.is_longer_than(promised)):
        found = f"looks back {memory}" if memory else "some of its facts have no window"
        yield f"promises longest_memory={promised}, but {found}: write .in_last({promised}) or a shorter length."


def naming_faults(indicators: Iterable[Indicator], rules: CompileRules) -> Iterator[Fault]:
    """Yield what indicators name that does not exist, and where they reach further back than they promise.

    For those that no model takes, which are held to no purpose, tier or review.
    """
    for indicator in indicators:
        named = chain.from_iterable(name_faults(leaf, rules) for leaf in leaves_of(indicator.value))
        for said in (*named, *memory_faults(indicator)):
            yield Fault(place_of(indicator), f"{indicator.name!r} {said}")


def _cohort_faults(cohort: Cohort | None, rules: CompileRules) -> Iterator[Fault]:
    if cohort is not None:
        for said in cohort_faults(cohort.condition, rules):
            yield Fault(place_of(cohort), f"the cohort {cohort.name!r} {said}")


def place_of(declared: Indicator | Cohort) -> str:
    """Return where something is declared; the folder where the loader did not say."""
    return declared.place or "features/"
