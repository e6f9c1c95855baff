"""A value is read as one thing or named as wrong, and never guessed."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.records.codes import ASSESSMENT_FACTOR
from targeting.records.definition import Column
from targeting.sources.converting import (
    Invalid,
    code_reader,
    column_values,
    date_reader,
    flag_reader,
    nhs_number_reader,
    number_reader,
    upn_reader,
    value_reader,
)
from targeting.sources.definition import Field
from targeting.sources.faults import shapes

HOURS = Column(name="hours", description="", type="number", minimum=0, maximum=99.5)
SESSIONS = Column(name="sessions", description="", type="integer", minimum=1)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.sampled_from(["%d/%m/%Y", "%Y%m%d", "%d-%b-%Y", None]))
def test_every_date_reads_back(day: date, pattern: str | None) -> None:
    text = day.strftime(pattern) if pattern else day.isoformat()
    assert date_reader(pattern)(text) == day


@settings(max_examples=40)
@given(st.text("0123456789/ -", max_size=12))
def test_any_text_is_a_date_as_declared_or_invalid(text: str) -> None:
    read = date_reader("%d/%m/%Y")(text)
    assert isinstance(read, Invalid) or read.strftime("%d/%m/%Y") == text or len(text) < 10


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("+3", 3), ("3.0", 3), ("3.", 3), ("0", "out of range"), ("3.5", "not a whole number")]
    + [(text, "not a whole number") for text in ("", "three", "1,000", "0x10", "1e3", "٣", "nan")],
)
def test_whole_numbers(text: str, value: object) -> None:
    read = number_reader(SESSIONS)(text)
    assert (read.rule if isinstance(read, Invalid) else read) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3.0), (".5", 0.5), ("1e1", 10.0), ("99.5", 99.5), ("99.6", "out of range"), ("1e400", "out of range")]
    + [(text, "not a number") for text in ("nan", "inf", "1,5", "")],
)
def test_numbers(text: str, value: object) -> None:
    read = number_reader(HOURS)(text)
    assert (read.rule if isinstance(read, Invalid) else read) == value


def test_bounds_are_said() -> None:
    assert number_reader(HOURS)("-1") == Invalid("out of range", "a number 0 to 99.5")
    assert number_reader(SESSIONS)("0") == Invalid("out of range", "a whole number of at least 1")


@pytest.mark.parametrize(("text", "flag"), [("Y", True), ("yes", True), ("1", True), ("FALSE", False), (" no ", False)])
def test_flags_in_common_spellings(text: str, flag: bool) -> None:
    assert flag_reader({})(text) is flag


def test_an_extracts_own_spelling_of_a_flag_comes_first() -> None:
    read = flag_reader({"Child in need": "true", "y": "false"})
    assert (read("CHILD IN NEED"), read("y")) == (True, False)
    assert read("maybe") == Invalid("not yes or no", "one of child in need, y")


def test_codes_of_another_year_are_refused_and_the_code_itself_is_always_known() -> None:
    read = code_reader(ASSESSMENT_FACTOR, {"Gangs": "13A"}, year=2020)
    assert (read("gangs"), read("13a"), read("18A")) == ("13A", "13A", "18A")
    assert read("24A") == Invalid("code not in force in 2020", "a code of assessment_factor that the 2020 census knew")
    assert code_reader(ASSESSMENT_FACTOR, {}, year=2024)("18a").rule == "code not in force in 2024"
    assert code_reader(ASSESSMENT_FACTOR, {})("18a") == "18A"
    assert code_reader(ASSESSMENT_FACTOR, {"gangs": "13A"})("guns").expected == "one of gangs (assessment_factor)"


def test_without_a_code_set_any_text_is_a_code() -> None:
    assert value_reader(Column(name="ward", description="", type="code"), Field())("E05001341") == "E05001341"


def test_numbers_of_people_are_kept_only_where_their_check_holds() -> None:
    assert nhs_number_reader("943 476 5919") == "9434765919"
    assert nhs_number_reader("943 476 5918") == Invalid("NHS number fails its check", "ten digits")
    assert upn_reader("b801200005001") == "B801200005001"
    assert upn_reader("A801200005001") == Invalid("UPN fails its check", "a check letter and 12 digits")


def test_a_time_behind_an_iso_date_is_left_out() -> None:
    texts = pa.array(["2024-03-01", " 2024-03-01 23:59:59 ", "2024-03-01T08:00:00Z", "2024-03-01x", None, ""])
    read = column_values(Field(column="on"), texts, date_reader(None), pa.date32())
    day = date(2024, 3, 1)
    assert read.values.to_pylist() == [day, day, day, None, None, None]
    assert read.broken.tolist() == [-1, -1, -1, 0, -1, -1]
    assert read.is_filled.tolist() == [True, True, True, True, False, False]


@given(st.lists(st.text(max_size=60) | st.none(), max_size=5))
def test_a_shape_shows_no_letter_and_no_digit(texts: list[str | None]) -> None:
    for shape in shapes(pa.array(texts, pa.string())).to_pylist():
        assert len(shape) <= 40
        assert not any(letter.isalpha() and letter not in "Aa" for letter in shape)
        assert not any(digit.isdecimal() and digit != "9" for digit in shape)


def test_a_shape_keeps_what_lies_between() -> None:
    assert shapes(pa.array(["BD7 1DP", "Ann-Marie", "Łucja", "12/03/2019"])).to_pylist() == [
        "AA9 9AA",
        "Aaa-Aaaaa",
        "Aaaaa",
        "99/99/9999",
    ]
