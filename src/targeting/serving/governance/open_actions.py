"""What waits for somebody: audits and watches that fall due, papers and agreements that run out, undecided flags."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from targeting.features.plan import plan_from_json
from targeting.serving.definition import SERVICE, Document, read_service
from targeting.serving.governance.models_held import Version

# A paper takes about a quarter to renew: data protection, both controllers, signatures.
TOLD_BEFORE = timedelta(days=90)
# Monthly feeds come once in it: whoever watches less often looks at the same records twice, or at none.
WATCHED_AGAIN = timedelta(days=35)


@dataclass(frozen=True)
class OpenAction:
    """Something that somebody has to do, and by when: `due` None where it waits already. `owner` may be empty."""

    what: str
    owner: str
    due: date | None

    def is_late(self, on: date) -> bool:
        """Return whether its day is over."""
        return self.due is not None and self.due < on


def documents_of(root: Path) -> tuple[Document, ...]:
    """Return the papers that a project declares; none where it declares no service."""
    return read_service(root / SERVICE).document if (root / SERVICE).exists() else ()


def open_actions(
    versions: Iterable[Version], documents: Sequence[Document], *, undecided: int, on: date
) -> tuple[OpenAction, ...]:
    """Return what is open on a date: what waits already, then what falls due within the next 90 days, earliest first.

    An audit that was accepted until a day is told however far that day is: it is a promise, and lists end with it.
    `versions` are those in use; `undecided` counts the flags of the latest lists that nobody decided yet.
    """
    used = tuple(versions)
    renewed = (*_agreements(used), *_papers(documents))
    soon = (each for each in renewed if each.due is None or each.due <= on + TOLD_BEFORE)
    due = sorted((*_audits(used, on), *_watches(used), *soon), key=_order)
    if undecided:
        flags = "1 flag" if undecided == 1 else f"{undecided:,} flags"
        due.append(OpenAction(f"{flags} of the latest lists not decided yet", "The panel", None))
    return tuple(due)


def _order(action: OpenAction) -> tuple[date, str]:
    return action.due or date.min, action.what


def _audits(versions: Iterable[Version], on: date) -> Iterator[OpenAction]:
    for each in versions:
        model, owner = each.bundle.origin.title, each.bundle.origin.owner
        # Once the day is over, the obstacle says so.
        if each.accepted_until is not None and each.accepted_until >= on:
            said = f"Audit “{model}” again: the acceptance of “cannot tell” ends, and after that day no list is made"
            yield OpenAction(said, owner, each.accepted_until)
        if each.obstacles:
            yield OpenAction(f"“{model}” is in use and should not be: {each.obstacles}", owner, None)


def _watches(versions: Iterable[Version]) -> Iterator[OpenAction]:
    """Yield until when each model in use has to be watched again, and what the last watch left to look at."""
    for each in versions:
        bundle, owner = each.bundle, each.bundle.origin.owner
        model, command = f"“{bundle.origin.title}”", f"`targeting monitor {bundle.model}`"
        if each.watch_fault:
            yield OpenAction(f"Watch {model} again: {each.watch_fault}", owner, None)
            continue
        if not each.watches:
            yield OpenAction(f"Watch {model}, which nobody has yet: {command}", owner, None)
            continue
        last = each.watches[0]
        yield OpenAction(f"Watch {model} again: {command}", owner, last.on + WATCHED_AGAIN)
        if last.not_as_before:
            yield OpenAction(f"Look at what the watch on {model} saw that is not as before", owner, None)


def _agreements(versions: Iterable[Version]) -> Iterator[OpenAction]:
    """Yield each agreement under which a model in use reads records, once."""
    ends = {
        (source.agency, source.expires_on)
        for each in versions
        for source in plan_from_json(each.bundle.plan_json).sources
    }
    for agency, day in sorted(ends):
        yield OpenAction(f"Renew the agreement to share records of {agency}", "", day)


def _papers(documents: Iterable[Document]) -> Iterator[OpenAction]:
    for each in documents:
        yield OpenAction(f"Renew the {each.kind.replace('_', ' ')}", each.owner, each.expires_on)
