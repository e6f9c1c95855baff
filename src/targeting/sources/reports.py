"""What became of what the agencies delivered."""

from collections.abc import Sequence
from dataclasses import dataclass

from targeting.errors import DataError


@dataclass(frozen=True)
class FileReport:
    """What became of one file's rows: `rows` is the sum of `accepted` and `quarantined`.

    `already_loaded`: the same file of the same day was loaded before, and nothing was done.
    """

    source: str
    file: str
    rows: int
    accepted: int
    quarantined: int
    already_loaded: bool


@dataclass(frozen=True)
class LoadReport:
    """What became of each file, and what someone should look at."""

    files: tuple[FileReport, ...]
    warnings: tuple[str, ...]


class LoadError(DataError):
    """Files that could not be used at all, told together; `report` says what became of the others, which are loaded."""

    def __init__(self, faults: Sequence[str], report: LoadReport) -> None:
        self.faults = tuple(faults)
        self.report = report
        others = f"\nThe other files ({len(report.files)}) are loaded." if report.files else ""
        super().__init__("\n".join(self.faults) + others)
