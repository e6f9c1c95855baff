"""What stands in the margins of every printed sheet: of which date the list is, that it is synthetic, which page."""

import re
from datetime import date

from targeting.serving.contents import ListHead
from targeting.serving.pages.rendering import in_reading_order
from targeting.serving.sentences import PROMPT, in_words

SYNTHETIC_DATA = "Synthetic data"
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})(-synthetic)?\.css")


def print_address(head: ListHead) -> str:
    """Return the address of the print style of a list's date; it names no list and no family."""
    return f"/print/{head.as_of_date}{'-synthetic' if head.synthetic else ''}.css"


def print_style(name: str, *, district: str) -> str | None:
    """Return the style that `print_address` names, or None where the name is no such thing."""
    found = _NAME.fullmatch(name)
    day = _day(found.group(1)) if found else None
    if found is None or day is None:
        return None
    boxes = {
        "top-left": css_string(f"Targeting, {district}: as of {in_words(day)}"),
        "top-right": css_string(SYNTHETIC_DATA if found.group(2) else ""),
        "bottom-left": css_string(PROMPT),
        "bottom-right": '"Page " counter(page) " of " counter(pages)',
    }
    font = "font: 9pt arial, helvetica, sans-serif; white-space: nowrap"
    return "@page {" + "".join(f" @{box} {{ content: {text}; {font} }}" for box, text in boxes.items()) + " }\n"


def css_string(text: str) -> str:
    r"""Return a text as a CSS string in which every character but letters and digits is escaped.

    >>> css_string("30 March")
    '"30\\20 March"'
    """
    kept = in_reading_order(text)
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in kept) + '"'


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
