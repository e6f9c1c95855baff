"""An SSDA903 return of a year to 31 March: who was looked after, and the episodes of their periods of care."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from targeting.synthetic.social_care_tables import ETHNICITY_CODES, STATUS_CODES, SocialCareTables, iso
from targeting.synthetic.writing import Table

# A first placement that lasts this long is followed by another, in an episode of its own.
FIRST_PLACEMENT = timedelta(days=150)
_EPISODE = ("CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "DEC", "REC", "REASON_PLACE_CHANGE")
_HEADER = ("CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB")


def tables(told: SocialCareTables, as_of: date) -> tuple[Table, ...]:
    """Return the tables of children and of episodes, of all whose care began by 31 March and lasted into the year."""
    begins = date(as_of.year - 1, 4, 1)
    periods = [row for row in told.rows("LCS_Care_Periods.csv") if _is_of_year(row, begins, as_of)]
    looked_after = {row["Person ID"] for row in periods}
    persons = told.by_file["LCS_Persons.csv"]
    people = persons.filter(pc.is_in(persons["Person ID"], pa.array(sorted(looked_after), pa.string()))).to_pylist()
    episodes = [episode for row in periods for episode in _episodes(row, as_of)]
    return _table("header.csv", _HEADER, map(_child, people)), _table("episodes.csv", _EPISODE, episodes)


def _table(file: str, names: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Table:
    held = list(rows)
    return Table(file, {name: np.array([row.get(name, "") for row in held], np.str_) for name in names})


def _is_of_year(row: Mapping[str, str], begins: date, as_of: date) -> bool:
    ends = row["Care End"]
    return iso(row["Care Start"]) <= as_of.isoformat() and (not ends or iso(ends) >= begins.isoformat())


def _child(row: Mapping[str, str]) -> dict[str, str]:
    sex = {"Male": "1", "Female": "2"}.get(row["Gender"], "9")
    return {
        "CHILD": row["Person ID"],
        "SEX": sex,
        "DOB": row["Date of Birth"],
        "ETHNIC": ETHNICITY_CODES[row["Ethnicity"]],
        "UPN": row["UPN"] or "UN1",
    }


def _episodes(row: Mapping[str, str], as_of: date) -> Iterable[dict[str, str]]:
    """Return the episodes of a period of care as they stood on 31 March."""
    start = date.fromisoformat(iso(row["Care Start"]))
    ended = iso(row["Care End"])
    end = date.fromisoformat(ended) if ended and ended <= as_of.isoformat() else None
    common = {
        "CHILD": row["Person ID"],
        "LS": STATUS_CODES[row["Legal Status"]],
        "CIN": "N1",
        "PLACE": "U6",
        "PLACE_PROVIDER": "PR1",
    }
    moved = start + FIRST_PLACEMENT
    closing = {"DEC": _day(end), "REC": "E4A"} if end else {}
    if common["LS"] == "V4" or moved >= (end or as_of):
        yield {**common, "DECOM": _day(start), "RNE": "S", **closing}
        return
    followed = {"DEC": _day(moved), "REC": "X1", "REASON_PLACE_CHANGE": "CARPL"}
    yield {**common, "DECOM": _day(start), "RNE": "S", **followed}
    yield {**common, "DECOM": _day(moved), "RNE": "P", "PLACE": "U4", **closing}


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
