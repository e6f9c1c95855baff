"""`audit.pdf`: the page of an audit as a tagged PDF (PDF/UA-1), for those who sign and file it."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NoReturn

from targeting.errors import TargetingError
from targeting.fairness.page import audit_to_html
from targeting.fairness.results import Audit, Signed

VARIANT = "pdf/ua-1"
_TYPESETTER = "weasyprint"


class PdfError(TargetingError):
    """What typesets PDFs is not on this machine."""


def audit_to_pdf(audit: Audit, signed: Sequence[Signed] = ()) -> bytes:
    """Return the page as a tagged PDF: headings, tables with their headings, charts with their words.

    It is made from the page and so says what the page says. Raises PdfError as `html_to_pdf` does.
    """
    return html_to_pdf(audit_to_html(audit, signed))


def html_to_pdf(html: str) -> bytes:
    """Return a page that is whole in itself as a tagged PDF; nothing is fetched.

    Raises PdfError where WeasyPrint or the Pango library beneath it is absent. Its fonts are the machine's, so that two
    machines may give different bytes.
    """
    return bytes(_weasyprint().HTML(string=html, url_fetcher=_refuse).write_pdf(pdf_variant=VARIANT))


def can_make_pdf() -> bool:
    """Return whether what typesets PDFs is installed; the library beneath it is looked for when one is made."""
    return find_spec(_TYPESETTER) is not None


def _weasyprint() -> Any:
    try:
        # An extra, which needs a library of the machine and takes a second to load.
        return import_module(_TYPESETTER)
    except ImportError:
        raise PdfError("A PDF needs WeasyPrint: install targeting[pdf].") from None
    except OSError:
        raise PdfError("A PDF needs the library Pango; on Debian: libpango-1.0-0 and libpangoft2-1.0-0.") from None


def _refuse(_url: str, *_args: object, **_named: object) -> NoReturn:
    raise ValueError("a page that becomes a PDF is whole in itself and fetches nothing")
