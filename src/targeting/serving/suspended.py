"""What is shown of a list while its model's flags are suspended: what was published, without an estimate."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from targeting.models.suspension import Suspension, suspension_of
from targeting.serving.contents import Flag, ListHead, Published
from targeting.serving.published import PublishedList
from targeting.serving.sentences import BY_POINTS, NO_ESTIMATE, suspended_sentence


class Suspended(Published):
    """Since when the flags of a model are suspended, and why: nobody is to act on them until that is lifted."""

    since: date
    why: str


@dataclass(frozen=True)
class ShownList:
    """A list as it may be shown now: no flag has a band while `suspended` is not None."""

    published: PublishedList
    suspended: Suspended | None

    @property
    def notice(self) -> str:
        """That the flags are suspended, since when, and why; empty while they hold."""
        return suspended_notice(self.suspended)


def shown_now(data: Path, published: PublishedList) -> ShownList:
    """Return a list as it may be shown now."""
    return shown_while(published, suspended_of(suspension_of(data, published.head.provenance.model)))


def shown_while(published: PublishedList, suspended: Suspended | None) -> ShownList:
    """Return a list as it may be shown while its flags are suspended, or hold (None)."""
    flags = tuple(flag_while(each, suspended) for each in published.flags)
    return ShownList(published.showing(flags), suspended)


def flag_while(flag: Flag, suspended: Suspended | None) -> Flag:
    """Return a flag as it may be shown: without its band while it is suspended."""
    return flag if suspended is None else flag.model_copy(update={"band": None})


def suspended_of(held: Suspension | None) -> Suspended | None:
    """Return what everybody reads of a suspension: not who decided it."""
    return Suspended(since=held.on, why=held.reason) if held else None


def suspended_notice(suspended: Suspended | None) -> str:
    """Return that flags are suspended, since when, and why; empty while they hold."""
    return suspended_sentence(suspended.since, suspended.why) if suspended else ""


def meaning_of(flag: Flag, head: ListHead) -> str:
    """Return what a flag's band means, or why there is none."""
    if flag.band is not None:
        return flag.band.sentence
    return BY_POINTS if head.ordered_by == "points_rule" else NO_ESTIMATE
