"""Text of an extract made into values, or into the rule that it breaks.

A reader turns one text, stripped and not empty, into a value or an `Invalid`. It is run once for each different text
of a column, so that a column of millions of rows costs what its few hundred spellings cost.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from stdnum.exceptions import ValidationError
from stdnum.gb import nhs, upn

from targeting.records.codes import LAST_VERIFIED_YEAR
from targeting.records.definition import CodeSet, Column
from targeting.sources.definition import Field

Value = str | int | float | bool | date

FIRST_YEAR, LAST_YEAR = 1900, 2100
CODES_SHOWN = 12
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+(\.0*)?")
DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
# A date, or a date and a time of which the date is taken.
ISO_DAY = r"^(\d{4}-\d{2}-\d{2})[T ].*$"
FLAGS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "yes", "y", "1", "t"), True),
    **dict.fromkeys(("false", "no", "n", "0", "f"), False),
}


@dataclass(frozen=True)
class Invalid:
    """What a value breaks, and what would be right."""

    rule: str
    expected: str


Reader = Callable[[str], Value | Invalid]


@dataclass(frozen=True)
class Values:
    """A column after reading: typed values, null where empty or invalid, and which rule each row breaks (-1: none)."""

    column: str
    texts: pa.Array
    values: pa.Array
    broken: NDArray[np.int32]
    rules: tuple[Invalid, ...]

    @property
    def is_filled(self) -> NDArray[np.bool_]:
        """Whether each row holds anything, readable or not."""
        return self.texts.is_valid().to_numpy(zero_copy_only=False)


def constant_values(field: Field, rows: int, reader: Reader, arrow_type: pa.DataType) -> Values:
    """Return the field's constant, as the reader reads it, on every row."""
    text = _as_text(field.constant)
    texts = pa.repeat(pa.scalar(text, pa.string()), rows)
    return read_values("constant", texts, reader, arrow_type)


def column_values(field: Field, texts: pa.Array, reader: Reader, arrow_type: pa.DataType) -> Values:
    """Return a column read by `reader`; the field's empty spellings, in any case, are no value."""
    if field.format is None and arrow_type == pa.date32():
        texts = pc.replace_substring_regex(pc.utf8_trim_whitespace(texts), ISO_DAY, r"\1")
    stripped = pc.utf8_trim_whitespace(texts)
    empty = pa.array(sorted({spelling.strip().lower() for spelling in ("", *field.empty)}))
    filled = pc.invert(pc.is_in(pc.utf8_lower(stripped), value_set=empty))
    return read_values(field.column or "", pc.if_else(filled, stripped, None), reader, arrow_type)


def read_values(column: str, texts: pa.Array, reader: Reader, arrow_type: pa.DataType) -> Values:
    """Return what `reader` makes of each text; null stays null."""
    if reader is text_reader:
        return Values(column, texts, texts, np.full(len(texts), -1, np.int32), ())
    encoded = texts.dictionary_encode()
    read = [reader(word) for word in encoded.dictionary.to_pylist()]
    rules = tuple(dict.fromkeys(result for result in read if isinstance(result, Invalid)))
    numbers = {rule: number for number, rule in enumerate(rules)}
    broken = pa.array([numbers[result] if isinstance(result, Invalid) else -1 for result in read], pa.int32())
    values = pa.array([None if isinstance(result, Invalid) else result for result in read], arrow_type)
    return Values(
        column=column,
        texts=texts,
        values=values.take(encoded.indices),
        broken=pc.fill_null(broken.take(encoded.indices), -1).to_numpy(zero_copy_only=False),
        rules=rules,
    )


def _as_text(constant: Value | None) -> str | None:
    return None if constant is None else str(constant)


def text_reader(text: str) -> Value | Invalid:
    """Return any text as it is."""
    return text


def date_reader(pattern: str | None) -> Reader:
    """Return a reader of dates by a strptime pattern; None: ISO dates, with or without a time behind them."""
    return partial(_read_date, pattern)


@lru_cache(maxsize=1 << 17)
def _read_date(pattern: str | None, text: str) -> Value | Invalid:
    shown = pattern or "YYYY-MM-DD"
    try:
        day = datetime.strptime(text, pattern).date() if pattern else date.fromisoformat(text)  # noqa: DTZ007
    except ValueError:
        return Invalid("not a date", f"a date as {shown}")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return Invalid("not a likely date", f"a date from {FIRST_YEAR} to {LAST_YEAR}, as {shown}")
    return day


def value_reader(column: Column, field: Field, year: int | None = None) -> Reader:
    """Return the reader of one column of a kind of fact; codes must be in force in the census `year`, where given."""
    if column.type == "date":
        return date_reader(field.format)
    if column.type == "flag":
        return flag_reader(field.codes)
    if column.type == "code":
        return code_reader(column.codes, field.codes, year)
    return number_reader(column)


def number_reader(column: Column) -> Reader:
    """Return a reader of numbers within the column's bounds; whole ones for an integer."""
    is_whole = column.type == "integer"
    pattern, make, name = (WHOLE_NUMBER, _whole, "a whole number") if is_whole else (DECIMAL, float, "a number")
    bounds = _bounds(column)

    def read(text: str) -> Value | Invalid:
        if not pattern.fullmatch(text):
            return Invalid(f"not {name}", name + bounds)
        value = make(text)
        too_low = column.minimum is not None and value < column.minimum
        too_high = column.maximum is not None and value > column.maximum
        return Invalid("out of range", name + bounds) if too_low or too_high or abs(value) >= 2**63 else value

    return read


def _whole(text: str) -> int:
    return int(text.split(".", maxsplit=1)[0])


def _bounds(column: Column) -> str:
    if column.minimum is None and column.maximum is None:
        return ""
    if column.maximum is None:
        return f" of at least {column.minimum:g}"
    return f" of at most {column.maximum:g}" if column.minimum is None else f" {column.minimum:g} to {column.maximum:g}"


def flag_reader(spellings: Mapping[str, str]) -> Reader:
    """Return a reader of yes and no in common spellings, after the extract's own."""
    own = {_folded(spelling): FLAGS[_folded(flag)] for spelling, flag in spellings.items()}
    known = {**FLAGS, **own}
    expected = f"one of {', '.join(sorted(own) or ['yes', 'no', 'true', 'false', '1', '0'])}"

    def read(text: str) -> Value | Invalid:
        flag = known.get(_folded(text))
        return Invalid("not yes or no", expected) if flag is None else flag

    return read


def code_reader(codes: CodeSet | None, spellings: Mapping[str, str], year: int | None = None) -> Reader:
    """Return a reader of the contract's codes, by the extract's spelling or the code itself, in any case.

    Where the column has no code set, any text is a code.
    """
    own = {_folded(spelling): code for spelling, code in spellings.items()}
    known = {_folded(code): code for code in codes.codes} | own if codes else own
    is_verified = year is None or year <= LAST_VERIFIED_YEAR
    doubt = "" if is_verified else f"; those of {year} are not verified: codes of {LAST_VERIFIED_YEAR} hold"

    def read(text: str) -> Value | Invalid:
        code = known.get(_folded(text))
        if codes is None:
            return code or text
        if code is None:
            return Invalid("unknown code", _one_of(codes, spellings) + doubt)
        if not codes.is_in_force(code, year):
            return Invalid(f"code not in force in {year}", f"a code of {codes.name} that the {year} census knew{doubt}")
        return code

    return read


def _one_of(codes: CodeSet, spellings: Mapping[str, str]) -> str:
    shown = sorted(spellings) or list(codes.codes)
    more = ", ..." if len(shown) > CODES_SHOWN else ""
    return f"one of {', '.join(shown[:CODES_SHOWN])}{more} ({codes.name})"


def _folded(text: str) -> str:
    return text.strip().casefold()


def nhs_number_reader(text: str) -> Value | Invalid:
    """Return the ten digits of an NHS number whose check digit holds."""
    try:
        return nhs.validate(text)
    except ValidationError:
        return Invalid("NHS number fails its check", "ten digits")


def upn_reader(text: str) -> Value | Invalid:
    """Return a unique pupil number whose check letter holds."""
    try:
        return upn.validate(text)
    except ValidationError:
        return Invalid("UPN fails its check", "a check letter and 12 digits")
