"""Pages for what cannot be shown: in plain words, with a way on, and nothing of what was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.responses import HTMLResponse

from targeting.serving.pages.rendering import Page, SignedIn, render
from targeting.serving.served import Served


@dataclass(frozen=True)
class ErrorWords:
    """What an error page says: what happened, and what to do."""

    title: str
    what: str
    then: str


UNEXPECTED = ErrorWords(
    "Something went wrong here",
    "The fault is in Targeting, not in what you did. No list was changed by it.",
    "Try again in a few minutes. If it happens again, tell whoever looks after Targeting in your council, and when it "
    "happened.",
)
WORDS: Mapping[int, ErrorWords] = {
    401: ErrorWords(
        "Sign in to read this",
        "These pages are about families, so they open only to somebody who is signed in. A session ends after some "
        "hours.",
        "Open the sign-in link that you were given: each one works once. In a demonstration, `targeting serve` prints "
        "one for each role, and `targeting sign-in --as ROLE` a new one.",
    ),
    403: ErrorWords(
        "Your role does not read this",
        "You are signed in, and this page is not for your role.",
        "If your work needs it, ask whoever looks after Targeting in your council.",
    ),
    404: ErrorWords(
        "This page is not here",
        "The address may be incomplete or mistyped, or the list that it belonged to is no longer kept.",
        "This week’s lists lead to everybody who is on them.",
    ),
    405: ErrorWords(
        "This page is only for reading",
        "Something was sent to a page that takes nothing.",
        "Open the page again from this week’s lists.",
    ),
    421: ErrorWords(
        "Asked by another name",
        "Targeting answers to its own names alone, and this is none of them.",
        "On the computer on which it runs, open the address that `targeting serve` printed, which begins with "
        "http://127.0.0.1.",
    ),
    500: UNEXPECTED,
    503: ErrorWords(
        "This cannot be shown now",
        "What was published cannot be shown as it is. Nothing of it is shown until that is put right; the lists "
        "themselves stay as they are.",
        "Tell whoever looks after Targeting in your council: the service’s log says why. A child at risk of harm now "
        "goes to the safeguarding route today, whether or not this page can be read.",
    ),
}


# After either of the first, where a form was sent that nobody was signed in to send.
NOT_KEPT = (
    "What you sent was not kept. Your browser may still have it: go back, copy it, and put it into the form again once "
    "you are signed in."
)
# In place of the first, where a district's own OpenID provider tells who somebody is.
SIGN_IN = replace(
    WORDS[401], then="Sign in with your council account. Who may read what follows from the groups that you belong to."
)


def error_page(
    served: Served,
    *,
    status: int,
    signs_in: bool = False,
    signed_in: SignedIn | None = None,
    was_sent: bool = False,
) -> HTMLResponse:
    """Return the page of an HTTP status; those without words of their own have those of 500. It reads no list.

    `signs_in`: the district has declared where people sign in, so the page leads there. Whoever is `signed_in` is
    led to what the own role may read. `was_sent`: a form was, not a page asked for.
    """
    offers = signs_in and status == 401
    words = SIGN_IN if offers else WORDS.get(status, UNEXPECTED)
    page = Page(
        template="error.html",
        values={
            "words": words,
            "offers_sign_in": offers,
            "leads_on": status != 401,
            "not_kept": NOT_KEPT if was_sent and status == 401 else "",
        },
        status=status,
        signed_in=signed_in,
    )
    return render(page, district=served.district)
