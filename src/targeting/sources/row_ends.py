"""Where rows of CSV text end: at a line feed that is not inside quotation marks."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]

QUOTE, LINE_FEED, CARRIAGE_RETURN = ord('"'), ord("\n"), ord("\r")


@dataclass(frozen=True)
class Quotations:
    """The quoted stretches of a text that begins outside of any: from `opens`, a quotation mark, up to `closes`.

    The last one may be open still, and closes behind the text.
    """

    opens: Places
    closes: Places

    def covering(self, place: int) -> int | None:
        """Return where the stretch opens that a place lies in, None outside of all."""
        last = int(np.searchsorted(self.opens, place)) - 1
        return int(self.opens[last]) if last >= 0 and place < self.closes[last] else None


def quotations(text: bytes, delimiter: bytes) -> Quotations:
    """Return the quoted stretches of a text that begins with a row.

    A quotation mark opens one at the beginning of a field alone; elsewhere in an unquoted field it is a character.
    """
    if b'"' not in text:
        nowhere = np.empty(0, np.int64)
        return Quotations(nowhere, nowhere)
    marks = np.flatnonzero(np.frombuffer(text, np.uint8) == QUOTE)
    if not _each_opens_or_closes(text, marks, delimiter):
        return _one_by_one(text, delimiter)
    closes = marks[1::2] + 1
    return Quotations(marks[0::2], closes if len(marks) % 2 == 0 else np.append(closes, len(text) + 1))


def _each_opens_or_closes(text: bytes, marks: Places, delimiter: bytes) -> bool:
    """Return whether every second mark ends a field that the one before began, or is doubled."""
    content = np.frombuffer(text, np.uint8)
    between = np.zeros(256, np.bool_)
    between[[*delimiter, LINE_FEED, CARRIAGE_RETURN]] = True
    opening, closing = marks[0::2], marks[1::2]
    begins = between[content[np.maximum(opening - 1, 0)]] | (opening == 0)
    ends = between[content[np.minimum(closing + 1, len(content) - 1)]] | (closing == len(content) - 1)
    if not (begins.all() and ends.all()):
        # What closes right before the next one opens is one mark, doubled.
        doubled = closing[: len(opening) - 1] + 1 == opening[1:]
        begins[1:] |= doubled
        ends[: len(doubled)] |= doubled
    return bool(begins.all() and ends.all())


def _one_by_one(text: bytes, delimiter: bytes) -> Quotations:
    field = re.compile(rb"(?:\A|(?<=[\r\n" + re.escape(delimiter) + rb']))"[^"]*(?:""[^"]*)*("?)')
    found = [(match.start(), match.end() + (not match[1])) for match in field.finditer(text)]
    opens, closes = np.array(found, np.int64).reshape(-1, 2).T
    return Quotations(opens, closes)


def first_row_end(text: bytes, quoted: Quotations) -> int | None:
    """Return the place behind the first row of a text, None where it does not end in it."""
    end = text.find(b"\n")
    while end >= 0 and (opened := quoted.covering(end)) is not None:
        last = int(np.searchsorted(quoted.opens, opened))
        end = text.find(b"\n", int(quoted.closes[last]))
    return end + 1 or None


def last_row_end(text: bytes, quoted: Quotations) -> int | None:
    """Return the place behind the last row that ends in a text, None where none does."""
    end = text.rfind(b"\n")
    while end >= 0 and (opened := quoted.covering(end)) is not None:
        end = text.rfind(b"\n", 0, opened)
    return end + 1 or None
