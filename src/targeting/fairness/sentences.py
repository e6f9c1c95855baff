"""Verdicts in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass

from targeting.fairness.cuts import parse_cut
from targeting.fairness.metrics import RATES, split_comparison, title_of
from targeting.fairness.results import GatingResult, Verdict
from targeting.fairness.verdicts import GRAVEST_FIRST, Comparison, overall_verdict


def overall_sentence(gating: Sequence[GatingResult]) -> str:
    """Return what the verdict on the whole means for those who sign."""
    if not gating:
        return "The policy names no gating comparison, so this audit describes and decides nothing."
    found = [result.verdict for result in gating]
    counted = ", ".join(f"{found.count(verdict)} {verdict}" for verdict in GRAVEST_FIRST if verdict in found)
    return f"Of {len(found)} gating comparisons: {counted}. {_MEANING[overall_verdict(found)]}"


_MEANING: dict[Verdict, str] = {
    "fail": "A failed comparison blocks promotion until the gap is mended or the model changed.",
    "cannot tell": (
        "Where it cannot be told, the model goes no further unless governance signs its own acceptance, with a date "
        "for the next audit."
    ),
    "concern": "Nothing blocks promotion; those who sign should look at each gap of concern first.",
    "pass": "Every gap named beforehand lies within its limit.",
}


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a sentence on a comparison needs beside its numbers; `withheld` names whose figures are."""

    people: str
    group: str
    reference: str
    measure: str
    cut: str
    group_value: float | None
    reference_value: float | None
    withheld: tuple[str, ...] = ()
    comparisons: int = 1
    foreseen_gap: float | None = None


def sentence(comparison: Comparison, verdict: Verdict, words: Words) -> str:
    """Return a verdict in plain words, without a figure that is withheld."""
    metric, how = split_comparison(words.measure)
    if words.withheld:
        unseen = f"The figures of {' and '.join(words.withheld)} are withheld, lest {words.people} be made out."
        settled = "Lists of more dates, or a wider group named beforehand, would let them be shown."
        return f"{unseen} {_CONCLUSION['cannot tell']} {settled}{_foreseen(comparison, metric, words)}"
    if comparison.value is None or words.group_value is None or words.reference_value is None:
        return f"{_nobody(metric, words)} No gap could be seen, however large, until there are some."
    what_is = f"{_what_is(metric, words)} {_gap(comparison, metric, how, words.comparisons)}."
    foreseen = _foreseen(comparison, metric, words) if verdict == "cannot tell" else ""
    return f"{what_is} {_conclude(comparison, verdict, metric)}{foreseen}"


_CONCLUSION: dict[Verdict, str] = {
    "pass": "The gap lies within the limit.",
    "concern": "There is a gap, and it may be beyond the limit.",
    "fail": "The gap is beyond the limit.",
    "cannot tell": "These data cannot tell whether there is a gap beyond the limit or none at all.",
}


def _nobody(metric: str, words: Words) -> str:
    missing = words.group if words.group_value is None else words.reference
    among = RATES[metric].among if metric in RATES else "with the outcome, or none without it,"
    return f"{_listing(words)} there are no {words.people} {among} in {missing}.".replace("  ", " ")


def _what_is(metric: str, words: Words) -> str:
    own, other = (_number(value, metric) for value in (words.group_value, words.reference_value))
    if metric not in RATES:
        name = title_of(metric)
        return f"{name[0].upper()}{name[1:]} is {own} for {words.group} and {other} for {words.reference}:"
    rate = RATES[metric]
    if rate.is_share_of_all:
        return f"{_listing(words)} {own} of those {rate.among} are {words.group} and {other} {words.reference}:"
    among = f"{words.people} {rate.among}".strip()
    return f"{_listing(words)} of {among}, {own} in {words.group} and {other} in {words.reference} {rate.did}:"


def _listing(words: Words) -> str:
    return f"Listing {cut_in_words(words.cut)}:"


def cut_in_words(text: str) -> str:
    """Return what a cut lists: `the first 5% of places`."""
    cut = parse_cut(text)
    amount = f"{float(cut.amount):g}"
    if cut.kind == "score":
        return f"scores of {amount} and above"
    if cut.kind == "weeks":
        return f"all whom {amount} weeks of lists name"
    return f"the first {amount}% of places" if cut.kind == "share" else f"the first {amount} places"


def _gap(comparison: Comparison, metric: str, how: str, comparisons: int) -> str:
    value = _gap_number(comparison.value, metric, how)
    if comparison.bounds is None:
        return f"{value}, and too few to say how sure that is"
    bounds = [_gap_number(bound, metric, how, unit=False) for bound in (comparison.lower, comparison.upper)]
    what = "95% interval" if comparisons == 1 else f"interval that allows for {comparisons} comparisons:"
    return f"{value} ({what} {bounds[0]} to {bounds[1]})"


def _gap_number(value: float | None, metric: str, how: str, *, unit: bool = True) -> str:
    value = value or 0.0
    if how == "ratio":
        return f"{value:.2f} times" if unit else f"{value:.2f}"
    if metric in RATES:
        return f"{_signed(100 * value, 1)} percentage points" if unit else _signed(100 * value, 1)
    return f"{_signed(value, 3)} apart" if unit else _signed(value, 3)


def _signed(value: float, digits: int) -> str:
    text = f"{value:+.{digits}f}".replace("-", "−")
    return text[1:] if float(text[1:]) == 0 else text


def _number(value: float | None, metric: str) -> str:
    return f"{100 * (value or 0.0):.1f}%" if metric in RATES else f"{value or 0.0:.3f}"


def _conclude(comparison: Comparison, verdict: Verdict, metric: str) -> str:
    limit = _limit(comparison, metric)
    if verdict != "cannot tell":
        return f"{_CONCLUSION[verdict][:-1]} ({limit})."
    gap = comparison.smallest_detectable_gap
    cannot = f"These data cannot tell whether there is a gap beyond the limit ({limit}) or none at all."
    if gap is None or comparison.times_more_data is None:
        return f"{cannot} It takes more data, and these are too few to say how much."
    shown = f"To be seen four times in five, a gap would have to be about {_plain(gap, comparison, metric)}"
    if comparison.times_more_data <= 1:
        return f"{cannot} {shown}."
    times = _rounded(comparison.times_more_data)
    return f"{cannot} {shown}; one as large as the limit would need about {times} times as much data."


def _foreseen(comparison: Comparison, metric: str, words: Words) -> str:
    """Return what was known beforehand of the gap that could be seen."""
    if words.foreseen_gap is None:
        return ""
    gap = _plain(words.foreseen_gap, comparison, metric)
    return f" Before training it was reckoned that a gap of about {gap} could be seen."


def _rounded(times: float) -> str:
    return f"{times:.1f}" if times < 10 else f"{times:,.0f}"


def _limit(comparison: Comparison, metric: str) -> str:
    if comparison.is_ratio:
        return f"{max(comparison.limit, 1 / comparison.limit):.4g} times, either way up"
    return f"{_plain(comparison.limit, comparison, metric)} either way"


def _plain(gap: float, comparison: Comparison, metric: str) -> str:
    if comparison.is_ratio:
        return f"{gap:.2f} times" if gap < 100 else "more than 100 times"
    return f"{100 * gap:.3g} points" if metric in RATES else f"{gap:.3g}"
