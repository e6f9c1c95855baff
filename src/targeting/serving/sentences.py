"""Plain sentences: what an indicator's value says, how sure a band is, and the words that no screen may carry."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from string import Formatter

from targeting.errors import TargetingError

DAYS_IN_YEAR = 365.25
DAYS_IN_MONTH = DAYS_IN_YEAR / 12

PROMPT = "This list is a prompt to look, not evidence."
SAFEGUARDING = "A child at risk of harm now goes to the safeguarding route today, not to a list."
SHADOW = "Shadow list: everyone is shown by pseudonym and nobody is contacted because of it."
BY_POINTS = "This list is ordered by a points rule: it says what is recorded, and estimates nothing."
# In place of a band.
NO_ESTIMATE = "While these flags are suspended, no estimate is given."
# Of a gap that nothing fills, beside a rank's range.
CANNOT_BE_TOLD = "Some of what is not known is known of too few others to tell how far it could move the place"
SYNTHETIC = "Synthetic data: no family here exists, and nothing here is about a real place."

# What a screen never says, with why; matched as whole words, whatever the case.
FORBIDDEN: Mapping[str, str] = {
    r"risk scores?": "a number is not a family",
    r"toxic trio": "name the needs instead",
    r"high[- ]risk famil(?:y|ies)": "a family is not its risk",
    r"hard[- ]to[- ]reach": "services are hard to reach, families are not",
    r"(?:did not|didn't|does not|refus\w+ to|fail\w* to) engage|non-?engag\w+|disengag\w+": "say what was offered",
    r"offenders?": "say what happened",
    r"dysfunction\w*": "say what happened",
    r"troubled": "say what the family needs",
    r"caus(?:es|ed)": "records show what came first, not why",
    r"predict\w*": "a list estimates",
    r"red|amber|green": "no traffic lights on a family",
}
_FORBIDDEN = re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in FORBIDDEN), re.IGNORECASE)


# In place of a count that is of a few, or would give such a count away.
WITHHELD = "c"
# Of a figure that moved too little to be told.
STEADY = "stayed about the same"
# From so many on one speaks of several.
SEVERAL_FROM = 2

# Above this a text is no longer of middling ease, by Björnsson's own scale.
HARDEST = 50
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_STOP = re.compile(r"[.;:!?]+(?:\s|$)")


class SentenceError(TargetingError):
    """A sentence with a gap that nothing fills."""


def forbidden_words(text: str) -> tuple[str, ...]:
    """Return the words in `text` that no screen may carry, in order; empty where there are none."""
    return tuple(match.group() for match in _FORBIDDEN.finditer(text))


def reading_difficulty(text: str) -> float:
    """Return LIX: words a sentence, and of 100 words how many have more than six letters; 0 for no words.

    Below 30 is very easy, to 40 easy, to 50 middling, to 60 hard. C. H. Björnsson, Läsbarhet (1968).
    """
    words = _WORD.findall(text)
    if not words:
        return 0.0
    return len(words) / max(len(_STOP.findall(text)), 1) + 100 * sum(len(word) > 6 for word in words) / len(words)


def count_of(number: int, noun: str) -> str:
    """Return `1 incident`, `3 incidents`, `2 children` (noun `child|children`), `once`, `1,204` without a noun."""
    if noun == "time" and number in (1, 2):
        return "once" if number == 1 else "twice"
    singular, _, plural = noun.partition("|")
    if not singular:
        return f"{number:,}"
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def ordinal(number: int) -> str:
    """Return a place as one says it: `1st`, `2nd`, `3rd`, `11th`, `1,021st`."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def between(best: int, worst: int) -> str:
    """Return a span of places: `between 3rd and 9th`, or `3rd` where it is one."""
    return ordinal(best) if best == worst else f"between {ordinal(best)} and {ordinal(worst)}"


def in_words(day: date) -> str:
    """Return a date as one says it: 30 March 2026."""
    return f"{day.day} {day:%B %Y}"


def recorded_by(agency: str, latest: date | None, age: str) -> str:
    """Return who recorded what a reason says and when last; of what nobody recorded, whose records were looked in."""
    if latest is None:
        return f"From the records of {agency}" if agency else ""
    when = f"latest on {in_words(latest)}, {age}"
    return f"Recorded by {agency}, {when}" if agency else when


def duration(days: float) -> str:
    """Return a length of time as one speaks of it, to the nearest unit: `1 day`, `6 weeks`, `5 months`, `3 years`."""
    if days < 14:
        return count_of(max(round(days), 0), "day")
    if days < 13 * 7:
        return count_of(round(days / 7), "week")
    if days < 2 * DAYS_IN_YEAR:
        return count_of(round(days / DAYS_IN_MONTH), "month")
    return count_of(round(days / DAYS_IN_YEAR), "year")


def age(years: float) -> str:
    """Return an age of completed years: `under 1 year old`, `1 year old`, `4 years old`."""
    return "under 1 year old" if years < 1 else f"{count_of(int(years), 'year')} old"


def percent(share: float) -> str:
    """Return a share as a whole percentage, never rounding some to none or not all to all."""
    if 0 < share < 0.005:
        return "less than 1%"
    if 0.995 <= share < 1:
        return "more than 99%"
    return f"{share * 100:.0f}%"


def number(value: float, noun: str = "") -> str:
    """Return a figure to one decimal at most, with its noun: `2.5 units`, `3 units`."""
    rounded = round(value, 1)
    if rounded == int(rounded):
        return count_of(int(rounded), noun)
    singular, _, plural = noun.partition("|")
    return f"{rounded:,} {plural or singular + 's'}" if noun else f"{rounded:,}"


def change(value: float, noun: str = "") -> str:
    """Return how a figure moved: `rose by 2 incidents`; without a noun, in percentage points of a share."""
    size = count_of(round(abs(value)), noun) if noun else count_of(round(abs(value) * 100), "percentage point")
    if size.startswith("0 "):
        return STEADY
    return f"{'rose' if value > 0 else 'fell'} by {size}"


def _plain(write: Callable[[float], str]) -> Callable[[float, str], str]:
    return lambda value, _noun: write(value)


# The gaps that a sentence may have: {count:incident}, {percent}, {duration} (from days), {age} (from years), ...
# {several:service} is a count that says nothing of one.
GAPS: Mapping[str, Callable[[float, str], str]] = {
    "count": lambda value, noun: count_of(round(value), noun),
    "several": lambda value, noun: count_of(round(value), noun),
    "number": number,
    "percent": _plain(percent),
    "duration": _plain(duration),
    "age": _plain(age),
    "change": change,
}


def fill(template: str, value: float) -> str:
    """Return a sentence with its gap filled by `value`; a sentence without a gap as it is.

    Raises SentenceError on a gap that is none of `GAPS`.
    """
    return "".join(text + _gap(name, noun, value) for text, name, noun in _parts(template))


def gap_of(template: str) -> str | None:
    """Return the name of a sentence's first gap, such as `count`; None where it has none."""
    return next((name for _, name, _ in _parts(template) if name is not None), None)


@cache
def _parts(template: str) -> tuple[tuple[str, str | None, str], ...]:
    try:
        return tuple((text, name, noun or "") for text, name, noun, _ in Formatter().parse(template))
    except ValueError as error:
        raise SentenceError(f"the sentence {template!r} cannot be read: {error}.") from None


def _gap(name: str | None, noun: str, value: float) -> str:
    if name is None:
        return ""
    if name not in GAPS:
        raise SentenceError(f"a sentence has the gap {{{name}}}. Gaps that exist: {', '.join(GAPS)}.")
    return GAPS[name](value, noun)


def says_nothing(template: str, value: float) -> bool:
    """Return whether a sentence would be empty talk: several of what is one, or a change of what stayed the same."""
    return any(
        (name == "several" and value < SEVERAL_FROM) or (name == "change" and change(value, noun) == STEADY)
        for _, name, noun in _parts(template)
    )


def suspended_sentence(since: date, why: str) -> str:
    """Return that flags are suspended, since when and why."""
    return f"Suspended since {in_words(since)}: {why.rstrip('.')}. Nobody acts on these flags until that is lifted."


def enumerated(names: Sequence[str]) -> str:
    """Return names as one says them: `police, schools and midwives`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def place_kept(many: str, kept_for: str) -> str:
    """Return for whom a place is kept, in the district's own description of them, where a list carries one."""
    whom = kept_for[:1].lower() + kept_for[1:] if kept_for else f"{many} never known"
    return f"on a place kept for {whom}"


@dataclass(frozen=True, kw_only=True)
class Words:
    """How a district speaks of what it lists: `one` family, `many` families, and what some of them later met.

    `urgent` says where somebody goes who cannot wait for a list.
    """

    one: str = "family"
    many: str = "families"
    outcome: str = "later needed a social worker within 6 months"
    urgent: str = SAFEGUARDING


def frequency(share: float) -> tuple[int, int]:
    """Return a share as so many of 10, or of 100 where it is below one in ten: 0.28 is (3, 10), 0.02 is (2, 100)."""
    of = 10 if share >= 0.10 else 100
    return round(share * of), of


def frequency_sentence(about: int, of: int, words: Words) -> str:
    """Return both halves of a frequency.

    >>> frequency_sentence(3, 10, Words())
    'Of 10 families with records like these, about 3 later needed a social worker within 6 months; 7 did not.'
    """
    opening = f"Of {of} {words.many} with records like these,"
    if about == 0:
        return f"{opening} fewer than 1 {words.outcome}; at least {of - 1} did not."
    if about == of:
        return f"{opening} nearly all {words.outcome}; fewer than 1 did not."
    return f"{opening} about {about} {words.outcome}; {of - about} did not."
