"""Documents that were signed with a model, shown as they are, under a bar that leads back."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup
from starlette.responses import HTMLResponse

from targeting.fairness.results import Signed
from targeting.fairness.signatures import with_signatures
from targeting.models.bundle import Bundle
from targeting.serving.pages.rendering import NO_STORE, SignedIn, part

DOCUMENTS: Mapping[str, str] = {"/audit": "audit.html", "/model": "card.html"}


def document(
    bundle: Bundle, section: str, *, signed: Sequence[Signed], bar: Mapping[str, object], nonce: str
) -> HTMLResponse | None:
    """Return a document of a bundle's evidence with the bar put in, made with its values; None where it has none.

    Where the document has a part for signatures, those who `signed` stand there; nothing else of it is changed. `nonce`
    lets the document's own style through the service's content security policy.
    """
    held = bundle.evidence.get(DOCUMENTS[section])
    if held is None:
        return None
    text = _with_nonce(with_signatures(held.decode(), signed), nonce)
    text = text.replace("</head>", f"{part('bar_head.html')}\n</head>", 1)
    # In the document's own header, so that a link past all that comes first stays the first link.
    before = "<header>" if "<header>" in text else "<body>"
    text = text.replace(before, f"{before}\n{part('bar.html', section=section, **bar)}", 1)
    return HTMLResponse(text, headers=NO_STORE)


def _with_nonce(text: str, nonce: str) -> str:
    return text.replace("<style>", Markup('<style nonce="{}">').format(nonce), 1) if nonce else text


def bar_of(signed_in: SignedIn | None, *, district: str) -> Mapping[str, object]:
    """Return the values of the bar for whoever reads."""
    return {"district": district, "navigation": signed_in.navigation if signed_in else {}}
