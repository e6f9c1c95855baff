"""A tile map: each ward one square of equal size, as near to its centre point as the others leave room."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from targeting.serving.district.ward_set import Ward

# Squares for half as many wards again: room for the shape of a district.
_ROOM = 1.5


@dataclass(frozen=True)
class Tile:
    """Where a ward stands: columns from the west, rows from the north, both from 0."""

    column: int
    row: int


def tiles_of(wards: Sequence[Ward]) -> Mapping[str, Tile]:
    """Return the tile of each ward by its code: the squares whose distances from the centre points, squared, sum least.

    The same wards give the same tiles. A large ward stands no larger than a small one, for families do not.
    """
    points = np.array([[each.easting, -each.northing] for each in wards])
    extent = np.maximum(np.ptp(points, axis=0), 1.0)
    pitch = math.sqrt(float(extent.prod()) / (_ROOM * len(wards)))
    columns, rows = (max(1, math.ceil(side / pitch)) + 1 for side in extent)
    while columns * rows < len(wards):
        columns, rows = columns + 1, rows + 1
    cells = np.array([(column, row) for row in range(rows) for column in range(columns)])
    wanted = (points - points.min(axis=0)) / extent * [columns - 1, rows - 1]
    distances = ((wanted[:, np.newaxis, :] - cells[np.newaxis, :, :]) ** 2).sum(axis=2)
    _, chosen = linear_sum_assignment(distances)
    placed = cells[chosen]
    # Rows and columns at an edge in which no ward stands are left out.
    placed = placed - placed.min(axis=0)
    return {each.code: Tile(int(column), int(row)) for each, (column, row) in zip(wards, placed.tolist(), strict=True)}
