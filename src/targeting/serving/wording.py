"""Faults of a district's words, found before anything runs: a gap that nothing fills, a word that no screen carries."""

from collections.abc import Iterable, Iterator

from targeting.errors import Fault
from targeting.features import Indicator
from targeting.serving.sentences import SentenceError, fill, forbidden_words


def wording_faults(indicators: Iterable[Indicator]) -> Iterator[Fault]:
    """Yield what keeps an indicator's sentences from a screen, each fault at the indicator's place."""
    for indicator in indicators:
        place = indicator.place or indicator.name
        try:
            spoken = fill(indicator.sentence, 1)
        except SentenceError as error:
            yield Fault(place, f"{indicator.name!r}: {error}")
            spoken = ""
        said = (spoken, indicator.sentence_if_none, indicator.concern, indicator.unknown_means, indicator.description)
        for word in forbidden_words(". ".join(said)):
            yield Fault(place, f"{indicator.name!r} says {word!r}, which no screen may carry.")
