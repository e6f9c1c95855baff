"""Streets and towns as they are compared: plain letters, without what one agency writes out and another shortens."""

import re

from targeting.linkage.names import plain_letters

# A street's kind, which one agency writes out, another shortens and a third leaves out.
_KINDS = frozenset(
    re.findall(
        r"\w+",
        """street st road rd avenue ave av close cl terrace terr ter grove gr drive dr lane ln place pl crescent cres cr
        court ct way circuit cct parade pde square sq gardens gdns rise row walk hill view""",
    )
)
_WITHIN_A_HOUSE = frozenset({"flat", "apartment", "apt", "unit", "room"})


def street_of(text: str) -> str | None:
    """Return the name of a street: no number, no flat, no kind of street unless nothing else is left; None for none."""
    words = [word for word in _words(text) if word not in _WITHIN_A_HOUSE and len(word) > 1]
    named = words[:-1] if len(words) > 1 and words[-1] in _KINDS else words
    return " ".join(named) or None


def place_of(text: str) -> str | None:
    """Return the name of a town or suburb in plain letters; None for none."""
    return " ".join(_words(text)) or None


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[^a-z]+", plain_letters(text)) if word]
