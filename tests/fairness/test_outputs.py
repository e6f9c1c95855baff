"""One engine of disclosure: JSON, CSV, page, PDF, the model's evidence and the API withhold the same cells."""

import csv
import io
import itertools
import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from targeting.fairness import pdf
from targeting.fairness.audit import audit
from targeting.fairness.audit_input import AuditInput
from targeting.fairness.definition import Policy
from targeting.fairness.output import audit_files, audit_to_pdf, write_audit
from targeting.fairness.page import AT_EVERY_CUT, MAIN
from targeting.fairness.results import Section, SectionColumn, SectionRow, Signed
from targeting.serving.api.shapes import Audit as AuditOfApi

POLICY = Policy.model_validate(
    {
        "cuts": ("score>=0.6", "score>=0.3"),
        "attribute": (
            {"name": "ethnicity", "column": "ethnicity", "reference": "b"},
            {"name": "sex", "column": "sex", "reference": "m"},
        ),
        "gating": (
            {"attribute": "ethnicity", "group": "a", "measure": "tpr_difference", "cut": "score>=0.3", "limit": 0.1},
            {"attribute": "sex", "group": "f", "measure": "ppv_ratio", "cut": "score>=0.3", "limit": 1.25},
        ),
    }
)
SECTION = Section(
    name="composition",
    title="Who is on the list",
    says=("A list mirrors whom services have met.",),
    columns=(SectionColumn(heading="Of the list"), SectionColumn(heading="Of all children")),
    rows=(SectionRow(label="a", values=("c", 0.01)), SectionRow(label="b", values=(0.6, None))),
)


class Tables(HTMLParser):
    """The rows of a page's tables, below their headings, each a list of its cells' words."""

    def __init__(self, html):
        super().__init__()
        self.rows, self._cell, self._in_body = [], None, False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "tbody":
            self._in_body = True
        elif tag == "tr" and self._in_body:
            self.rows.append([])
        elif tag in ("td", "th") and self._in_body:
            self.rows[-1].append("")
            self._cell = tag
        elif self._cell and ("class", "unseen") in attrs:
            self._cell = None

    def handle_endtag(self, tag):
        if tag == "tbody":
            self._in_body = False
        elif tag in ("td", "th"):
            self._cell = None

    def handle_data(self, data):
        if self._cell:
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def found():
    """Return an audit in which a group of three, and what would give it away, is withheld."""
    cells = [("a", "f", 0.1, 0, 2), ("a", "m", 0.8, 1, 1)]
    kinds = itertools.product("bc", "fm", ((0.1, 0), (0.1, 1), (0.4, 0), (0.4, 1), (0.8, 0), (0.8, 1)))
    cells += [(group, sex, *kind, 30 + 7 * at) for at, (group, sex, kind) in enumerate(kinds)]
    ethnicity, sex, score, label, times = zip(*cells, strict=True)
    given = AuditInput(
        entity=np.array([f"p{number:05}" for number in range(sum(times))]),
        score=np.repeat(score, times),
        label=np.repeat(label, times).astype(float),
        attributes={"ethnicity": np.repeat(ethnicity, times), "sex": np.repeat(sex, times)},
    )
    return replace(audit(given, POLICY, title="Escalation"), sections=(SECTION,))


@pytest.fixture(scope="module")
def files(found):
    return audit_files(found)


@pytest.fixture(scope="module")
def typeset(found):
    try:
        return audit_to_pdf(found, [Signed(role="Service lead", name="Ada")])
    except pdf.PdfError as error:
        pytest.skip(f"{error} `scripts/install-debian-packages` installs it")


@pytest.fixture(scope="module")
def withheld(files):
    """Return every withheld cell by attribute, group, cut and metric, as audit.json has it."""
    content = json.loads(files["audit.json"])
    return {
        (attribute["name"], group["group"], cut, metric)
        for attribute in content["attributes"]
        for group in attribute["groups"]
        for cut in POLICY.cuts
        for metric, shown in {**group["overall"], **group["cuts"][cut]}.items()
        if shown.get("value") == "c"
    }


def test_the_group_of_three_and_what_would_tell_it_is_withheld(withheld):
    assert {(group, metric) for name, group, _, metric in withheld if name == "ethnicity"} > {("a", "n"), ("a", "tpr")}
    # Everyone less the two others would be the three; of the two it is not the reference that goes with them.
    assert {group for name, group, _, metric in withheld if (name, metric) == ("ethnicity", "n")} == {"a", "c"}


def test_the_tidy_file_withholds_the_same_cells_and_their_bounds(files, withheld):
    rows = list(csv.DictReader(io.StringIO(files["audit.csv"].decode())))
    cells = {(row["attribute"], row["group"], row["cut"], row["metric"]) for row in rows if row["value"] == "c"}
    assert cells == withheld
    assert {(row["lower"], row["upper"]) for row in rows if row["value"] == "c"} == {("", "")}


def test_the_page_withholds_the_same_cells(files, found, withheld):
    rows = iter(Tables(files["audit.html"].decode()).rows[len(POLICY.gating) + 2 :])
    for attribute in found.attributes:
        for group in attribute.groups:
            expected = [(attribute.name, group.group, "score>=0.3", column.metric) in withheld for column in MAIN]
            assert [cell == "c" for cell in next(rows)[1:]] == expected
        for group in attribute.groups:
            places = itertools.product(POLICY.cuts, AT_EVERY_CUT)
            expected = [(attribute.name, group.group, cut, column.metric) in withheld for cut, column in places]
            assert [cell == "c" for cell in next(rows)[1:]] == expected
    assert [row for row in rows if "c" in row] == [["a", "c", "1%"]]


def test_the_pdf_has_every_row_of_the_page_and_no_other_number(files, typeset):
    from pypdf import PdfReader  # noqa: PLC0415 - where there is a PDF to read

    said = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(typeset)).pages).split()
    html = files["audit.html"].decode()
    rows = ["".join("".join(row).split()) for row in Tables(html).rows[len(POLICY.gating) + 2 :]]
    assert len(rows) == 2 * 4 + 2 * 3 + len(SECTION.rows)
    assert [row for row in rows if row not in "".join(said)] == []
    seen = re.sub("<[^>]*>", " ", re.sub("<style>.*</style>", "", html, flags=re.DOTALL)).split()
    assert {word for word in said if re.fullmatch(r"\d+(\.\d+)?%?", word)} <= set(seen)


def test_the_pdf_is_tagged_and_every_heading_and_drawing_has_what_a_reader_needs(typeset):
    from pypdf import PdfReader  # noqa: PLC0415 - where there is a PDF to read

    reader = PdfReader(io.BytesIO(typeset))
    root = reader.root_object
    assert (root["/MarkInfo"]["/Marked"], root["/Lang"]) == (True, "en")
    assert reader.metadata.title == "Escalation: fairness audit"
    assert b"pdfuaid" in root["/Metadata"].get_data()
    kinds = list(elements(root["/StructTreeRoot"]))
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure"} <= {each.get("/S") for each in kinds}
    assert all(each.get("/Alt") for each in kinds if each.get("/S") == "/Figure")
    headings = {each["/ID"] for each in kinds if each.get("/S") == "/TH"}
    cells = [set(each["/A"]["/Headers"]) for each in kinds if each.get("/S") == "/TD"]
    assert all(cell and cell <= headings for cell in cells)
    assert "Ada" in "".join(page.extract_text() for page in reader.pages)


def elements(element):
    """Return every element of a PDF's structure."""
    held = element.get("/K", [])
    held = held.get_object() if hasattr(held, "get_object") else held
    for each in held if isinstance(held, list) else [held]:
        child = each.get_object() if hasattr(each, "get_object") else each
        if hasattr(child, "get"):
            yield child
            yield from elements(child)


def test_the_api_says_verdict_and_sentence_of_the_evidence_and_no_cell(files, found):
    assert set(AuditOfApi.model_fields) == {"verdict", "sentence"}
    content = json.loads(files["audit.json"])
    assert AuditOfApi(verdict=content["verdict"], sentence=content["sentence"]).sentence == found.sentence


def test_without_what_typesets_a_pdf_the_other_files_are_written_and_the_reason_is_said(found, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    (tmp_path / "audit.pdf").write_bytes(b"of an earlier audit")
    said = write_audit(found, tmp_path)
    assert said == ("audit.pdf was left out. A PDF needs WeasyPrint: install targeting[pdf].",)
    assert {path.name for path in tmp_path.iterdir()} == {"audit.json", "audit.csv", "audit.html"}
