"""`audit.pdf`: the page of an audit as a tagged PDF (PDF/UA-1), for those who sign and file it."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from targeting.errors import TargetingError
from targeting.fairness.page import audit_to_html
from targeting.fairness.results import Audit, Signed

VARIANT = "pdf/ua-1"


class PdfError(TargetingError):
    """What typesets PDFs is not on this machine."""


def audit_to_pdf(audit: Audit, signed: Sequence[Signed] = ()) -> bytes:
    """Return the page as a tagged PDF: headings, tables with their headings, charts with their words.

    It is made from the page and so says what the page says. Nothing is fetched. Raises PdfError where WeasyPrint or the
    Pango library beneath it is absent. Its fonts are the machine's, so that two machines may give different bytes.
    """
    html = _weasyprint().HTML(string=audit_to_html(audit, signed), url_fetcher=_refuse)
    return bytes(html.write_pdf(pdf_variant=VARIANT))


def _weasyprint() -> Any:
    try:
        # An extra, which needs a library of the machine and takes a second to load.
        return import_module("weasyprint")
    except ImportError:
        raise PdfError("A PDF needs WeasyPrint: install targeting[pdf].") from None
    except OSError:
        raise PdfError("A PDF needs the library Pango; on Debian: libpango-1.0-0 and libpangoft2-1.0-0.") from None


def _refuse(_url: str, *_args: object, **_named: object) -> NoReturn:
    raise ValueError("a page of an audit is whole in itself and fetches nothing")
