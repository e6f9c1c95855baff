"""Faults of a district's words, found before anything runs: a gap that nothing fills, a word that no screen carries."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from targeting.errors import Fault
from targeting.features import Indicator
from targeting.serving.sentences import HARDEST, SentenceError, fill, forbidden_words, reading_difficulty

# Values that bring out every form of a gap: none, a share, one, several, a fall, many days.
VALUES = (0.0, 0.12, 1.0, 7.0, -3.0, 400.0)


def wording_faults(indicators: Iterable[Indicator]) -> Iterator[Fault]:
    """Yield what keeps an indicator's sentences from a screen, in any form, each fault at the indicator's place."""
    for indicator in indicators:
        place = indicator.place or indicator.name
        try:
            fill(indicator.sentence, 1)
        except SentenceError as error:
            yield Fault(place, f"{indicator.name!r}: {error}")
        forms = _sentences(indicator)
        said = (*forms, indicator.sentence_if_none, indicator.unknown_means, indicator.concern, indicator.description)
        for word in dict.fromkeys(forbidden_words(". ".join(said))):
            yield Fault(place, f"{indicator.name!r} says {word!r}, which no screen may carry.")


def reading_faults(indicators: Iterable[Indicator]) -> Iterator[Fault]:
    """Yield each sentence of an indicator that is hard to read, in the hardest of its forms."""
    for indicator in indicators:
        hardest = max(_sentences(indicator), key=reading_difficulty, default="")
        for sentence in (hardest, indicator.sentence_if_none, indicator.unknown_means):
            difficulty = reading_difficulty(sentence)
            if difficulty > HARDEST:
                hard = f"{sentence!r} is hard to read: {difficulty:.0f} where {HARDEST} is the most"
                yield Fault(
                    indicator.place or indicator.name,
                    f"{hard} (words a sentence, and long words of 100). Use fewer words of seven letters and more.",
                )


def _sentences(indicator: Indicator) -> tuple[str, ...]:
    """Return the sentence in every form; none where it cannot be filled."""
    with suppress(SentenceError):
        return tuple(dict.fromkeys(fill(indicator.sentence, value) for value in VALUES))
    return ()
