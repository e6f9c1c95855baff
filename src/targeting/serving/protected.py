"""Protected identities: how many cases there are and in whose records, for one named manager; they are on no list."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from targeting.errors import TargetingError
from targeting.records.contract import Contract
from targeting.serving.definition import SERVICE, Service
from targeting.store.staging import FILE, Staging, read_staging

KIND = "identity_protected"
ASK_THE_AGENCY = (
    "Whoever is sealed is on no list. Each agency knows whom it marked; ask it, and record nothing of it here."
)
MEMORY = "256MiB"
# Of whom it is, and all that would tell, no column is read.
CASES = """
select handling, source, count(distinct record_id) as cases
from facts_identity_protected where superseded_on is null group by all order by all
"""


@dataclass(frozen=True)
class Protected:
    """How many records of one source are marked, and how records so marked are handled."""

    handling: str
    agency: str
    source: str
    cases: int


def check_is_manager(service: Service, name: str) -> None:
    """Raise TargetingError where somebody is not the one manager who may know of protected identities."""
    if service.access.protected_identities_manager is None:
        raise TargetingError(f"{SERVICE}, [access] protected_identities_manager: nobody is named, so nobody is told.")
    if name != service.access.protected_identities_manager:
        raise TargetingError(f"only the manager who is named in {SERVICE} is told of protected identities.")


@dataclass(frozen=True)
class ProtectedRecords:
    """Where the marks of a data folder lie; `agencies` name those of its sources."""

    data: Path
    contract: Contract
    agencies: Mapping[str, str]
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def cases(self) -> tuple[Protected, ...]:
        """Return the cases as `protected_cases` does, none before anything is loaded; read alone, and let go at once.

        Raises DataError where another process, such as a `load` under way, writes to the records.
        """
        if not (self.data / FILE).exists():
            return ()
        with self._lock, read_staging(self.data, memory=MEMORY) as staging:
            return protected_cases(staging, self.contract, self.agencies)


def protected_cases(staging: Staging, contract: Contract, agencies: Mapping[str, str]) -> tuple[Protected, ...]:
    """Return the marks that hold, by how they are handled and by source; nothing of whom they are about.

    Whoever is sealed is in no generation, so on no list, page or answer: who it is, the agency itself knows.
    """
    if KIND not in staging.fact_kinds():
        return ()
    column = contract[KIND].column("handling")
    words = column.codes.codes if column is not None and column.codes is not None else {}
    return tuple(
        Protected(words.get(handling, handling), agencies.get(source, source), source, cases)
        for handling, source, cases in (row.values() for row in staging.table(CASES).to_pylist())
    )
