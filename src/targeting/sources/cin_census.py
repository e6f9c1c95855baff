"""CIN Census returns: DfE's XML read as rows of text.

One row a child, a disability, a referral (CINdetails), an assessment, a factor, a section 47 enquiry, a child in need
plan, a child protection plan and a review of one. Elements are read in any order, with or without a namespace; text
between elements is passed over and told, as real returns hold some.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from targeting.errors import DataError
from targeting.sources.cin_mapping import (
    ASSESSMENT,
    CHILD,
    COLLECTED_FROM,
    DISABILITY,
    FACTOR,
    IN_NEED_PLAN,
    MAPPINGS,
    PERSON,
    PRE_PROCEEDINGS,
    PROTECTION_PLAN,
    REFERRAL,
    REQUIRED,
    REVIEW,
    SECTION_47,
)
from targeting.sources.cin_noticing import CODES_WITHOUT_FACTS, HOLDERS, Noticed, return_warnings, year_warnings
from targeting.sources.interpreting import Part
from targeting.sources.raw_rows import ChunkSize, RawRows, columns_of

CHUNK = 1 << 20
# No tag, text, depth or child of a real return comes near these.
LONGEST_TAG, LONGEST_TEXT, DEEPEST, MOST_OF_A_CHILD = 1 << 22, 1 << 16, 64, 1 << 16
# Closed after assessment without a service of social care: the child was not found to be in need.
NOT_IN_NEED = ("RC8", "RC9")
REFERRAL_TAGS = (
    "CINreferralDate",
    "ReferralSource",
    "PrimaryNeedCode",
    "CINclosureDate",
    "ReasonForClosure",
    "ReferralNFA",
    "DateOfInitialCPC",
)

Row = tuple[str, int, dict[str, str]]


@dataclass
class Element:
    """An element with the line on which it begins."""

    tag: str
    line: int
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, tag: str) -> Iterator["Element"]:
        """Yield the elements of that name below this one, in their order."""
        for child in self.children:
            if child.tag == tag:
                yield child
            yield from child.all(tag)

    def value(self, *tags: str) -> str:
        """Return the text of the first element that is filled, of the first of these names, below this one."""
        return next((found.text.strip() for tag in tags for found in self.all(tag) if found.text.strip()), "")

    def own(self, tag: str) -> str:
        """Return the text of the element of that name directly inside this one."""
        return next((child.text.strip() for child in self.children if child.tag == tag), "")


@dataclass(frozen=True)
class CinReturn:
    """A census return: the date to which it refers, what is odd about its header, and how to read its rows.

    `chunks` yields the parts of the return, some children at a time; called again it begins anew. `noticed` tells what
    was odd about what it last read.
    """

    reference_date: date
    warnings: tuple[str, ...]
    chunks: Callable[[], Iterator[tuple[Part, ...]]]
    noticed: Callable[[], tuple[str, ...]]


def read_cin_census(path: Path, place: str, size: ChunkSize) -> CinReturn:
    """Return a CIN Census return, of which no more than its header is read yet.

    Raises DataError, naming `place`, where it has no header of a CIN Census with a reference date; so does reading its
    rows where it is cut off, not XML, holds a document type or entities, or no children.
    """
    header = _header(path, place)
    reference_date = _reference_date(header, place)
    last = [Noticed()]

    def chunks() -> Iterator[tuple[Part, ...]]:
        rows = _RowsOfReturn()
        last[0] = rows.noticed
        yield from _chunks(path, place, rows, size, reference_date)

    return CinReturn(
        reference_date=reference_date,
        warnings=tuple(_header_warnings(header, reference_date, place)),
        chunks=chunks,
        noticed=lambda: tuple(return_warnings(last[0], place)),
    )


def _header(path: Path, place: str) -> Element:
    """Return the header, wherever it stands: nothing behind it is read."""
    rows = _RowsOfReturn()
    for _ in _parsed(path, place, rows):
        rows.rows.clear()
        if rows.header is not None:
            break
    if rows.root != "Message" or rows.header is None or rows.header.value("Collection") not in ("CIN", ""):
        message = f"{place}: not a CIN Census return. Expected a Message with a Header whose Collection is CIN."
        raise DataError(message)
    return rows.header


def _chunks(
    path: Path, place: str, rows: "_RowsOfReturn", size: ChunkSize, reference_date: date
) -> Iterator[tuple[Part, ...]]:
    is_empty = True
    for _ in _parsed(path, place, rows):
        if len(rows.rows) >= size.rows:
            yield _parts(rows.taken(), reference_date)
            is_empty = False
    if rows.rows:
        yield _parts(rows.taken(), reference_date)
    elif is_empty:
        message = f"{place}: no Child in the return. Ask for it again, with its children."
        raise DataError(message)


def _parts(rows: Sequence[Row], reference_date: date) -> tuple[Part, ...]:
    parts = (_part(name, rows, reference_date) for name in MAPPINGS)
    # What a census did not ask for, it does not cover.
    return tuple(part for part in parts if len(part.rows) or COLLECTED_FROM.get(part.name, 0) <= reference_date.year)


def _parsed(path: Path, place: str, rows: "_RowsOfReturn") -> Iterator[None]:
    """Have `rows` take the events of the file, and yield after each portion of it."""
    parser = DefusedXMLParser(target=rows, forbid_dtd=True)
    rows.line = lambda: parser.parser.CurrentLineNumber
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                parser.feed(chunk)
                rows.check_size(file.tell() - parser.parser.CurrentByteIndex, place)
                yield
        parser.close()
        rows.check_size(0, place)
    except DefusedXmlException:
        message = f"{place}: holds a document type or entities, which no census return has. Ask for it without them."
        raise DataError(message) from None
    except ParseError as error:
        line = error.position[0]
        message = f"{place}:{line}: the XML is broken or ends here, or is empty. Ask for the whole file again."
        raise DataError(message) from None


class _RowsOfReturn:
    """Takes the parser's events; keeps the rows of each child as soon as it ends, and nothing else of it."""

    def __init__(self) -> None:
        self.root = ""
        self.header: Element | None = None
        self.rows: list[Row] = []
        self.line: Callable[[], int] = int
        self.noticed = Noticed()
        self._open: list[Element] = []
        # How many elements are held, and how many were where each open one began.
        self._held = 0
        self._held_before: list[int] = []
        self._stray = 0
        self._is_too_large = False

    def taken(self) -> list[Row]:
        """Return the rows of the children that ended since it was last called."""
        taken, self.rows = self.rows, []
        return taken

    def check_size(self, unparsed: int, place: str) -> None:
        """Raise DataError where what is open is too deep or too long for a return, so that memory is bounded."""
        if unparsed > LONGEST_TAG or self._is_too_large:
            message = (
                f"{place}:{self.line()}: a tag or text of megabytes, elements {DEEPEST} deep or {MOST_OF_A_CHILD:,} of "
                "one child, which no return has. Ask for the file again."
            )
            raise DataError(message)

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._is_too_large |= len(self._open) > DEEPEST or self._held > MOST_OF_A_CHILD
        if self._is_too_large:
            return
        self._held_before.append(self._held)
        self._held += 1
        element = Element(tag.rpartition("}")[2], self.line())
        self.root = self.root or element.tag
        self.noticed.element(element.tag)
        self._open.append(element)

    def data(self, text: str) -> None:
        if self._is_too_large:
            return
        # Text behind an inner element, or in one that only holds others, is stray: a value has nothing inside it.
        if self._open and not self._open[-1].children and self._open[-1].tag not in HOLDERS:
            self._open[-1].text += text
            self._is_too_large = len(self._open[-1].text) > LONGEST_TEXT
        elif text.strip():
            self.noticed.stray_lines.add(self.line())
            self._stray += len(text)
            self._is_too_large = self._stray > LONGEST_TEXT

    def end(self, _tag: str) -> None:
        if self._is_too_large:
            return
        element, held_before = self._open.pop(), self._held_before.pop()
        if element.tag in (CHILD, "Header"):
            self._held = held_before
        if element.tag == CHILD:
            self.rows += rows_of_child(element)
            self.noticed.child(element.value(PERSON))
            for tag, codes in CODES_WITHOUT_FACTS.items():
                self.noticed.codes(tag, [found.text.strip() for found in element.all(tag)], codes)
        elif element.tag == "Header":
            self.header = element
        elif self._open:
            self._open[-1].children.append(element)

    def close(self) -> None:
        """End the document; the parser asks for it."""


def rows_of_child(child: Element) -> Iterator[Row]:
    """Yield the rows of one child: (part, line, text by column)."""
    person = child.value(PERSON)
    described = {
        PERSON: person,
        "Sex": child.value("Sex", "GenderCurrent"),
        "Ethnicity": child.value("Ethnicity"),
    }
    disabilities = list(child.all(DISABILITY))
    identifiers = ("UPN", "PersonBirthDate", "ExpectedPersonBirthDate", "PersonDeathDate")
    own = {tag: child.value(tag) for tag in identifiers} | {"NoDisability": "no" if disabilities else "yes"}
    yield CHILD, child.line, described | own
    for disability in disabilities:
        yield DISABILITY, disability.line, described | {"Disability": disability.text.strip()}
    names = _Names()
    for referral in child.all(REFERRAL):
        yield from _rows_of_referral(referral, person, names)


class _Names:
    """Ids where the census has none: the outer id and the date on which something began, counted where both recur."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def name(self, *parts: str) -> str:
        """Return the id of a thing that has these parts, another one each time."""
        base = "/".join(parts)
        self._given[base] += 1
        return base if self._given[base] == 1 else f"{base}/{self._given[base]}"


def _rows_of_referral(referral: Element, person: str, names: _Names) -> Iterator[Row]:
    referred, reason = referral.own("CINreferralDate"), referral.own("ReasonForClosure")
    referral_id = names.name(person, referred)
    ids = {PERSON: person, "ReferralID": referral_id}
    yield REFERRAL, referral.line, ids | {tag: referral.own(tag) for tag in REFERRAL_TAGS}
    case = {PERSON: person, "PrimaryNeedCode": referral.own("PrimaryNeedCode")}
    case["FoundInNeed"] = "no" if reason in NOT_IN_NEED else "yes"
    for assessment in referral.all(ASSESSMENT):
        assessment_id = names.name(referral_id, ASSESSMENT, assessment.own("AssessmentActualStartDate"))
        yield from _rows_of_assessment(assessment, case | {"AssessmentID": assessment_id})
    for tag, name, begins, ends in (
        (SECTION_47, "Section47ID", "S47ActualStartDate", ("DateOfInitialCPC",)),
        (IN_NEED_PLAN, "PlanID", "CINPlanStartDate", ("CINPlanEndDate",)),
        (PROTECTION_PLAN, "PlanID", "CPPstartDate", ("CPPendDate", "InitialCategoryOfAbuse", "NumberOfPreviousCPP")),
        (PRE_PROCEEDINGS, "PreProceedingsID", "PreProceedingsStartDate", ("PreProceedingsEndDate",)),
    ):
        for step in referral.all(tag):
            step_ids = {PERSON: person, name: names.name(referral_id, tag, step.own(begins))}
            yield tag, step.line, step_ids | {own: step.own(own) for own in (begins, *ends)}
            for review in step.all(REVIEW):
                yield REVIEW, review.line, step_ids | {REVIEW: review.text.strip()}


def _rows_of_assessment(assessment: Element, case: dict[str, str]) -> Iterator[Row]:
    authorised = {"AssessmentAuthorisationDate": assessment.own("AssessmentAuthorisationDate")}
    yield ASSESSMENT, assessment.line, case | authorised
    for factor in assessment.all(FACTOR):
        yield FACTOR, factor.line, case | authorised | {FACTOR: factor.text.strip()}


def _part(name: str, rows: Sequence[Row], reference_date: date) -> Part:
    mapping = MAPPINGS[name]
    chosen = [(line, {**row, "ReferenceDate": reference_date.isoformat()}) for part, line, row in rows if part == name]
    columns = {tag: pa.array([row[tag] for _, row in chosen], pa.string()) for tag in columns_of(mapping)}
    lines = np.asarray([line for line, _ in chosen], np.int64)
    return Part(name, RawRows(pa.table(columns), lines), mapping, required=(PERSON, *REQUIRED.get(name, ())))


def _reference_date(header: Element, place: str) -> date:
    text = header.value("ReferenceDate")
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"{place}: no ReferenceDate in the header. Expected the date to which the return refers, YYYY-MM-DD."
        raise DataError(message) from None


def _header_warnings(header: Element, reference_date: date, place: str) -> Iterator[str]:
    year = header.value("Year")
    if year != str(reference_date.year):
        yield (
            f"{place}: the header says year {year or 'nothing'}, the reference date is {reference_date}; "
            f"the codes of {reference_date.year} hold."
        )
    yield from year_warnings(reference_date.year, place)
