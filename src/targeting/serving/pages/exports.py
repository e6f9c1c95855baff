"""A list as a file to take along: CSV, XLSX or PDF, every sheet and row marked with who took it, when, for what."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from targeting.fairness.pdf import html_to_pdf
from targeting.serving.keeping.exporting import harmless
from targeting.serving.pages.list_entry import Entry
from targeting.serving.pages.list_page import ListView
from targeting.serving.pages.print_style import css_string
from targeting.serving.pages.rendering import part
from targeting.serving.sentences import PROMPT

MARKING = "OFFICIAL-SENSITIVE"
PURPOSES: Mapping[str, str] = {
    "meeting": "Papers for a meeting",
    "records": "Putting records right",
    "question": "Answering a question or a complaint",
    "audit": "An audit",
}
FORMATS: Mapping[str, str] = {"csv": "CSV, a table as text", "xlsx": "XLSX, a workbook", "pdf": "PDF, for paper"}
MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
COLUMNS = (
    *("number", "family_id", "who", "how_sure", "kept_place", "what_goes_well", "why_to_look", "held_by_others"),
    *("not_known", "known_to", "status", "decided", "earlier", "marking"),
)
WIDTHS = (8, 32, 28, 40, 24, 40, 60, 24, 36, 24, 18, 30, 30, 60)

PDF_STYLE = """@page{size:a4;margin:20mm 15mm}
body{font:10pt/1.35 arial,"Liberation Sans",sans-serif;overflow-wrap:anywhere}
h1{font-size:16pt;margin:0 0 2mm}h2{font-size:12pt;margin:0 0 1mm}h3{font-size:10pt;margin:2mm 0 0}
section{border-top:1pt solid #000;padding:2mm 0;break-inside:avoid}p,ul{margin:0 0 1mm}.small{font-size:8pt}
"""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Who takes a list along, when, and for what; in words."""

    by: str
    at: str
    purpose: str

    @property
    def marking(self) -> str:
        """Return what stands on every row and sheet."""
        return f"{MARKING}. Taken by {self.by}, {self.at}, for: {self.purpose}. {PROMPT}"


def to_csv(view: ListView, taken: Taken) -> bytes:
    """Return a list as CSV: UTF-8 with its mark, as spreadsheets need it; no cell is taken for a formula."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for entry in view.entries:
        writer.writerow([harmless(each) for each in _row(entry, taken, view.suspended)])
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def to_xlsx(view: ListView, taken: Taken) -> bytes:
    """Return a list as a workbook of one sheet, every cell of it text; the marking heads it and every printed page."""
    book = Workbook()
    sheet = book.active
    sheet.title = "List"
    notices = (view.suspended, view.ended, view.synthetic, view.shadow)
    above = [taken.marking, f"{plain(view.title)}, as of {view.as_of}", *(plain(each) for each in notices if each)]
    for number, text in enumerate(above, start=1):
        _write(sheet, number, 1, text, bold=number == 1)
    head = len(above) + 2
    for column, (name, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True), start=1):
        _write(sheet, head, column, name.replace("_", " "), bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for number, entry in enumerate(view.entries, start=head + 1):
        for column, text in enumerate(_row(entry, taken, view.suspended), start=1):
            _write(sheet, number, column, text)
    sheet.freeze_panes = f"A{head + 1}"
    sheet.oddHeader.center.text = MARKING
    # An ampersand begins a code there.
    sheet.oddFooter.left.text = taken.marking.replace("&", "and")
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def to_pdf(view: ListView, taken: Taken, *, district: str) -> bytes:
    """Return a list as a tagged PDF. Raises PdfError where what typesets it is absent."""
    boxes = {"top-center": css_string(MARKING), "bottom-left": css_string(taken.marking)}
    style = PDF_STYLE + "".join(
        f"@page{{@{box}{{content:{text};font:8pt sans-serif;vertical-align:middle}}}}" for box, text in boxes.items()
    )
    return html_to_pdf(part("export_pdf.html", view=view, taken=taken, style=style, district=district, marking=MARKING))


def plain(text: str) -> str:
    """Return a text without what turns the direction of others or cannot be printed."""
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return "".join(kept)


def _row(entry: Entry, taken: Taken, suspended: str) -> tuple[str, ...]:
    halves = entry.halves
    sure = f"{halves.opening} {halves.some} {halves.outcome}; {halves.others} did not." if halves else suspended
    told = (
        *(str(entry.number), entry.family_id, entry.line, sure, entry.kept),
        *(_lines(each.sentence for each in entry.strengths), _lines(each.sentence for each in entry.concerns)),
        *(_lines(entry.withheld), _lines(entry.unknowns), entry.known_to, entry.status, entry.decided, entry.earlier),
        taken.marking,
    )
    return tuple(plain(each) for each in told)


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(texts)


def _write(sheet: object, row: int, column: int, text: str, *, bold: bool = False) -> None:
    """Write a text into a cell as text, whatever it begins with."""
    cell = sheet.cell(row=row, column=column)  # type: ignore[attr-defined]
    cell.value = text
    cell.data_type = "s"
    cell.font = Font(name="Arial", bold=bold)
    cell.alignment = Alignment(wrap_text=row > 2, vertical="top")
