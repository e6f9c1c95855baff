"""Two catalogues on the same data: which indicators came, went or changed, and for how many families of whom."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from targeting.errors import TargetingError
from targeting.fairness.definition import Policy
from targeting.features import Matrix, Plan, plan_from_json
from targeting.features.engine import build_matrix, select
from targeting.models.registry import candidate
from targeting.project.distributions import Groups, Masks, family_groups, withheld, withheld_by_group
from targeting.project.loading import load_project
from targeting.project.project import Project
from targeting.project.settings import MARKER
from targeting.store.generations import Generation

Change = Literal["added", "removed", "same", "changed"]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What became of one indicator from the first catalogue to the second.

    `families` counts those of the date: how many have the same value, a higher, a lower one, became known or unknown.
    `changed_of_group` counts, by attribute and group, those of whom it is another. None where a number is withheld.
    `words` names the declared parts that differ, such as its sentence.
    """

    indicator: str
    change: Change
    words: tuple[str, ...] = ()
    families: Mapping[str, int | None] | None = None
    changed_of_group: Mapping[str, Mapping[str, int | None]] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what is printed as JSON."""
        return asdict(self)


def plan_named(name: str, project: Project, model: str, *, on: date) -> Plan:
    """Return the plan of a model in another project folder, or of a trained version of it here, by its beginning.

    Raises TargetingError where it is neither.
    """
    if (Path(name) / MARKER).is_file():
        other = load_project(Path(name).resolve(), on=on)
        return other.plan(other.model(model), on=on)
    if Path(name).is_dir():
        raise TargetingError(f"{name} is no project folder: it has no {MARKER}.")
    return plan_from_json(candidate(project.data / "candidates", model, name).plan_json)


def differences(
    before: Plan, after: Plan, generation: Generation, policy: Policy, as_of_date: date
) -> tuple[Difference, ...]:
    """Return every indicator of two plans in order, for the families in the second plan's cohort on a date."""
    families = select(after, generation, as_of_date).tolist()
    first, second = (_matrix(plan, generation, as_of_date, families) for plan in (before, after))
    groups = family_groups(second, generation, policy)
    return tuple(_differences(before, after, (first, second), groups))


def _matrix(plan: Plan, generation: Generation, day: date, families: list[str]) -> Matrix:
    """Return the indicators of exactly these families, whatever the plan's own cohort."""
    return build_matrix(replace(plan, cohort=None), generation, [day], families=families)


def _differences(before: Plan, after: Plan, matrices: tuple[Matrix, Matrix], groups: Groups) -> Iterator[Difference]:
    first, second = ({name: at for at, name in enumerate(each.names)} for each in matrices)
    for name in (*first, *(name for name in second if name not in first)):
        if name not in second:
            yield Difference(indicator=name, change="removed")
        elif name not in first:
            yield Difference(indicator=name, change="added")
        else:
            columns = [
                (m.values[:, at[name]], m.unknown[:, at[name]]) for m, at in zip(matrices, (first, second), strict=True)
            ]
            yield _difference(name, _words(before, after, name), columns[0], columns[1], groups)


def _difference(
    name: str,
    words: tuple[str, ...],
    old: tuple[NDArray[np.float64], NDArray[np.int8]],
    new: tuple[NDArray[np.float64], NDArray[np.int8]],
    groups: Groups,
) -> Difference:
    known = (old[1] == 0) & (new[1] == 0)
    parts = {
        "higher": known & (new[0] > old[0]),
        "lower": known & (new[0] < old[0]),
        "became known": (old[1] != 0) & (new[1] == 0),
        "became unknown": (old[1] == 0) & (new[1] != 0),
        "unknown for another reason": (old[1] != 0) & (new[1] != 0) & (old[1] != new[1]),
    }
    moved = np.logical_or.reduce(list(parts.values()))
    if not moved.any():
        return Difference(indicator=name, change="changed" if words else "same", words=words)
    counts = {"same": int((~moved).sum()), **{part: int(mask.sum()) for part, mask in parts.items()}}
    return Difference(
        indicator=name,
        change="changed",
        words=words,
        families=dict(zip(counts, withheld(tuple(counts.values())), strict=True)),
        changed_of_group={attribute: _moved_of(moved, masks) for attribute, masks in groups.items()},
    )


def _moved_of(moved: NDArray[np.bool_], masks: Masks) -> dict[str, int | None]:
    of = [int((moved & mask).sum()) for mask in masks.values()]
    rest = [int((~moved & mask).sum()) for mask in masks.values()]
    return dict(zip(masks, withheld_by_group(of, rest), strict=True))


def _words(before: Plan, after: Plan, name: str) -> tuple[str, ...]:
    old, new = (next(each for each in plan.indicators if each.name == name) for plan in (before, after))
    said = ("description", "concern", "unit", "sentence", "sentence_if_none", "direction", "usual", "unknown_means")
    made = () if (old.kinds, old.sources) == (new.kinds, new.sources) else ("sources",)
    return (*(part for part in (*said, "evidence") if getattr(old, part) != getattr(new, part)), *made)
