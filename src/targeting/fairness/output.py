"""The three files of an audit, made from one content."""

from pathlib import Path

from targeting.fairness.page import audit_to_html
from targeting.fairness.results import Audit, audit_to_json
from targeting.fairness.tidy import audit_to_csv

__all__ = ["audit_files", "audit_to_csv", "audit_to_html", "audit_to_json", "write_audit"]


def write_audit(audit: Audit, out: Path) -> None:
    """Write audit.json, audit.csv and audit.html to a folder, which is made where it does not exist."""
    out.mkdir(parents=True, exist_ok=True)
    for name, content in audit_files(audit).items():
        (out / name).write_bytes(content)


def audit_files(audit: Audit) -> dict[str, bytes]:
    """Return the three files by name."""
    texts = {"audit.json": audit_to_json, "audit.csv": audit_to_csv, "audit.html": audit_to_html}
    return {name: write(audit).encode() for name, write in texts.items()}
