"""Templates into pages: everything escaped, the same header, navigation and footer on each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined, Undefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from targeting.serving.access.definition import Role
from targeting.serving.access.permissions import Route, roles_that_may, rule_of
from targeting.serving.pages.assets import read_assets
from targeting.serving.pages.words import capitalised
from targeting.serving.terminal import NOTHING_STANDS_OUT

# Embeddings, overrides and isolates of Unicode's bidirectional algorithm, and what ends them.
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
TEMPLATES = Path(__file__).parent / "templates"
MACROS = "govuk_frontend_jinja"
# Where reasons or records are held back from the reader, nothing is said of what they would be.
NOTHING_SHOWN = "Nothing that may be shown to you."
# What a page shows may be of a family, so no browser keeps it.
NO_STORE = {"Cache-Control": "no-store"}

LIST: Route = ("GET", "/lists/{list_id}")
# The page of the one manager named, to which nobody else is led.
PROTECTED = "/protected"
# What each item is called, and the page that it leads to or that all behind it are: whoever may not read that one is
# not led there.
SECTIONS: Mapping[str, tuple[str, Route]] = {
    "/": ("This week", LIST),
    "/meetings": ("Meetings", ("GET", "/meetings")),
    "/tasks": ("Tasks", ("GET", "/tasks")),
    "/lists": ("All lists", LIST),
    "/indicators": ("What it looks at", ("GET", "/indicators")),
    "/model": ("The model", ("GET", "/model")),
    "/audit": ("Fairness audit", ("GET", "/audit")),
    "/models": ("Governance", ("GET", "/models")),
    "/district": ("The district", ("GET", "/district")),
}


def navigation_of(role: Role, *, is_named_manager: bool = False) -> Mapping[str, str]:
    """Return the main navigation of a role: where it leads, and what that is called."""
    own = {PROTECTED: "Protected identities"} if is_named_manager else {}
    return {href: text for href, (text, route) in SECTIONS.items() if role in roles_that_may(rule_of(*route))} | own


class _StrictButForMacros(Undefined):
    """A macro's parameter that was left out is nothing; any other name that does not exist is a fault."""

    def __new__(cls, hint: str | None = None, obj: Any = None, name: str | None = None, *rest: Any) -> Any:
        if isinstance(obj, dict) or name in ("caller", "undefined", "null"):
            return super().__new__(cls)
        return StrictUndefined(hint, obj, name, *rest)


@dataclass(frozen=True)
class SignedIn:
    """Who reads a page, as it says so; `csrf` goes into every form, `navigation` leads to what the role may read.

    `panels` are the titles of those whose lists alone the person reads; None: every list.
    """

    name: str
    role: str
    panels: tuple[str, ...] | None
    csrf: str
    navigation: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Page:
    """What is shown and how: a template with its values, which item of the navigation it belongs to, its status."""

    template: str
    values: Mapping[str, Any]
    section: str = ""
    status: int = 200
    signed_in: SignedIn | None = None


def render(page: Page, *, district: str) -> HTMLResponse:
    """Return a page, with no script and no style of its own."""
    told = {"section": page.section, "district": district, "signed_in": page.signed_in}
    html = part(page.template, **page.values, **told, navigation=page.signed_in.navigation if page.signed_in else {})
    return HTMLResponse(html, status_code=page.status, headers=NO_STORE)


def part(template: str, **values: Any) -> str:
    """Return a template with its values, every one of them escaped."""
    return environment().get_template(template).render(values, assets=read_assets())


@cache
def environment() -> Environment:
    """Return the templates of this package, and the macros of govuk-frontend-jinja for them to import."""
    own, macros = FileSystemLoader(TEMPLATES), PrefixLoader({MACROS: PackageLoader(MACROS)})
    made = Environment(
        loader=ChoiceLoader([own, macros]),
        autoescape=True,
        undefined=_StrictButForMacros,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=in_reading_order,
    )
    made.filters |= {"sentence": sentence, "first_capital": capitalised, "coded": coded}
    made.globals["nothing_stands_out"] = NOTHING_STANDS_OUT
    made.globals["nothing_shown"] = NOTHING_SHOWN
    return made


def in_reading_order(value: Any) -> Any:
    """Return what is shown without the marks that turn round the order of all the words after them.

    Words of any script keep their own order without these.

    >>> in_reading_order("Ada\u202e, by 13 April")
    'Ada, by 13 April'
    """
    if not isinstance(value, str) or not TURNING.search(value):
        return value
    kept = TURNING.sub("", value)
    return Markup(kept) if isinstance(value, Markup) else kept  # noqa: S704


def sentence(text: str) -> str:
    """Return a text with a full stop, where it does not end with a mark."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def coded(text: str) -> Markup:
    """Return a text, escaped, in which what stands between backticks is code.

    >>> str(coded("run `targeting list` & read"))
    'run <code>targeting list</code> &amp; read'
    """
    parts = enumerate(text.split("`"))
    return Markup("").join(Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in parts)
