"""What names a fact for good, so that a later delivery of it is known for the same fact or for its correction."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.sources.converting import Invalid, Values
from targeting.sources.definition import FactFields
from targeting.sources.earlier_chunks import KEYED
from targeting.sources.faults import MISSING, BrokenRule, Mask, Rows, broken
from targeting.sources.row_reader import RowReader
from targeting.store.blocks import MISSING_DAY, Days
from targeting.store.pseudonyms import pseudonyms

BETWEEN = "\x1f"
NO_VALUE = "\x00"

NOT_ONE_RECORD = Invalid(
    "a record key shared with another row of other values, known on the same day",
    "a record_key that tells the rows apart, or a knowledge date that orders them",
)


def record_keys(
    fields: FactFields, reader: RowReader, present: Mask, content: pa.Array, place: str
) -> tuple[pa.Array, list[BrokenRule]]:
    """Return what names each fact for good: its key in the source, else its values and which of equals it is.

    The columns of person and event are part of it, so that one row may make several facts of a kind. `place` names
    the fact within the file.
    """
    named = BETWEEN.join((fields.kind, fields.person, fields.event_date.column or ""))
    columns = [reader.texts(name) for name in fields.record_key]
    parts = [column.texts for column in columns] if columns else [content, _occurrence(content, present, reader, place)]
    text = joined([pa.repeat(named, len(present)), *parts])
    purpose = f"fact/{reader.context.source}"
    key = pseudonyms(pc.if_else(pa.array(present), text, None), reader.context.identity_key, purpose)
    if not columns:
        return key, []
    unnamed = reduce(np.logical_and, (~column.is_filled for column in columns), present)
    return key, list(broken(columns[0], MISSING, unnamed))


def _occurrence(content: pa.Array, present: Mask, reader: RowReader, place: str) -> pa.Array:
    """Return, as text, how many rows above make a fact of equal values."""
    rows = np.flatnonzero(present)
    encoded = content.take(pa.array(rows)).dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    order = np.argsort(codes, kind="stable")
    lengths = np.bincount(codes, minlength=len(encoded.dictionary))
    begins = np.cumsum(lengths) - lengths
    before = reader.earlier.counted(place, encoded.dictionary, lengths)
    occurrence = np.zeros(len(content), np.int64)
    occurrence[rows[order]] = np.arange(len(order)) - np.repeat(begins - before, lengths)
    return pa.array(occurrence).cast(pa.string())


@dataclass(frozen=True)
class KeyedRows:
    """What the record key of each row names, where the row is `sound` but for contradictions."""

    place: str
    record_key: pa.Array
    known: Days
    content: pa.Array
    sound: Mask
    lines: NDArray[np.int64]

    def table(self) -> pa.Table:
        """Return the sound rows, by `KEYED`."""
        columns = [
            pa.repeat(self.place, len(self.sound)),
            self.record_key,
            pa.array(self.known).cast(pa.date32()),
            self.content,
            pa.array(self.lines),
        ]
        return pa.table(columns, schema=KEYED).filter(pa.array(self.sound))


def contradictions(key: Values, keyed: KeyedRows, elsewhere: Mask) -> Sequence[BrokenRule]:
    """Return the rows whose record key does not name one record: which of their values holds cannot be told.

    `elsewhere` marks those that other chunks of the file contradict.
    """
    here = _mask(_contradicting(keyed), len(elsewhere))
    return tuple(broken(key, NOT_ONE_RECORD, here | (elsewhere & keyed.sound)))


def _contradicting(keyed: KeyedRows) -> Rows:
    rows = np.flatnonzero(keyed.sound)
    keys = _codes(keyed.record_key.take(pa.array(rows)))
    pairs = keys.astype(np.int64) << 32 | (keyed.known[rows].astype(np.int64) - int(MISSING_DAY))
    _, group = np.unique(pairs, return_inverse=True)
    if len(rows) == 0 or group.max() + 1 == len(rows):
        return rows[:0]
    contents = _codes(keyed.content.take(pa.array(rows)))
    first = np.full(group.max() + 1, -1, np.int64)
    first[group[::-1]] = contents[::-1]
    differs = np.zeros(len(first), np.bool_)
    differs[group[contents != first[group]]] = True
    return rows[differs[group]]


def _codes(texts: pa.Array) -> NDArray[np.int32]:
    return texts.dictionary_encode().indices.to_numpy(zero_copy_only=False)


def _mask(rows: Rows, count: int) -> Mask:
    mask = np.zeros(count, np.bool_)
    mask[rows] = True
    return mask


def joined(columns: Sequence[pa.Array]) -> pa.Array:
    """Return the values of each row as one text, in which no two different rows are equal."""
    texts = [column.cast(pa.string()) for column in columns]
    return pc.binary_join_element_wise(*texts, BETWEEN, null_handling="replace", null_replacement=NO_VALUE)
