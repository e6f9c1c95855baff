"""The nightly file for a case-management system without an API, and the file of decisions that it hands back."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from pydantic import ValidationError

from targeting.errors import DataError, Fault
from targeting.serving.decisions import Decision
from targeting.serving.sentences import PROMPT
from targeting.serving.suspended import ShownList, meaning_of
from targeting.store.people_index import PeopleIndex
from targeting.store.pseudonyms import record_ids

COLUMNS = (
    *("person_id", "flag_id", "list_id", "panel", "kind", "as_of_date", "rank", "band", "expires_on", "link"),
    *("decision_revision", "notice"),
)
DECISION_COLUMNS = (
    *("flag_id", "instead_of", "decided_by", "role", "decision", "reason", "threshold_level", "agreement"),
    *("safe_contact_who", "safe_contact_how", "safe_contact_when_not", "owner", "due_date"),
    *("first_contact_on", "first_contact_by"),
)
# Files of before the first contact could be told; they are still taken.
EARLIER_COLUMNS = DECISION_COLUMNS[:-2]
# What no column tells: it stays as the revision has it in whose place a row is.
NOT_IN_FILE = ("first_view", "children", "best_placed", "correction", "follow_ups")
# A spreadsheet takes what begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, kw_only=True)
class Named:
    """Somebody by a case-management system's own id, and a family that the person is in."""

    person_id: str
    family_id: str


def families_named(ids: Sequence[str], *, source: str, people: PeopleIndex, key: bytes, on: date) -> tuple[Named, ...]:
    """Return the families on a date of those whom a system's own ids name; nobody for an id that is not held.

    The ids are no part of what is kept: whoever asks brings them.
    """
    records = record_ids(pa.array(ids, pa.string()), source=source, identity_key=key).to_pylist()
    found = [(each, people.person_of(record, on)) for each, record in zip(ids, records, strict=True)]
    return tuple(
        Named(person_id=each, family_id=family)
        for each, person in found
        if person is not None
        for family in people.families_of(person, on)
    )


@dataclass(frozen=True, kw_only=True)
class HandedBack:
    """One decision that a case-management system hands back: of which flag, in place of which revision, by whom."""

    flag_id: str
    instead_of: int
    decided_by: str
    role: str
    content: Decision

    def after(self, before: Decision | None) -> Decision:
        """Return the decision with what the file says nothing of as it stood before: nothing recorded is lost.

        A first contact that the file leaves empty stays too: what happened does not cease to have happened.
        """
        if before is None:
            return self.content
        kept = {name: getattr(before, name) for name in NOT_IN_FILE}
        return self.content.model_copy(
            update=kept | {"first_contact": self.content.first_contact or before.first_contact}
        )


def nightly_file(
    lists: Iterable[ShownList], named: Sequence[Named], revisions: Mapping[str, int], *, address: str
) -> str:
    """Return the flags of some lists as CSV, one row a person whom the system named, by list, rank and person.

    The link leads to the flag's page, which asks for a sign-in; no reason and no name is in the file. `revisions` has
    the last revision of each decided flag. While flags are suspended, `band` and `notice` say so of each row.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each_list in lists:
        head, notice = each_list.published.head, each_list.notice or PROMPT
        for flag in each_list.published.flags:
            meaning = meaning_of(flag, head)
            for person in sorted(each.person_id for each in named if each.family_id == flag.family_id):
                row = (person, flag.id, head.id, head.panel, head.kind, head.as_of_date, flag.rank, meaning)
                more = (flag.expires_on, f"{address}/flags/{flag.id}", revisions.get(flag.id, 0), notice)
                writer.writerow([harmless(str(value)) for value in (*row, *more)])
    return written.getvalue()


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: led by an apostrophe where it could be one.

    >>> harmless("=1+1")
    "'=1+1"
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def handed_back(text: str) -> tuple[HandedBack, ...]:
    """Return the decisions of a CSV file. Raises DataError that names every row and column that does not fit."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if tuple(reader.fieldnames or ()) not in (DECISION_COLUMNS, EARLIER_COLUMNS):
        raise DataError(f"a file of decisions has the columns {', '.join(DECISION_COLUMNS)}, in this order.")
    found, faults = [], []
    for number, row in enumerate(reader, start=2):
        read = _decision(row, number)
        if isinstance(read, HandedBack):
            found.append(read)
        else:
            faults += read
    if faults:
        raise DataError("\n".join(map(str, faults)))
    return tuple(found)


def _decision(row: Mapping[str, str], number: int) -> HandedBack | list[Fault]:
    place = f"row {number}"
    contact = {name: row[f"safe_contact_{name}"] or "" for name in ("who", "how", "when_not")}
    first = {"contacted_on": row.get("first_contact_on") or "", "by": row.get("first_contact_by") or ""}
    told: dict[str, Any] = {
        **{name: row[name] for name in ("decision", "reason", "threshold_level", "agreement", "owner", "due_date")},
        "first_view": None,
        "children": [],
        "safe_contact": contact if contact["who"] or contact["how"] else None,
        "first_contact": first if any(first.values()) else None,
        "follow_ups": [],
    }
    try:
        content = Decision.model_validate(told)
    except ValidationError as error:
        places = sorted({str(each["loc"][0]) for each in error.errors()})
        return [Fault(f"{place}: {name}", "does not fit what a decision may hold.") for name in places]
    faults = [Fault(place, sentence) for sentence in content.faults()]
    if not row["instead_of"].isdecimal():
        faults.append(Fault(f"{place}: instead_of", "has to be the revision that was read, 0 for none."))
    if faults:
        return faults
    return HandedBack(
        flag_id=row["flag_id"],
        instead_of=int(row["instead_of"]),
        decided_by=row["decided_by"],
        role=row["role"],
        content=content,
    )
