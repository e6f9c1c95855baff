"""The page and the file on which somebody compares two records: what it takes to tell them apart, and no number."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from targeting.errors import DataError, DeclarationError, Fault
from targeting.linkage.reviews import ANSWERS, Answer
from targeting.store.files import write_atomically

# Numbers are compared for the reviewer, who need not see them.
SHOWN: Mapping[str, str] = {
    "given_name": "given name",
    "family_name": "family name",
    "date_of_birth": "born",
    "expected_date_of_birth": "expected",
    "sex": "sex",
    "house_number": "house",
    "street": "street",
    "locality": "town",
    "postcode": "postcode",
    "source": "agency",
}
COMPARED: Mapping[str, str] = {"nhs_number": "NHS number", "upn": "UPN"}
SEXES = {"1": "male", "2": "female"}
# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@dataclass(frozen=True)
class Side:
    """One record as its agency has it last, by `SHOWN`; empty where nothing is said."""

    values: Mapping[str, str]


@dataclass(frozen=True)
class PairPage:
    """Two records side by side, and what their numbers say: `the same`, `two`, or that one is missing."""

    pair: str
    left: Side
    right: Side
    numbers: Mapping[str, str]


def pages(pairs: pa.Table, identities: pa.Table) -> list[PairPage]:
    """Return a page for each pair, in their order."""
    wanted = {*pairs["record_id"].to_pylist(), *pairs["other_record_id"].to_pylist()}
    last: dict[str, dict[str, Any]] = {record: {} for record in wanted}
    known = sorted((row for row in identities.to_pylist() if row["record_id"] in wanted), key=_known_from)
    for row in known:
        last[row["record_id"]].update({name: value for name, value in row.items() if value is not None})
    return [_page(row["pair"], last[row["record_id"]], last[row["other_record_id"]]) for row in pairs.to_pylist()]


def _known_from(row: Mapping[str, Any]) -> tuple[date, date]:
    return row["known_from"], row["recorded_on"] or date.min


def _page(pair: str, left: Mapping[str, Any], right: Mapping[str, Any]) -> PairPage:
    return PairPage(pair, _side(left), _side(right), {name: _numbers(left, right, name) for name in COMPARED})


def _side(row: Mapping[str, Any]) -> Side:
    shown = {name: str(row.get(name) or "") for name in SHOWN}
    return Side(shown | {"sex": SEXES.get(shown["sex"], "")})


def _numbers(left: Mapping[str, Any], right: Mapping[str, Any], name: str) -> str:
    if not left.get(name) or not right.get(name):
        return "missing in both" if not left.get(name) and not right.get(name) else "missing in one"
    return "the same" if left[name] == right[name] else "two"


def write_review(path: Path, reviewed: Sequence[PairPage]) -> None:
    """Write the pairs as CSV for its owner's eyes alone (mode 0600), a row a pair, its column `answer` empty.

    No cell is taken for a formula by a spreadsheet.
    """
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    sides = [f"{name} {side}" for name in SHOWN.values() for side in ("1", "2")]
    writer.writerow(["pair", "answer", *sides, *COMPARED.values()])
    for page in reviewed:
        both = [side.values[name] for name in SHOWN for side in (page.left, page.right)]
        writer.writerow([_safe(cell) for cell in (page.pair, "", *both, *page.numbers.values())])
    write_atomically(path, text.getvalue().encode("utf-8-sig"))


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def read_answers(path: Path, *, answered_by: str, answered_on: date) -> list[Answer]:
    """Return the answers of a file that was written for review, rows without one left out.

    Raises DataError where it is no such file, DeclarationError with every answer that is none.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise DataError(f"{path}: cannot be read as CSV in UTF-8.") from None
    if rows and not {"pair", "answer"} <= rows[0][1].keys():
        raise DataError(f"{path}: expected the columns `pair` and `answer`, as `targeting link --review` writes them.")
    filled = [(line, row["pair"] or "", (row["answer"] or "").strip().casefold()) for line, row in rows]
    faults = [
        Fault(f"{path}: line {line}", f"the answer is none of {', '.join(ANSWERS)}.")
        for line, _, said in filled
        if said and said not in ANSWERS
    ]
    if faults:
        raise DeclarationError(faults)
    return [Answer(pair, said, answered_by, answered_on) for _, pair, said in filled if said in ANSWERS]
