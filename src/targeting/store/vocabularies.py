"""How text and dates become numbers, the same in every shard of a generation."""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.records.contract import Contract
from targeting.records.definition import Column
from targeting.store.blocks import Days, Indexes

EPISODE = "episode_id"
FILE = "vocabularies.json"
ASCII = 127

Vocabularies = Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Encoding:
    """The words of every code column by kind and name, all episodes, all sources; each sorted."""

    vocabularies: Vocabularies
    episodes: pa.Array
    sources: tuple[str, ...]


def encoding(facts: Mapping[str, pa.Table], contract: Contract, sources: Sequence[str]) -> Encoding:
    """Return the vocabularies of all code columns: the contract's codes and whatever else the facts hold, sorted."""
    vocabularies = {
        name: {
            column.name: _vocabulary(column, facts.get(name))
            for column in kind.columns
            if column.type == "code" and column.name != EPISODE
        }
        for name, kind in contract.items()
    }
    return Encoding(
        vocabularies,
        all_episodes(table[EPISODE] for name, table in facts.items() if contract[name].has_episodes),
        tuple(sources),
    )


def all_episodes(columns: Iterable[pa.ChunkedArray]) -> pa.Array:
    """Return every episode that the columns name, sorted: its place there is its number in every shard."""
    chunks = [chunk for column in columns for chunk in column.chunks]
    return distinct(pa.chunked_array(chunks, pa.string()))


def _vocabulary(column: Column, facts: pa.Table | None) -> tuple[str, ...]:
    declared = set(column.codes.codes) if column.codes else set()
    observed = set() if facts is None else set(distinct(facts[column.name]).to_pylist())
    return tuple(sorted(declared | observed))


def distinct(texts: pa.ChunkedArray) -> pa.Array:
    """Return the different texts, sorted by their bytes, nulls left out."""
    return texts.unique().drop_null().sort()


def indexes(texts: pa.ChunkedArray | pa.Array, among: pa.Array) -> Indexes:
    """Return where each text lies in `among`, -1 where it is null or not there."""
    from pyarrow.compute import index_in  # noqa: PLC0415 - what only reads a generation has no use for it.

    return filled(index_in(whole(texts), value_set=among, skip_nulls=True), -1)


def place_of(text: str, *, among: pa.Array) -> int | None:
    """Return where a text lies in a sorted array, found by bisection; None where it is not there."""
    first, last = places_of(text, among=among)
    return first if first < last else None


def places_of(text: str, *, among: pa.Array) -> tuple[int, int]:
    """Return from where up to where (not included) a text lies in a sorted array."""

    def value(place: int) -> str:
        found: str = among[place].as_py()
        return found

    first = bisect_left(range(len(among)), text, key=value)
    return first, bisect_right(range(len(among)), text, lo=first, key=value)


def whole(values: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return the values as one array."""
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def filled(values: pa.Array, missing: float) -> NDArray[Any]:
    """Return numbers as a NumPy array, `missing` where null."""
    # To ask for nulls takes a hundredth of the time that it takes to fill none.
    known = values.fill_null(missing) if values.null_count else values
    return known.to_numpy(zero_copy_only=False)


def days(dates: pa.ChunkedArray | pa.Array, *, missing: np.int32 | None = None) -> Days:
    """Return dates as days since 1970-01-01, `missing` where null; raise ValueError on a null where none is given."""
    if missing is None and dates.null_count:
        message = "a date that every row must have is missing: event, knowledge, known from or visible from."
        raise ValueError(message)
    return filled(whole(dates).cast(pa.int32()), int(missing or 0))


def text_array(texts: pa.Array | pa.ChunkedArray) -> NDArray[np.str_]:
    """Return text as a NumPy array of str."""
    held = whole(texts)
    letters = _letters(held)
    if letters is None:
        return np.asarray(held.to_pylist(), dtype=np.str_)
    return letters.astype(np.uint32).view(f"U{letters.shape[1]}")[:, 0]


def _letters(texts: pa.Array) -> NDArray[np.uint8] | None:
    """Return texts of one length, as ids are, by row and letter; None where lengths differ or one is not ASCII.

    Taken so they are read in a twentieth of the time.
    """
    if texts.type != pa.string() or texts.null_count or not len(texts):
        return None
    ends = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    letters = np.frombuffer(texts.buffers()[2], np.uint8)[ends[0] : ends[-1]]
    length = len(letters) // len(texts)
    if not length or (np.diff(ends) != length).any() or letters.max() > ASCII:
        return None
    return letters.reshape(len(texts), length)


def write_vocabularies(folder: Path, vocabularies: Vocabularies) -> None:
    """Write the vocabularies into a generation's folder."""
    (folder / FILE).write_text(json.dumps(vocabularies, sort_keys=True, ensure_ascii=False), encoding="utf-8")


def read_vocabularies(folder: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the vocabularies of the generation in `folder`."""
    content = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return {kind: {name: tuple(words) for name, words in columns.items()} for kind, columns in content.items()}
