"""The columns of `targeting bench matrix` in Polars and in SQL, and what all subjects are told of the made-up store.

Both peers are told what costs them least: the latest amount by one number that orders rows, different grades by asking
for each of the four, everything of a person in one grouping and everything of a family in another. Nothing of the
product is imported here: its imports are no cost of theirs.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

GRADES = ("a", "b", "c", "d")
# Each kind's part of all facts: school's registers are many, admissions are few.
PARTS: Mapping[str, float] = {
    "attended": 0.40,
    "contacted": 0.15,
    "visited": 0.15,
    "reported": 0.10,
    "assessed": 0.08,
    "moved": 0.05,
    "admitted": 0.04,
    "excluded": 0.03,
}
AGED = (5, 16)
COLUMNS = (
    "count_3",
    "count_6",
    "count_12",
    "count_24",
    "graded_12",
    "graded_24",
    "sum_12",
    "sum_24",
    "flagged_12",
    "most_12",
    "rate_12",
    "since",
    "latest",
    "grades_24",
    "change",
)


def polars_frame(path: str, kind: str, on: date) -> "pl.LazyFrame":
    """Return one kind's columns by family on a date, lazily."""
    import polars as pl  # noqa: PLC0415

    days = _days(on)
    event, amount = pl.col("event"), pl.col("amount")
    last = {length: event >= days[length] for length in (3, 6, 12, 24)}
    graded, flagged = pl.col("grade") == 0, pl.col("flagged") == 1.0
    visible = pl.scan_parquet(path).filter(
        (pl.col("visible_from") <= days[0]) & (pl.col("visible_to") >= days[0]) & (event < days[0])
    )
    families = visible.group_by("family").agg(
        *(is_in.sum().alias(f"{kind}_count_{length}") for length, is_in in last.items()),
        (graded & last[12]).sum().alias(f"{kind}_graded_12"),
        (graded & last[24]).sum().alias(f"{kind}_graded_24"),
        (amount * last[12]).sum().alias(f"{kind}_sum_12"),
        (amount * last[24]).sum().alias(f"{kind}_sum_24"),
        (flagged & last[12]).any().alias(f"{kind}_flagged_12"),
        (days[0] - event.max()).alias(f"{kind}_since"),
        _ordering(event, pl.col("knowledge"), amount, pl.Int64).max().alias("latest"),
        sum((((pl.col("grade") == code) & last[24]).any()).cast(pl.Int32) for code in range(len(GRADES))).alias(
            f"{kind}_grades_24"
        ),
    )
    is_aged = (pl.col("birth") > days["below"]) & (pl.col("birth") <= days["from"])
    persons = (
        visible.filter(last[12])
        .group_by("family", "person")
        .agg(
            pl.len().alias("count"),
            (amount * is_aged).sum().alias("above"),
            (pl.col("possible") * is_aged).sum().alias("below"),
        )
        .group_by("family")
        .agg(
            pl.col("count").max().alias(f"{kind}_most_12"),
            pl.when(pl.col("below") > 0).then(pl.col("above") / pl.col("below")).max().alias(f"{kind}_rate_12"),
        )
    )
    return (
        families.join(persons, on="family", how="left")
        .with_columns(
            (pl.col("latest") % 16).alias(f"{kind}_latest"),
            (2 * pl.col(f"{kind}_count_6").cast(pl.Int64) - pl.col(f"{kind}_count_12")).alias(f"{kind}_change"),
        )
        .select("family", *(pl.col(name).cast(pl.Float64) for name in names_of(kind)))
    )


def sql_of(path: str, kind: str, on: date) -> str:
    """Return one kind's columns by family on a date, as a query of DuckDB."""
    days = _days(on)
    last = {length: f"event >= {days[length]}" for length in (3, 6, 12, 24)}
    aged = f"birth > {days['below']} and birth <= {days['from']}"
    visible = f"visible_from <= {days[0]} and visible_to >= {days[0]} and event < {days[0]}"
    counts = ", ".join(f"count(*) filter ({is_in}) as {kind}_count_{length}" for length, is_in in last.items())
    grades = " + ".join(f"coalesce(bool_or(grade = {code} and {last[24]}), false)::int" for code in range(len(GRADES)))
    columns = ", ".join(f"{name}::double as {name}" for name in names_of(kind))
    return f"""
        select family, {columns} from (
            select family, {counts},
                count(*) filter (grade = 0 and {last[12]}) as {kind}_graded_12,
                count(*) filter (grade = 0 and {last[24]}) as {kind}_graded_24,
                coalesce(sum(amount) filter ({last[12]}), 0) as {kind}_sum_12,
                coalesce(sum(amount) filter ({last[24]}), 0) as {kind}_sum_24,
                bool_or(flagged = 1 and {last[12]}) as {kind}_flagged_12,
                {days[0]} - max(event) as {kind}_since,
                max({_ordering("event::bigint", "knowledge", "amount::bigint", None)}) % 16 as {kind}_latest,
                {grades} as {kind}_grades_24,
                2 * {kind}_count_6 - {kind}_count_12 as {kind}_change
            from '{path}' where {visible} group by family
        ) left join (
            select family, max(count) as {kind}_most_12,
                max(case when below > 0 then above / below end) as {kind}_rate_12
            from (
                select family, person, count(*) as count,
                    sum(amount) filter ({aged}) as above, sum(possible) filter ({aged}) as below
                from '{path}' where {visible} and {last[12]} group by family, person
            ) group by family
        ) using (family)"""  # noqa: S608 - made of the benchmark's own words.


def _ordering(event: Any, knowledge: Any, amount: Any, whole: Any) -> Any:
    """Return one whole number that orders rows by event, knowledge and amount, the amount below 16 in it last."""
    if whole is None:
        return f"(({event} * 65536 + {knowledge}) * 16 + {amount})"
    return (event.cast(whole) * 65536 + knowledge.cast(whole)) * 16 + amount.cast(whole)


def _days(on: date) -> dict[Any, int]:
    """Return the numbers of a month's first day, and of the days that its windows and ages begin at."""

    def number(months_back: int) -> int:
        year, month = divmod(on.year * 12 + on.month - 1 - months_back, 12)
        return (date(year, month + 1, 1) - date(1970, 1, 1)).days

    return {length: number(length) for length in (0, 3, 6, 12, 24)} | {
        "from": number(12 * AGED[0]),
        "below": number(12 * AGED[1]),
    }


def names_of(kind: str) -> list[str]:
    """Return the names of one kind's columns, in order."""
    return [f"{kind}_{name}" for name in COLUMNS]


def counted(name: str) -> bool:
    """Return whether a family without facts has a 0 in a column; else it has no value."""
    return not name.endswith(("_rate_12", "_since", "_latest"))


def first_days(months: int) -> Iterator[date]:
    """Yield the first days of so many months, the latest being March 2026."""
    for back in reversed(range(months)):
        year, month = divmod(2026 * 12 + 2 - back, 12)
        yield date(year, month + 1, 1)
