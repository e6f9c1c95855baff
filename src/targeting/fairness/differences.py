"""What changed since the last audit, from the two as they were published."""

from collections.abc import Iterator
from dataclasses import replace

from targeting.fairness.metrics import RATES, split_comparison, title_of
from targeting.fairness.results import WITHHELD, Audit, GatingResult, Number, Section, SectionColumn, SectionRow, Shown
from targeting.fairness.sentences import cut_in_words


def since(now: Audit, last: Audit) -> Audit:
    """Return an audit with what changed since an earlier one before its other sections."""
    return replace(now, sections=(differences(now, last), *now.sections))


def differences(now: Audit, last: Audit) -> Section:
    """Return, for each gating comparison now or then, both verdicts and both gaps.

    Only what either audit shows is compared, so that nothing withheld comes back. Intervals that do not meet are said
    to differ by more than chance; gaps of a different limit or definition are not compared.
    """
    before = {_key(gate): gate for gate in last.gating}
    rows = [_row(gate, before.pop(_key(gate), None), _label(gate, now)) for gate in now.gating]
    rows += [_gone(gate, _label(gate, last)) for gate in before.values()]
    return Section(
        name="differences",
        title="What changed since the last audit",
        rows_are="Comparison",
        says=tuple(_says(now, last)),
        columns=tuple(
            SectionColumn(heading=heading, form="text")
            for heading in ("Verdict then", "Verdict now", "Gap then", "Gap now", "Beyond chance")
        ),
        rows=tuple(rows),
    )


def _key(gate: GatingResult) -> tuple[str, str, str, str]:
    return gate.attribute, gate.group, gate.measure, gate.cut


def _says(now: Audit, last: Audit) -> Iterator[str]:
    yield f"The last audit ({last.title}) said {last.verdict}; this one says {now.verdict}."
    if now.policy_digest != last.policy_digest:
        yield "The policy was changed in between, so that groups, limits or lists may not be the same."
    groups = {(each.name, group.group) for each in now.attributes for group in each.groups}
    earlier = {(each.name, group.group) for each in last.attributes for group in each.groups}
    for what, found in (("New groups", groups - earlier), ("Groups no longer there", earlier - groups)):
        if found:
            yield f"{what}: {', '.join(f'{attribute} {group}' for attribute, group in sorted(found))}."


def _row(gate: GatingResult, before: GatingResult | None, label: str) -> SectionRow:
    then = ("not compared", "") if before is None else (before.verdict, _gap(before, before.estimate))
    beyond = "" if before is None else _beyond_chance(gate.estimate, before.estimate)
    return SectionRow(label=label, values=(then[0], gate.verdict, then[1], _gap(gate, gate.estimate), beyond))


def _gone(gate: GatingResult, label: str) -> SectionRow:
    return SectionRow(label=label, values=(gate.verdict, "no longer compared", _gap(gate, gate.estimate), "", ""))


def _label(gate: GatingResult, audit: Audit) -> str:
    attribute = next((each for each in audit.attributes if each.name == gate.attribute), None)
    found = [None if attribute is None else attribute.group(name) for name in (gate.group, gate.reference)]
    names = (gate.group, gate.reference)
    own, other = (name if group is None else group.words for name, group in zip(names, found, strict=True))
    return f"{title_of(split_comparison(gate.measure)[0])}, {cut_in_words(gate.cut)}: {own} against {other}"


def _gap(gate: GatingResult, shown: Shown) -> str:
    metric, how = split_comparison(gate.measure)
    if shown.value is None or shown.value == WITHHELD:
        return WITHHELD if shown.value == WITHHELD else ""
    in_points = how == "difference" and metric in RATES
    values = [_number(each, in_points) for each in (shown.value, shown.lower, shown.upper) if each is not None]
    unit = " points" if in_points else ""
    return f"{values[0]}{unit}" if len(values) < 3 else f"{values[0]}{unit} ({values[1]} to {values[2]})"


def _number(value: Number, in_points: bool) -> str:
    number = float(value or 0.0)
    return f"{100 * number:+.1f}".replace("-", "−") if in_points else f"{number:.2f}"


def _beyond_chance(now: Shown, then: Shown) -> str:
    if now.lower is None or now.upper is None or then.lower is None or then.upper is None:
        return "cannot tell"
    return "yes" if now.lower > then.upper or now.upper < then.lower else "no"
