"""Tables held as frozen dataclasses of columns: some rows of one, several one after the other."""

from collections.abc import Sequence
from dataclasses import Field, fields
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray


class Columns(Protocol):
    """A dataclass whose arrays are columns of one length; what is no array holds for the whole."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Rows = TypeVar("Rows", bound=Columns)


def rows_where(rows: Rows, kept: NDArray[np.bool_] | NDArray[np.int64]) -> Rows:
    """Return some rows, by flag or by index."""
    values = {field.name: getattr(rows, field.name) for field in fields(rows)}
    taken = {name: value[kept] if isinstance(value, np.ndarray) else value for name, value in values.items()}
    return type(rows)(**taken)


def stacked(parts: Sequence[Rows]) -> Rows:
    """Return the rows of several, one after the other; a column `number`, where there is one, counts them anew."""
    names = [field.name for field in fields(parts[0])]
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    if "number" in columns:
        columns["number"] = np.arange(columns["number"].size)
    return type(parts[0])(**columns)
