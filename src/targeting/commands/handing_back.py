"""Decisions that systems without an API hand back: files in the folder `decisions` of what is loaded."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from targeting.commands.access import COMMAND_LINE, database_of
from targeting.errors import DataError, TargetingError

if TYPE_CHECKING:
    from targeting.serving.database.database import Database
    from targeting.serving.keeping.exporting import HandedBack
    from targeting.serving.library import Library

FOLDER = "decisions"


@dataclass(frozen=True)
class Recorded:
    """How many decisions were recorded, and how many were left out as somebody had decided meanwhile."""

    recorded: int
    stale: int


def decisions_in(extracts: Path, root: Path) -> "tuple[HandedBack, ...]":
    """Return the decisions that lie in a folder of extracts, in the order of their files; none without such a folder.

    Raises DataError that names every row and column that does not fit, TargetingError where a flag is on no list: then
    nothing of the folder is to be recorded.
    """
    from targeting.serving.keeping.exporting import handed_back
    from targeting.serving.library import Library

    found: list[HandedBack] = []
    faults: list[str] = []
    library = Library(_data(root))
    for path in sorted((extracts / FOLDER).glob("*.csv")):
        try:
            rows = handed_back(path.read_text(encoding="utf-8-sig"))
            why = "\n".join(_contact_faults(rows, library))
            found += rows
        except (DataError, UnicodeDecodeError) as error:
            why = str(error) if isinstance(error, DataError) else "is not text in UTF-8."
        faults += [f"{FOLDER}/{path.name}: {line}" for line in why.splitlines()]
    if faults:
        raise DataError("\n".join(faults))
    unknown = [each for each in found if library.flag(each.flag_id) is None]
    if unknown:
        are = "is" if len(unknown) == 1 else "are"
        raise TargetingError(f"{len(unknown):,} of the flags named {are} on no published list; nothing was recorded.")
    return tuple(found)


def _contact_faults(rows: "tuple[HandedBack, ...]", library: "Library") -> Iterator[str]:
    """Yield what is wrong with the days of first contact, row by row; the first row of a file is its heading."""
    from targeting.commands.clock import today

    for number, row in enumerate(rows, start=2):
        on = library.flag(row.flag_id)
        if on is not None:
            told = row.content.contact_faults(listed_on=on.on.head.as_of_date, today=today())
            yield from (f"row {number}: {sentence}" for sentence in told)


def record_decisions(handed_back: "tuple[HandedBack, ...]", root: Path) -> Recorded:
    """Record the decisions that were handed back; one in place of another than the last is left out and counted."""
    from targeting.serving.library import Library

    library = Library(_data(root))
    with closing(database_of(root)) as database:
        recorded = [_record(each, database, library) for each in handed_back]
    return Recorded(recorded.count(True), recorded.count(False))


def _data(root: Path) -> Path:
    from targeting.project.settings import read_settings

    return root / read_settings(root).data_folder


def _record(back: "HandedBack", database: "Database", library: "Library") -> bool:
    """Return whether a decision was recorded; not where another one was since the revision that it names."""
    from targeting.serving.database.audit import AuditEvent
    from targeting.serving.database.database import Writing
    from targeting.serving.database.decisions import NewDecision, StaleRevisionError, record_decision, revisions
    from targeting.serving.decisions import RecordedDecision

    found = library.flag(back.flag_id)
    if found is None:
        raise TargetingError("a flag named is on no published list.")
    flag = found.flag

    def work(writing: Writing) -> RecordedDecision:
        held = revisions(writing.connection, flag.id)
        new = NewDecision(
            flag_id=flag.id,
            list_id=flag.list_id,
            family_id=flag.family_id,
            subject=back.decided_by,
            role=back.role,
            instead_of=back.instead_of,
            content=back.after(held[-1].content if held else None),
        )
        return record_decision(writing, new)

    event = AuditEvent(
        subject=back.decided_by,
        role=back.role,
        client=COMMAND_LINE,
        action="write_decision",
        what=flag.id,
        families=(flag.family_id,),
        details={"decision": back.content.decision},
    )
    try:
        database.write(work, audit=event)
    except StaleRevisionError:
        return False
    return True
