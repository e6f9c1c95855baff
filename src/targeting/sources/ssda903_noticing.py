"""What is odd about a table of an SSDA903 return and worth a sentence, counted while its rows are read."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.sources.raw_rows import RawRows
from targeting.sources.record_keys import joined
from targeting.sources.returns import MOST_ROWS, code_warnings, texts, unknown_codes, unverified_warnings, year_warnings
from targeting.sources.ssda903_mapping import EPISODES, Table
from targeting.sources.ssda903_periods import days_of
from targeting.store.blocks import MISSING_DAY


@dataclass
class Noticed:
    """What was met while a table was read."""

    table: Table
    latest: int = int(MISSING_DAY)
    undated_ends: int = 0
    no_codes: Counter[str] = field(default_factory=Counter)
    # A number a row; of rows beyond those of any council's return nothing is noted.
    rows: list[NDArray[np.int64]] = field(default_factory=list)

    def add(self, rows: RawRows) -> None:
        """Take note of one more chunk, as it was delivered."""
        for name in self.table.latest_of:
            self.latest = max(self.latest, int(days_of(rows, name).max(initial=MISSING_DAY)))
        self.no_codes.update(unknown_codes(rows, self.table.checked))
        if self.table is EPISODES:
            pairs = zip(texts(rows, "REC"), texts(rows, "DEC"), strict=True)
            self.undated_ends += sum(1 for why, when in pairs if why and not when)
        if sum(map(len, self.rows)) < MOST_ROWS:
            self.rows.append(_numbers(rows))

    def warnings(self, place: str, year: int) -> Iterator[str]:
        """Yield a sentence for each oddity; `year` is that of the return."""
        latest = None if self.latest == MISSING_DAY else date(1970, 1, 1) + timedelta(days=self.latest)
        yield from year_warnings(place, year, latest)
        yield from unverified_warnings(place, year)
        yield from code_warnings(place, self.no_codes, year)
        noted = np.concatenate([np.empty(0, np.int64), *self.rows])
        repeated = len(noted) - len(np.unique(noted))
        if repeated:
            yield f"{place}: {repeated} rows repeat another word for word; each is counted once."
        if self.undated_ends:
            yield (
                f"{place}: {self.undated_ends} episodes say why they ended (REC) and not when (DEC); they are taken as "
                "open."
            )


def _numbers(rows: RawRows) -> NDArray[np.int64]:
    """Return a number for each row, the same for rows that are told word for word alike."""
    columns = [rows.column(name) for name in rows.columns.column_names]
    whole = joined(columns) if columns else pa.nulls(len(rows), pa.string())
    return np.array([hash(text) for text in whole.to_pylist()], np.int64)
