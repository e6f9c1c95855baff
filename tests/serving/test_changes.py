"""The words of changes and places may stand on any screen, and are easy to read."""

import pytest

from targeting.serving.changes import CAUSES_IN_WORDS, rank_range
from targeting.serving.moved import Places
from targeting.serving.reasons import BECAUSE_IN_WORDS
from targeting.serving.replays import CAUSES
from targeting.serving.sentences import HARDEST, forbidden_words, reading_difficulty

RANGE = rank_range(4, Places(best=3, worst=9), Places(best=2, worst=1_021))
SAID = (*CAUSES_IN_WORDS.values(), *BECAUSE_IN_WORDS.values(), *RANGE.why)


def test_every_cause_has_words() -> None:
    assert tuple(CAUSES_IN_WORDS) == CAUSES


@pytest.mark.parametrize("sentence", SAID)
def test_no_sentence_of_a_change_is_forbidden_or_hard(sentence: str) -> None:
    assert forbidden_words(sentence) == ()
    assert reading_difficulty(sentence) <= HARDEST
