"""A district's words are checked before anything runs."""

from dataclasses import replace

from targeting.features import Indicator, facts
from targeting.serving.wording import reading_faults, wording_faults

GOOD = Indicator(
    "Suspensions",
    facts("suspension").count_for_family(),
    concern="school",
    sentence="{count:suspension} from school",
    name="suspensions",
    place="features/school.py:7",
)


def faults(**changes: str) -> list[str]:
    return [str(fault) for fault in wording_faults([replace(GOOD, **changes)])]


def test_words_that_may_be_shown_are_no_fault() -> None:
    assert faults() == []


def test_a_gap_that_nothing_fills_is_told_at_its_place() -> None:
    assert faults(sentence="{value} suspensions") == [
        "features/school.py:7: 'suspensions': a sentence has the gap {value}. "
        "Gaps that exist: count, several, number, percent, duration, age, change."
    ]


def test_every_forbidden_word_is_told_wherever_it_stands() -> None:
    assert faults(description="Toxic trio", sentence_if_none="Rated green", concern="offenders") == [
        "features/school.py:7: 'suspensions' says 'green', which no screen may carry.",
        "features/school.py:7: 'suspensions' says 'offenders', which no screen may carry.",
        "features/school.py:7: 'suspensions' says 'Toxic trio', which no screen may carry.",
    ]


def test_a_sentence_that_is_hard_to_read_is_told_with_what_to_do() -> None:
    hard = replace(GOOD, sentence_if_none="Multidisciplinary practitioners identified insufficient parental capacity")
    assert [str(fault) for fault in reading_faults([GOOD, hard])] == [
        "features/school.py:7: 'Multidisciplinary practitioners identified insufficient parental capacity' is hard to "
        "read: 106 where 50 is the most (words a sentence, and long words of 100). Use fewer words of seven letters "
        "and more."
    ]


def test_every_form_of_a_sentence_is_read() -> None:
    assert faults(sentence="{count:offender} left school") == [
        "features/school.py:7: 'suspensions' says 'offenders', which no screen may carry.",
        "features/school.py:7: 'suspensions' says 'offender', which no screen may carry.",
    ]
