"""Which source shares which kind of fact, from when until when: outside it, silence says nothing."""

from collections.abc import Iterator, Sequence
from datetime import date

from targeting.sources.checking import kinds_of
from targeting.sources.definition import CinCensus, Extract, Source
from targeting.sources.deliveries import is_file_of
from targeting.store.manifest import SourceCoverage
from targeting.store.staging import Staging


def coverage_of(staging: Staging, sources: Sequence[Source]) -> tuple[SourceCoverage, ...]:
    """Return the coverage of every kind that has been delivered, sorted.

    It ends on the day that the source declares, or on which its latest file of that kind was extracted, whichever is
    earlier.
    """
    delivered = staging.deliveries().select(["source", "file", "extracted_on"]).to_pylist()
    files = [(row["source"], row["file"], row["extracted_on"]) for row in delivered]
    return tuple(sorted(entry for source in sources for entry in _coverage(source, files)))


def _coverage(source: Source, files: Sequence[tuple[str, str, date]]) -> Iterator[SourceCoverage]:
    own = [(file, day) for name, file, day in files if name == source.name]
    for kind, extracts in _extracts_by_kind(source).items():
        days = [day for file, day in own for extract in extracts if is_file_of(extract, source, file)]
        for declared in source.coverage:
            if days and (not declared.kinds or kind in declared.kinds):
                until = min(max(days), declared.until or max(days))
                yield SourceCoverage(source.name, kind, declared.shared_from, until)


def _extracts_by_kind(source: Source) -> dict[str, list[Extract | CinCensus]]:
    by_kind: dict[str, list[Extract | CinCensus]] = {}
    for extract in source.extracts:
        for kind in sorted(kinds_of(extract)):
            by_kind.setdefault(kind, []).append(extract)
    return by_kind
