"""Which source shares which kind of fact, from when until when: outside it, silence says nothing."""

from collections.abc import Iterator, Sequence
from datetime import date

from targeting.sources.definition import AnyExtract, Source
from targeting.sources.deliveries import is_file_of
from targeting.sources.formats import kinds_of
from targeting.store.manifest import SourceCoverage
from targeting.store.staging import Staging

DELIVERED = """
select source, file, extracted_on, list(kind) filter (kind is not null) as kinds
from deliveries left join delivered_kinds using (digest)
group by digest, source, file, extracted_on order by source, extracted_on, file
"""


def coverage_of(staging: Staging, sources: Sequence[Source]) -> tuple[SourceCoverage, ...]:
    """Return the coverage of every kind that has been delivered, sorted.

    It ends on the day that the source declares, or on which its latest file of that kind was extracted, whichever is
    earlier. Of a format with many tables only those that came are covered.
    """
    delivered = staging.table(DELIVERED).to_pylist()
    files = [(row["source"], row["file"], row["extracted_on"], frozenset(row["kinds"] or ())) for row in delivered]
    return tuple(sorted(entry for source in sources for entry in _coverage(source, files)))


def _coverage(source: Source, files: Sequence[tuple[str, str, date, frozenset[str]]]) -> Iterator[SourceCoverage]:
    own = [(file, day, kinds) for name, file, day, kinds in files if name == source.name]
    for kind, extracts in _extracts_by_kind(source).items():
        # A delivery of which the kinds were not kept counts for all that its extract makes.
        named = [(file, day) for file, day, kinds in own if not kinds or kind in kinds]
        days = [day for file, day in named for extract in extracts if is_file_of(extract, source, file)]
        for declared in source.coverage:
            if days and (not declared.kinds or kind in declared.kinds):
                until = min(max(days), declared.until or max(days))
                yield SourceCoverage(source.name, kind, declared.shared_from, until)


def _extracts_by_kind(source: Source) -> dict[str, list[AnyExtract]]:
    by_kind: dict[str, list[AnyExtract]] = {}
    for extract in source.extracts:
        for kind in sorted(kinds_of(extract)):
            by_kind.setdefault(kind, []).append(extract)
    return by_kind
