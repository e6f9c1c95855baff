"""The files of an audit, all made from one content."""

from collections.abc import Sequence
from pathlib import Path

from targeting.fairness.page import audit_to_html
from targeting.fairness.pdf import PdfError, audit_to_pdf
from targeting.fairness.results import Audit, Signed, audit_to_json
from targeting.fairness.tidy import audit_to_csv

__all__ = ["audit_files", "audit_to_csv", "audit_to_html", "audit_to_json", "audit_to_pdf", "write_audit"]


def write_audit(audit: Audit, out: Path, *, signed: Sequence[Signed] = ()) -> tuple[str, ...]:
    """Write audit.json, audit.csv, audit.html and audit.pdf to a folder, which is made where it does not exist.

    Page and PDF name who has signed. Returns why a file was left out, in sentences: without what typesets PDFs there is
    no audit.pdf.
    """
    out.mkdir(parents=True, exist_ok=True)
    for name, content in audit_files(audit, signed).items():
        (out / name).write_bytes(content)
    try:
        (out / "audit.pdf").write_bytes(audit_to_pdf(audit, signed))
    except PdfError as error:
        (out / "audit.pdf").unlink(missing_ok=True)
        return (f"audit.pdf was left out. {error}",)
    return ()


def audit_files(audit: Audit, signed: Sequence[Signed] = ()) -> dict[str, bytes]:
    """Return by name the files that a model's evidence keeps: the same audit, the same bytes."""
    texts = {"audit.json": audit_to_json(audit), "audit.csv": audit_to_csv(audit)}
    return {name: text.encode() for name, text in {**texts, "audit.html": audit_to_html(audit, signed)}.items()}
