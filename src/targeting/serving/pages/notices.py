"""What pages say above a list and its families: links, notices, what a family is called."""

from dataclasses import dataclass

from targeting.serving.contents import ListHead
from targeting.serving.pages.words import capitalised
from targeting.serving.sentences import SHADOW, SYNTHETIC


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


def title_of_family(head: ListHead, number: int) -> str:
    """Return how a family is called on its list: `Family 3`."""
    return f"{capitalised(head.one)} {number}"
