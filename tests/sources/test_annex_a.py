"""Annex A workbooks: noisy answers and headings, dates of three kinds, hostile archives."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from targeting.errors import DataError
from targeting.sources.annex_a import folded
from targeting.sources.definition import AnnexA, Source
from targeting.sources.loading import LoadError
from targeting.sources.returns import cleaned
from targeting.sources.workbooks import MOST_BYTES_UNPACKED, cell_text, day_of_number, read_workbook

Rows = Sequence[Sequence[object]]


def workbook(**lists: Rows) -> bytes:
    """Return the bytes of a workbook, its sheets named `List 1` for list_1."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in lists.items():
        sheet = book.create_sheet(name.replace("_", " ").capitalize())
        for row in rows:
            sheet.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.fixture
def inspection(office, make_source: Callable[..., Source]):
    office.sources = [make_source([AnnexA(file="*.xlsx")], name="inspection")]
    return office


CONTACT = ("Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age", "Date of Contact", "Contact Source")
PLAN = (
    "Child Unique ID",
    "Gender",
    "Ethnicity",
    "Date of Birth",
    "Child Protection Plan Start Date",
    "Initial Category of Abuse",
    "Child Protection Plan End Date",
    "Number of Previous Child Protection Plans",
)
CARE = (
    "Child Unique ID",
    "Gender",
    "Ethnicity",
    "Date of Birth",
    "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N))",
    "Date Started to be Looked After",
    # As Word writes an apostrophe.
    "Child’s Legal Status",
    "Date Ceased to be Looked After",
    "Reason Ceased to be Looked After",
)


def test_noisy_answers_headings_and_dates_become_facts(inspection) -> None:
    born = datetime(2015, 1, 25)  # noqa: DTZ001 - a cell has no time zone.
    content = workbook(
        list_1=[
            ("Contacts of the last six months",),
            [heading.upper() + " " for heading in CONTACT],
            (101, "b) Female", "a) WBRI", born, 6.1, datetime(2020, 9, 16), "q) 6: Police"),  # noqa: DTZ001
            (102.0, "Male", "k) APKN", None, 8.9, "17/9/2020", "2A"),
            (103, "c) Not stated/recorded", "s) NOBT", "25/01/2015", "", 44092, "t) 9: Anonymous"),
            (104, "a) Male", "WBRI", born, "", "soon", "q) 6: Police"),
        ],
        list_7=[PLAN, (101, "F", "a) WBRI", born, "2020-10-01", "Physical abuse", "", 1)],
        list_8=[
            CARE,
            (201, "M", "a) WBRI", born, "b) No", "01/02/2020", "C2: FCO", "01/03/2021", "k) E47: Special Guardianship"),
            (202, "M", "a) WBRI", born, "a) Yes", "02/02/2020", "V2: Single period under S20", "", None),
            (203, "M", "a) WBRI", born, "b) No", "03/02/2020", "V4: Short term breaks", "", "#N/A"),
        ],
        notes=[("see the guidance",)],
    )
    report = inspection.deliver({"inspection/annex.xlsx": content}, on="2021-03-16")
    assert (report.files[0].rows, report.files[0].quarantined) == (8, 1)
    assert [fault[:3] for fault in inspection.quarantine()] == [(6, "Date of Contact", "not a date")]
    assert report.warnings[0] == "inspection/annex.xlsx: sheet 'Notes' is no list of Annex A; it is left unread."
    assert inspection.facts("contact", "event_date", "referral_source", "outcome") == [
        ("2020-09-16", "6", None),
        ("2020-09-17", "2A", None),
        ("2020-09-18", "9", None),
    ]
    assert inspection.facts("child_protection_plan_started", "event_date", "category", "previous_plans") == [
        ("2020-10-01", "PHY", 1)
    ]
    assert inspection.facts("care_started", "event_date", "legal_basis") == [
        ("2020-02-01", "order"),
        ("2020-02-02", "unaccompanied"),
        ("2020-02-03", "short_breaks"),
    ]
    assert inspection.facts("care_ended", "reason", "knowledge_date") == [("E47", "2021-03-16")]


@pytest.mark.parametrize(
    ("noisy", "clean"),
    [
        ("a) WBRI", "WBRI"),
        ("q) 6: Police", "6"),
        ("a) 1A: Individual", "1A"),
        ("N1 - Abuse or Neglect", "N1"),
        ("e) PR4 - Private provision", "PR4"),
        ("b) Female", "Female"),
        ("Female", "Female"),
        ("E1: Placement order", "E1"),
        ("RC8 - Case closed", "RC8"),
        ("Physical abuse", "Physical abuse"),
        ("Multiple - see notes", "Multiple - see notes"),
    ],
)
def test_an_answer_is_brought_to_the_code_or_word_that_it_holds(noisy: str, clean: str) -> None:
    assert cleaned(noisy) == clean


def test_cells_are_told_as_text() -> None:
    cells = (None, 7.0, 7.5, True, "  two  words ", "#N/A", datetime(2020, 2, 29, 10, 30))  # noqa: DTZ001
    assert [cell_text(cell) for cell in cells] == ["", "7", "7.5", "yes", "two words", "", "2020-02-29"]
    assert [day_of_number(text) for text in ("44092", "44092.5", "7", "20200101")] == [
        "2020-09-18",
        "2020-09-18",
        "7",
        "20200101",
    ]
    assert folded("Child’s  Legal Status ") == folded("CHILD'S LEGAL STATUS:")


def shown(path: Path, *, most_bytes: int = MOST_BYTES_UNPACKED) -> list[tuple[int, tuple[str, ...]]]:
    """Return the rows of all sheets."""
    return [row for sheet in read_workbook(path, path.stem, most_bytes=most_bytes) for row in sheet.rows]


def archive(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name + ".xml", content)
    return target.getvalue()


ENTITY = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'
UNUSABLE: Mapping[str, tuple[bytes, str]] = {
    "cut": (workbook(list_1=[CONTACT])[:-40], "not a whole Excel workbook"),
    "entity": (archive(a=ENTITY), "holds a document type or entities"),
    "entity16": (archive(a=ENTITY.decode().encode("utf-16")), "holds a document type or entities"),
    "text": (b"Child Unique ID,Gender\n", "not a whole Excel workbook"),
    "zip": (archive(a=b"<a/>"), "not a whole Excel workbook"),
    "none": (workbook(sheet_1=[("a",)]), "no sheet is a list of Annex A"),
    "narrow": (workbook(list_1=[CONTACT[:5]]), "List 1: no column 'Contact Source', 'Date of Contact'"),
}


def test_workbooks_that_cannot_be_used_load_nothing_and_say_why(inspection) -> None:
    files = {f"inspection/{name}.xlsx": content for name, (content, _) in UNUSABLE.items()}
    with pytest.raises(LoadError) as raised:
        inspection.deliver(files, on="2021-03-16")
    assert raised.value.report.files == ()
    for fault, name in zip(sorted(raised.value.faults), sorted(UNUSABLE), strict=True):
        assert fault.startswith(f"inspection/{name}.xlsx: {UNUSABLE[name][1]}")


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    bomb.write_bytes(archive(a=b"0" * (1 << 20), b=b"0" * (1 << 20)))
    with pytest.raises(DataError, match="bomb: unpacks to more than 1 MiB"):
        shown(bomb, most_bytes=1 << 20)


SHARED = (
    '<Override PartName="/xl/sharedStrings.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)
SPREADSHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sharing(text: str, cells: int) -> bytes:
    """Return a workbook all of whose cells show one text, which stands in it once."""
    row = "<row>" + '<c t="s"><v>0</v></c>' * cells + "</row>"
    with zipfile.ZipFile(io.BytesIO(workbook(list_1=[("a",)]))) as plain:
        members = {name: plain.read(name).decode() for name in plain.namelist()}
    members["xl/worksheets/sheet1.xml"] = f"<worksheet {SPREADSHEET}><sheetData>{row}</sheetData></worksheet>"
    if text:
        members["xl/sharedStrings.xml"] = f"<sst {SPREADSHEET}><si><t>{text}</t></si></sst>"
        members["[Content_Types].xml"] = members["[Content_Types].xml"].replace("</Types>", SHARED + "</Types>")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as changed:
        for name, content in members.items():
            changed.writestr(name, content)
    return target.getvalue()


def test_a_text_that_stands_once_and_is_shown_by_many_cells_is_not_copied_without_end(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(sharing("a" * 30_000, 30))
    assert shown(path, most_bytes=1 << 20) == [(1, ("a" * 30_000,) * 30)]
    path.write_bytes(sharing("", 30))
    with pytest.raises(DataError, match="a: not a whole Excel workbook"):
        shown(path)
    path.write_bytes(sharing("a" * 30_000, 40))
    with pytest.raises(DataError, match="a: shows more than 1 MiB of text"):
        shown(path, most_bytes=1 << 20)


def test_two_sheets_of_one_list_are_both_read_and_told_and_each_of_their_rejected_rows_is_kept(inspection) -> None:
    book = openpyxl.Workbook()
    book.active.title = "List 1"
    for sheet, child in ((book.active, 1), (book.create_sheet("List 1 (2)"), 2)):
        sheet.append(CONTACT)
        sheet.append((child, "F", "a) WBRI", "25/01/2015", 6, "16/09/2020", "q) 6: Police"))
        sheet.append((child, "F", "a) WBRI", "25/01/2015", 6, "soon", "q) 6: Police"))
    target = io.BytesIO()
    book.save(target)
    report = inspection.deliver({"inspection/annex.xlsx": target.getvalue()}, on="2021-03-16")
    assert (report.files[0].rows, report.files[0].accepted, report.files[0].quarantined) == (4, 2, 2)
    assert "inspection/annex.xlsx: 2 sheets are List 1; all of them are read." in report.warnings
    assert len(inspection.facts("contact", "event_date")) == len(inspection.quarantine()) == 2


def test_the_reference_workbook_is_accepted_or_quarantined_row_by_row(inspection, reference_data: Path) -> None:
    content = (reference_data / "formats" / "annex_a" / "Annex_A.xlsx").read_bytes()
    (file,) = inspection.deliver({"inspection/Annex_A.xlsx": content}, on="2021-03-16").files
    assert (file.rows, file.accepted, file.quarantined) == (59, 54, 5)
    # "CS Assessment Updated" says neither that the child was in need nor that it was not.
    rows = {(column, rule) for _, column, rule, _ in inspection.quarantine()}
    assert rows == {("Was the child assessed as requiring LA children's social care support?", "not yes or no")}
