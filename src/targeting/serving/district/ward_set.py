"""The wards of a district, as `serving/wards.toml` declares them: a versioned set, for wards are redrawn."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field

from targeting.errors import DeclarationError, Fault
from targeting.toml_files import Declared, read_toml

WARDS = "serving/wards.toml"


class Ward(Declared):
    """One ward: its code, its name, three letters for a tile, its centre point (metres of the national grid).

    `earlier` are figures of another source, by the names that the set declares.
    """

    code: str = Field(min_length=1)
    name: str = Field(min_length=1)
    short: str = Field(min_length=1, max_length=4)
    easting: float
    northing: float
    earlier: dict[str, int] = Field(default_factory=dict)


class Cluster(Declared):
    """Wards that one cluster of children's centres serves."""

    name: str = Field(min_length=1, pattern=r"^[a-z0-9_]+$")
    title: str = Field(min_length=1)
    wards: tuple[str, ...] = Field(min_length=1)


class Earlier(Declared):
    """A figure that another source gave for each ward; `source` says which, `when` what stands behind its title."""

    name: str = Field(min_length=1)
    title: str = Field(min_length=1)
    when: str = Field(default="earlier", min_length=1)
    source: str = Field(min_length=1)


class Boundaries(Declared):
    """The file of the wards' boundaries: GeoJSON in degrees (EPSG:4326), beside `wards.toml`.

    `code` names the property of a feature that has its ward's code; no other property is read. `source` is the credit
    that the map shows.
    """

    file: str = Field(pattern=r"^[\w.-]+\.(geo)?json$")
    code: str = Field(min_length=1)
    source: str = Field(min_length=1)


class WardSet(Declared):
    """The wards as they were drawn in `version`, and from where their centre points come.

    `cluster_source` says who says which wards a cluster serves; empty: the district itself. Without `boundaries` wards
    are tiles of one size.
    """

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    source: str = Field(min_length=1)
    ward: tuple[Ward, ...] = Field(min_length=1)
    cluster_source: str = ""
    cluster: tuple[Cluster, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    boundaries: Boundaries | None = None

    def name_of(self, ward: str) -> str:
        """Return a ward's name by its code; the code itself where the set has no such ward."""
        return next((each.name for each in self.ward if each.code == ward), ward)

    def cluster_of(self, ward: str) -> Cluster | None:
        """Return the cluster that serves a ward; None where none is declared."""
        return next((each for each in self.cluster if ward in each.wards), None)


def ward_set_of(root: Path) -> WardSet | None:
    """Return the wards that a project declares; None where it declares none.

    Raises DeclarationError with every fault at once.
    """
    path = root / WARDS
    if not path.exists():
        return None
    declared = read_toml(path, WardSet, place=WARDS)
    faults = tuple(_faults_of(declared))
    if faults:
        raise DeclarationError(faults)
    return declared


def _faults_of(declared: WardSet) -> Iterable[Fault]:
    for key, names in (
        ("ward", [each.code for each in declared.ward]),
        ("ward", [each.short for each in declared.ward]),
        ("cluster", [each.name for each in declared.cluster]),
        ("cluster", [ward for each in declared.cluster for ward in each.wards]),
    ):
        for name in sorted(name for name, times in Counter(names).items() if times > 1):
            yield Fault(f"{WARDS}: {key}", f"{name!r} is declared twice.")
    codes, known = {each.code for each in declared.ward}, {each.name for each in declared.earlier}
    for cluster in declared.cluster:
        for ward in sorted(set(cluster.wards) - codes):
            yield Fault(f"{WARDS}: cluster {cluster.name}", f"the ward {ward!r} does not exist in this set.")
    for each in declared.ward:
        for name in sorted(set(each.earlier) - known):
            yield Fault(f"{WARDS}: ward {each.code}", f"earlier {name!r} is not among the set's [[earlier]].")
