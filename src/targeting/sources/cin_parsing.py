"""CIN Census returns parsed a portion at a time, in bounded memory: nothing of a child is kept but its rows."""

from collections.abc import Callable, Iterator
from pathlib import Path

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from targeting.errors import DataError
from targeting.sources.cin_mapping import CHILD, PERSON
from targeting.sources.cin_noticing import CODES_WITHOUT_FACTS, HOLDERS, Noticed
from targeting.sources.cin_rows import Element, Row, rows_of_child

CHUNK = 1 << 20
# No tag, text, depth or child of a real return comes near these.
LONGEST_TAG, LONGEST_TEXT, DEEPEST, MOST_OF_A_CHILD = 1 << 22, 1 << 16, 64, 1 << 16


def parsed(path: Path, place: str, rows: "RowsOfReturn") -> Iterator[None]:
    """Have `rows` take the events of the file, and yield after each portion of it.

    Raises DataError, naming `place`, where it is cut off, not XML, holds a document type or entities, or has a tag, a
    text or a child of a size that no return has.
    """
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


class RowsOfReturn:
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
