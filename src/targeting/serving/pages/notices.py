"""What pages say above a list and its families: links, notices, what a family is called."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from targeting.serving.contents import Flag, ListHead
from targeting.serving.pages.words import capitalised
from targeting.serving.sentences import SHADOW, SYNTHETIC, in_words


@dataclass(frozen=True)
class Link:
    """A way to another page; `current` where it is the page itself."""

    text: str
    href: str
    current: bool = False


def synthetic_notice(head: ListHead) -> str:
    """Return the notice of synthetic data; empty for other lists."""
    return SYNTHETIC if head.synthetic else ""


def shadow_notice(head: ListHead) -> str:
    """Return the notice of a shadow list; empty for a live one."""
    return SHADOW if head.standing == "shadow" else ""


def ended_notice(flags: Iterable[Flag], *, on: date) -> str:
    """Return that flags of a list do not hold any more on a day; empty while they do, and where there is none."""
    last = max((each.expires_on for each in flags), default=None)
    if last is None or on <= last:
        return ""
    return f"These flags ended on {in_words(last)}. Nobody acts on them any more."


def title_of_family(head: ListHead, number: int) -> str:
    """Return how a family is called on its list: `Family 3`."""
    return f"{capitalised(head.one)} {number}"
