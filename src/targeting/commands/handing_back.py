"""Decisions that systems without an API hand back: files in the folder `decisions` of what is loaded."""

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
    for path in sorted((extracts / FOLDER).glob("*.csv")):
        try:
            found += handed_back(path.read_text(encoding="utf-8-sig"))
        except (DataError, UnicodeDecodeError) as error:
            why = str(error) if isinstance(error, DataError) else "is not text in UTF-8."
            faults += [f"{FOLDER}/{path.name}: {line}" for line in why.splitlines()]
    if faults:
        raise DataError("\n".join(faults))
    library = Library(_data(root))
    unknown = [each for each in found if library.flag(each.flag_id) is None]
    if unknown:
        raise TargetingError(f"{len(unknown)} of the flags named are on no published list; nothing was recorded.")
    return tuple(found)


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
    from targeting.serving.database.decisions import NewDecision, StaleRevisionError, record_decision

    found = library.flag(back.flag_id)
    if found is None:
        raise TargetingError("a flag named is on no published list.")
    new = NewDecision(
        flag_id=found.flag.id,
        list_id=found.flag.list_id,
        family_id=found.flag.family_id,
        subject=back.decided_by,
        role=back.role,
        instead_of=back.instead_of,
        content=back.content,
    )
    event = AuditEvent(
        subject=back.decided_by,
        role=back.role,
        client=COMMAND_LINE,
        action="write_decision",
        what=found.flag.id,
        families=(found.flag.family_id,),
        details={"decision": back.content.decision},
    )
    try:
        database.write(lambda writing: record_decision(writing, new), audit=event)
    except StaleRevisionError:
        return False
    return True
