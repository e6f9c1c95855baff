"""`link --estimate`: the parameters of linkage estimated anew from what is loaded, as a declaration to be read first.

u, how often two persons agree, comes from random pairs; m, how often two records of one person do, from expectation
maximisation among pairs that share a birth, and among those that share names and an address. The last version of each
record is looked at, on one thread and with a fixed seed: the same data give the same declaration. Records that a mark
keeps apart from others are left out.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from targeting.errors import DataError, TargetingError
from targeting.linkage.definition import DIFFERENT, LEVELS, Comparison, Level, Linkage
from targeting.linkage.matching import PAIRS_FOR_U, Trained, train
from targeting.linkage.people import IN_MEMORY, versions_of
from targeting.store.files import private_folder, write_atomically
from targeting.store.identities import Identities
from targeting.store.staging import open_staging

FOLDER, FILE = "estimates", "linkage.py"
FEWEST_RECORDS = 100
LEAST = 0.00001

LAST = """
create table last_versions as
select * from versions where marked_on is null
qualify row_number() over (partition by record order by day desc) = 1 order by version
"""
HEAD = '''"""Parameters of linkage as estimated from {records:,} person records. Read them before you put them to use.

A comparison of which nothing was seen has the values that were declared. Paste `prior`, `prior_records` and
`comparisons` into features/linkage.py; what else stands there is as it was.
"""

from targeting.linkage.definition import Comparison, Level

'''


@dataclass(frozen=True)
class Estimated:
    """Estimated parameters, rounded: a prior for so many records, and comparisons in the order of the declaration."""

    records: int
    prior: float
    comparisons: tuple[Comparison, ...]

    def as_levels(self) -> dict[str, dict[str, dict[str, float]]]:
        """Return m and u by comparison and level."""
        return {
            each.of: {level.name: {"m": level.m, "u": level.u} for level in each.levels} for each in self.comparisons
        }


def estimate(data: Path, *, linkage: Linkage, identity_key: bytes, random_pairs: int = PAIRS_FOR_U) -> Estimated:
    """Return the parameters that what is loaded suggests, u from so many random pairs; nothing that is linked changes.

    Raises TargetingError where the district matches nobody, DataError where too few records are loaded.
    """
    if linkage.method == "each_person_alone":
        raise TargetingError(
            "features/linkage.py matches nobody: each record is a person. There is nothing to estimate."
        )
    with open_staging(data) as staging, closing(duckdb.connect(config={**IN_MEMORY, "threads": 1})) as connection:
        versions_of(connection, staging, Identities(data, identity_key).read(), linkage)
        connection.execute(LAST)
        records = int(connection.sql("select count(*) from last_versions").fetchall()[0][0])
        if records < FEWEST_RECORDS:
            raise DataError(
                f"{data}: {records} person records are too few to estimate from; load {FEWEST_RECORDS} or more."
            )
        trained = train(connection, "last_versions", linkage, random_pairs=random_pairs)
    comparisons = tuple(_estimated(each, trained) for each in linkage.comparisons)
    return Estimated(records=records, prior=rounded(trained.prior), comparisons=comparisons)


def _estimated(declared: Comparison, trained: Trained) -> Comparison:
    levels = sorted(declared.levels, key=lambda level: LEVELS[declared.of].index(level.name))
    parts = {letter: _summing_to_one(levels, trained.of(declared.of, letter), letter) for letter in ("m", "u")}
    return Comparison(
        of=declared.of,
        levels=tuple(Level(name=each.name, m=parts["m"][each.name], u=parts["u"][each.name]) for each in levels),
    )


def _summing_to_one(levels: list[Level], found: Mapping[str, float | None], letter: str) -> dict[str, float]:
    """Return rounded probabilities as found, the largest taking up what is over.

    A comparison of which nothing was seen keeps what was declared; a level that was not seen where others were has the
    least probability there is.
    """
    if not any(found.values()):
        return {each.name: getattr(each, letter) for each in levels}
    shares = {each.name: rounded(max(LEAST, found.get(each.name) or 0.0)) for each in levels}
    largest = max(shares, key=lambda name: (shares[name], name == DIFFERENT))
    others = sum(share for name, share in shares.items() if name != largest)
    return shares | {largest: round(min(1 - LEAST, max(LEAST, 1 - others)), 6)}


def rounded(value: float) -> float:
    """Return a number with two digits that count."""
    return float(f"{value:.1e}")


def declaration(estimated: Estimated) -> str:
    """Return the parameters as Python that can be pasted into features/linkage.py."""
    lines = [f"prior = {estimated.prior!r}", f"prior_records = {estimated.records}", "comparisons = ("]
    for comparison in estimated.comparisons:
        lines += ["    Comparison(", f'        of="{comparison.of}",', "        levels=("]
        lines += [
            f'            Level(name="{level.name}", m={_plain(level.m)}, u={_plain(level.u)}),'
            for level in comparison.levels
        ]
        lines += ["        ),", "    ),"]
    return HEAD.format(records=estimated.records) + "\n".join([*lines, ")", ""])


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0")


def write_declaration(data: Path, estimated: Estimated) -> Path:
    """Write the declaration below the data folder, where nothing reads it, and return its path."""
    path = private_folder(data / FOLDER) / FILE
    write_atomically(path, declaration(estimated).encode())
    return path
