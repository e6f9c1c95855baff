"""The records that scoring and training may read: those of whoever objected are left out."""

from contextlib import closing
from datetime import date, datetime
from typing import TYPE_CHECKING

from targeting.project.project import Project

if TYPE_CHECKING:
    from targeting.store.generations import Generation


def generation_to_score(project: Project, *, on: date, known_at: datetime) -> "Generation":
    """Return the current generation without the facts of whoever objected by a moment, for scores as of a date."""
    from targeting.store.generations import open_generation

    return without_objectors(project, open_generation(project.data), on=on, known_at=known_at)


def without_objectors(project: Project, generation: "Generation", *, on: date, known_at: datetime) -> "Generation":
    """Return a generation without the facts of whoever objected by a moment, as linkage calls them on a date."""
    from targeting.serving.database.database import open_database
    from targeting.serving.database.objections import known_objections
    from targeting.serving.objections import left_out
    from targeting.store.identities import identity_key

    opened = closing(open_database(project.data, key=identity_key(project.data)))
    with opened as database, database.reading() as connection:
        objections = known_objections(connection, known_at)
    return generation.leaving_out(left_out(objections, generation, on))
