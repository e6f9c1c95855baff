"""Sentences read as a person would say them."""

from datetime import date

import pytest

from targeting.serving.sentences import (
    PROMPT,
    SAFEGUARDING,
    SHADOW,
    SYNTHETIC,
    SentenceError,
    Words,
    between,
    duration,
    fill,
    forbidden_words,
    frequency,
    frequency_sentence,
    ordinal,
    reading_difficulty,
    recorded_by,
)


@pytest.mark.parametrize(
    ("template", "value", "said"),
    [
        ("Police recorded {count:incident}", 1, "Police recorded 1 incident"),
        ("Police recorded {count:incident}", 3, "Police recorded 3 incidents"),
        ("{count:child|children} under 5", 2, "2 children under 5"),
        ("{count} in all", 1204, "1,204 in all"),
        ("Missing {count:time}", 1, "Missing once"),
        ("Missing {count:time}", 2, "Missing twice"),
        ("Missing {count:time}", 3, "Missing 3 times"),
        ("A child missed {percent} of sessions", 0.1249, "A child missed 12% of sessions"),
        ("A child missed {percent} of sessions", 0.001, "A child missed less than 1% of sessions"),
        ("A child missed {percent} of sessions", 0.999, "A child missed more than 99% of sessions"),
        ("A child missed {percent} of sessions", 1.0, "A child missed 100% of sessions"),
        ("The last was {duration} ago", 1, "The last was 1 day ago"),
        ("The last was {duration} ago", 45, "The last was 6 weeks ago"),
        ("The last was {duration} ago", 400, "The last was 13 months ago"),
        ("The youngest is {age}", 0, "The youngest is under 1 year old"),
        ("The youngest is {age}", 1, "The youngest is 1 year old"),
        ("The youngest is {age}", 4, "The youngest is 4 years old"),
        ("{number:unit} a week", 2.5, "2.5 units a week"),
        ("{number:unit} a week", 1.0, "1 unit a week"),
        ("Absence {change}", 0.08, "Absence rose by 8 percentage points"),
        ("Absence {change}", -0.01, "Absence fell by 1 percentage point"),
        ("Absence {change}", 0.001, "Absence stayed about the same"),
        ("Calls {change:incident}", -2, "Calls fell by 2 incidents"),
        ("No gap at all", 7, "No gap at all"),
    ],
)
def test_a_gap_is_filled_as_one_speaks(template: str, value: float, said: str) -> None:
    assert fill(template, value) == said


def test_an_unknown_gap_names_those_that_exist() -> None:
    with pytest.raises(SentenceError, match=r"\{rate\}.*count, several, number, percent, duration, age, change"):
        fill("A child missed {rate}", 0.1)


def test_a_broken_sentence_is_said() -> None:
    with pytest.raises(SentenceError, match="cannot be read"):
        fill("A child missed {percent", 0.1)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "0 days"),
        (13, "13 days"),
        (14, "2 weeks"),
        (90, "13 weeks"),
        (91, "3 months"),
        (730, "24 months"),
        (731, "2 years"),
    ],
)
def test_a_duration_changes_its_unit_as_it_grows(days: int, said: str) -> None:
    assert duration(days) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.28, "Of 10 families with records like these, about 3 later needed help; 7 did not."),
        (0.10, "Of 10 families with records like these, about 1 later needed help; 9 did not."),
        (0.099, "Of 100 families with records like these, about 10 later needed help; 90 did not."),
        (0.02, "Of 100 families with records like these, about 2 later needed help; 98 did not."),
        (0.001, "Of 100 families with records like these, fewer than 1 later needed help; at least 99 did not."),
        (0.98, "Of 10 families with records like these, nearly all later needed help; fewer than 1 did not."),
    ],
)
def test_both_halves_of_a_band_are_said(share: float, said: str) -> None:
    assert frequency_sentence(*frequency(share), Words(outcome="later needed help")) == said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A high-risk family", ("high-risk family",)),
        ("The Toxic Trio, which CAUSED it", ("Toxic Trio", "CAUSED")),
        ("This score predicts an offender", ("predicts", "offender")),
        ("Rated red: the mother did not engage", ("red", "did not engage")),
        ("Hard to reach, dysfunctional, troubled", ("Hard to reach", "dysfunctional", "troubled")),
        ("A child was registered and referred because of an incident", ()),
    ],
)
def test_forbidden_words_are_found_whole(text: str, words: tuple[str, ...]) -> None:
    assert forbidden_words(text) == words


@pytest.mark.parametrize("sentence", [PROMPT, SAFEGUARDING, SHADOW, SYNTHETIC])
def test_our_own_standing_sentences_pass_the_lint(sentence: str) -> None:
    assert forbidden_words(sentence) == ()


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (113, "113th"), (1021, "1,021st")],
)
def test_a_place_is_said_as_one_says_it(number: int, said: str) -> None:
    assert ordinal(number) == said


def test_places_are_said_as_a_span_or_as_one() -> None:
    assert (between(3, 9), between(3, 3)) == ("between 3rd and 9th", "3rd")


@pytest.mark.parametrize(
    ("text", "difficulty"),
    [
        ("", 0),
        ("A child was away", 4),
        # Two sentences of three words; two of six are long.
        ("A school wrote. Attendance fell sharply.", 3 + 100 * 2 / 6),
        ("No-one's home was safe", 4 + 100 / 4),
    ],
)
def test_reading_difficulty_is_words_a_sentence_and_long_words_of_a_hundred(text: str, difficulty: float) -> None:
    assert reading_difficulty(text) == pytest.approx(difficulty)


def test_a_reason_says_who_recorded_it_or_in_whose_records_nothing_was_found() -> None:
    assert recorded_by("police", date(2026, 3, 9), "3 weeks ago") == (
        "Recorded by police, latest on 9 March 2026, 3 weeks ago"
    )
    assert recorded_by("police", None, "") == "From the records of police"
    assert recorded_by("", date(2026, 3, 9), "3 weeks ago") == "latest on 9 March 2026, 3 weeks ago"
    assert recorded_by("", None, "") == ""
