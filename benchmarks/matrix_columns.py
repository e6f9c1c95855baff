"""The columns of `targeting bench matrix`, fifteen of each kind of fact, in our language, in Polars and in SQL.

Both peers are told what costs them least: the latest amount by one number that orders rows, different grades by asking
for each of the four, everything of a person in one grouping and everything of a family in another.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from targeting.features import CompileRules, Indicator, Plan, column, compile_plan, facts, months
from targeting.records.attributes import AttributeRule
from targeting.sources.definition import Agreement, Coverage, Extract, FactFields, Field, Source

from .matrix_store import CONTRACT, GRADES, PARTS, SOURCE

if TYPE_CHECKING:
    import polars as pl

FAR_OFF, LONG_AGO = date(2100, 1, 1), date(1990, 1, 1)
PURPOSE = "early_help"
AGED = (5, 16)


def plan() -> Plan:
    """Return the plan of all columns."""
    return compile_plan([each for kind in PARTS for each in _indicators(kind)], cohort=None, rules=_rules())


def _indicators(kind: str) -> Iterator[Indicator]:
    of = facts(kind)
    graded = of.where(column("grade") == GRADES[0])
    children = of.of_children(*AGED).in_last(months(12))
    values = {
        "count_3": of.in_last(months(3)).count_for_family(),
        "count_6": of.in_last(months(6)).count_for_family(),
        "count_12": of.in_last(months(12)).count_for_family(),
        "count_24": of.in_last(months(24)).count_for_family(),
        "graded_12": graded.in_last(months(12)).count_for_family(),
        "graded_24": graded.in_last(months(24)).count_for_family(),
        "sum_12": of.in_last(months(12)).sum_for_family("amount"),
        "sum_24": of.in_last(months(24)).sum_for_family("amount"),
        "flagged_12": of.where(column("flagged")).in_last(months(12)).exists_for_family(),
        "most_12": of.in_last(months(12)).count_each().maximum_for_family(),
        "rate_12": children.rate("amount", "possible").maximum_for_family(),
        "since": of.days_since_latest_for_family(),
        "latest": of.latest_for_family("amount"),
        "grades_24": of.in_last(months(24)).count_distinct_for_family("grade"),
        "change": of.in_last(months(6)).count_for_family() - of.between(months(12), months(6)).count_for_family(),
    }
    for name, value in values.items():
        yield Indicator(name, value, concern="made up", sentence="{number}", name=f"{kind}_{name}")


def _rules() -> CompileRules:
    shared = tuple(FactFields(kind=kind, person="person", event_date=Field(column="day")) for kind in PARTS)
    source = Source(
        name=SOURCE,
        agency="Made up",
        folder=SOURCE,
        tier="council",
        controller="nobody",
        gateway="none",
        purposes=frozenset({PURPOSE}),
        confidentiality="none",
        may_show_to=frozenset({"panel"}),
        retention_years=1,
        agreement=Agreement(reference="none", expires_on=FAR_OFF),
        coverage=(Coverage(shared_from=LONG_AGO),),
        extracts=(Extract(file="*.csv", facts=shared),),
        lag=timedelta(0),
    )
    age = AttributeRule(
        name="age", attribute_class="justified", owner="nobody", reason="a benchmark", review_date=FAR_OFF
    )
    return CompileRules(
        contract=CONTRACT, sources=(source,), attributes={"age": age}, purpose=PURPOSE, tier="council", on=LONG_AGO
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
    return [indicator.name for indicator in _indicators(kind)]


def counted(name: str) -> bool:
    """Return whether a family without facts has a 0 in a column; else it has no value."""
    return not name.endswith(("_rate_12", "_since", "_latest"))
