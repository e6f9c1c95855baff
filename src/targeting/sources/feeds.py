"""Feeds that stopped or halved: what each source told in the last week or month, beside its own past.

Facts are counted by the day on which the source recorded them, in weeks, or in stretches of four weeks where a week
brings few; before the last delivery, and only where the source says that it shares them. The same time of the last year
counts too, so that holidays are no alarm, and so does how long the source was silent before. Deliveries are compared by
their rows with those before them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import dropwhile, groupby
from math import sqrt
from statistics import median

from targeting.sources.coverage import coverage_of
from targeting.sources.definition import Source
from targeting.store.manifest import SourceCoverage
from targeting.store.staging import Staging, fact_table

# Words for the stretches that are compared, their length in days, and how many of them make a year.
STRETCHES = (("week", 7, 52), ("four weeks", 28, 13))
# Below so many a stretch, chance alone makes stretches of none.
FEWEST = 15
FEWEST_ROWS = 20
PAST, SHORTEST_PAST = 26, 6
SHORTEST_PAST_OF_DELIVERIES = 2
# A median absolute deviation is so many standard deviations of a normal distribution.
MAD_TO_DEVIATION = 1.4826
DEVIATIONS = 3

COUNTS = """
select (knowledge_date - $first)::integer as day, count(*) as rows from {facts}
where source = $source and knowledge_basis <> 'delivered' and knowledge_date between $first and $last
group by all
"""
DELIVERED = """
select source, extract, extracted_on, sum(rows)::bigint as rows from deliveries group by all
order by source, extract, extracted_on
"""


@dataclass(frozen=True)
class Feed:
    """What a source told of one kind, stretch by stretch, the latest last; `until` is the day on which it ends."""

    source: str
    kind: str
    stretch: str
    until: date
    days: int
    rows: tuple[int, ...]


def feed_warnings(staging: Staging, sources: Sequence[Source], names: frozenset[str] | None = None) -> tuple[str, ...]:
    """Return what someone should ask of the sources of those names (None: of all): a sentence a feed, sorted."""
    chosen = [source for source in sources if names is None or source.name in names]
    return tuple(sorted([*_warnings_of_kinds(staging, chosen), *_warnings_of_deliveries(staging, chosen)]))


def _warnings_of_kinds(staging: Staging, sources: Sequence[Source]) -> Iterator[str]:
    kinds = staging.fact_kinds()
    covered: dict[tuple[str, str], list[SourceCoverage]] = {}
    for entry in coverage_of(staging, sources):
        covered.setdefault((entry.source, entry.kind), []).append(entry)
    for (_, kind), entries in covered.items():
        if kind not in kinds:
            continue
        for stretch in STRETCHES:
            feed = _feed(staging, entries, stretch)
            usual = _usual(feed)
            if usual is not None:
                yield from _told(feed, usual)
                break


def _feed(staging: Staging, entries: Sequence[SourceCoverage], stretch: tuple[str, int, int]) -> Feed:
    name, days, in_a_year = stretch
    source, kind, until = entries[0].source, entries[0].kind, max(entry.until for entry in entries)
    wanted = in_a_year * 2
    first = until - timedelta(days=days * wanted)
    query = COUNTS.format(facts=f'"{fact_table(kind)}"')
    found = staging.connection.execute(query, {"source": source, "first": first, "last": until - timedelta(days=1)})
    rows = [0] * wanted
    for day, count in found.fetchall():
        rows[day // days] += count
    begins = [first + timedelta(days=days * number) for number in range(wanted)]
    shared = [
        count
        for begin, count in zip(begins, rows, strict=True)
        if _is_covered(begin, begin + timedelta(days=days), entries)
    ]
    # Before its first row the feed was not silent: it had not begun.
    told = tuple(dropwhile(lambda count: not count, shared))
    return Feed(source, kind, name, until, days, told)


def _is_covered(begin: date, end: date, entries: Sequence[SourceCoverage]) -> bool:
    return any(entry.shared_from <= begin and end <= entry.until for entry in entries)


def _usual(feed: Feed) -> float | None:
    """Return what is usual in a stretch, None where too little is known or too few come to tell."""
    past = _past(feed)
    usual = median(past) if len(past) >= SHORTEST_PAST else 0
    return usual if usual >= FEWEST else None


def _past(feed: Feed) -> tuple[int, ...]:
    """Return the stretches before the last one and before those without any row that it ends, a half-year at most."""
    silent = _silent(feed)
    before = feed.rows[: len(feed.rows) - max(silent, 1)]
    return before[-PAST:]


def _silent(feed: Feed) -> int:
    return next((number for number, rows in enumerate(reversed(feed.rows)) if rows), len(feed.rows))


def _told(feed: Feed, usual: float) -> Iterator[str]:
    silent, latest = _silent(feed), feed.rows[-1]
    past = _past(feed)
    spread = MAD_TO_DEVIATION * median(abs(rows - usual) for rows in past)
    noise = DEVIATIONS * sqrt(usual + spread**2)
    is_low = latest <= usual / 2 and latest < usual - min(noise, usual - 1)
    if not is_low or latest > _least_of_last_year(feed, usual) / 2 or _is_its_way(feed, silent, past):
        return
    what = f"{feed.source}: {feed.kind}"
    beside = f"usual are {usual:,.0f} in {_article(feed)} (the median of the {len(past)} before)"
    if silent:
        since = feed.until - timedelta(days=silent * feed.days)
        yield f"{what}: nothing was recorded from {since} to {feed.until}; {beside}. Ask whether the feed has stopped."
    else:
        begin = feed.until - timedelta(days=feed.days)
        yield (
            f"{what}: {latest:,} rows were recorded from {begin} to {feed.until}; {beside}. "
            "Ask whether part of the feed is missing."
        )


def _is_its_way(feed: Feed, silent: int, past: Sequence[int]) -> bool:
    """Return whether the source was as silent, or told as little twice, before: one that tells by the term does."""
    if silent:
        runs = [len(list(rows)) for is_silent, rows in groupby(rows == 0 for rows in feed.rows[:-silent]) if is_silent]
        # One more where it was silent before: the dates of its returns move.
        return silent <= max((run + 1 for run in runs), default=0)
    return feed.rows[-1] >= sorted(past)[1]


def _article(feed: Feed) -> str:
    return "a week" if feed.stretch == "week" else feed.stretch


def _least_of_last_year(feed: Feed, usual: float) -> float:
    """Return the fewest of the stretches around the same time of the last year, what is usual where there are none."""
    in_a_year = {days: count for _, days, count in STRETCHES}[feed.days]
    place = len(feed.rows) - 1 - in_a_year
    around = feed.rows[max(place - 1, 0) : place + 2] if place >= 0 else ()
    return min([usual, *around])


def _warnings_of_deliveries(staging: Staging, sources: Sequence[Source]) -> Iterator[str]:
    names = {source.name: source for source in sources}
    rows_by_extract: dict[tuple[str, str], list[Mapping[str, int]]] = {}
    for row in staging.table(DELIVERED).to_pylist():
        if row["source"] in names:
            rows_by_extract.setdefault((row["source"], row["extract"]), []).append(row)
    for (source, extract), told in rows_by_extract.items():
        *before, latest = [row["rows"] for row in told]
        usual = median(before[-PAST:]) if len(before) >= SHORTEST_PAST_OF_DELIVERIES else 0
        if usual >= FEWEST_ROWS and latest <= usual / 2:
            yield (
                f"{names[source].folder}: {extract} of {told[-1]['extracted_on']} holds {latest:,} rows; usual are "
                f"{usual:,.0f} (the median of the {len(before[-PAST:])} deliveries before). Ask whether it is whole."
            )
