"""The kernel's operators for one as-of date alone: a list is of one, and it is most of what is asked for.

All rows given count on it: none of them is looked at for the dates between which it does, which takes most of the time
that the same operators for many dates take. The values are the same to the bit.
"""

from targeting.features.kernel import (
    Flags,
    Folded,
    FoldRule,
    Indexes,
    Kept,
    Narrowing,
    Size,
    Sums,
    VisibleRows,
    Wholes,
    WholeTable,
    compiled,
)


def is_simple(by: Narrowing, size: Size) -> bool:
    """Return whether there is one date alone, and rows are narrowed to it by what a day and a fact say."""
    return size.dates == 1 and not len(by.first)


def narrow(rows: VisibleRows, fact: Wholes, event: Indexes, by: Narrowing, room: Kept) -> int:
    """Write the rows that still count, and return how many there are."""
    return _narrow_into(rows, fact, event, by.keep, by.since, by.until, room)


@compiled
def _narrow_into(  # noqa: PLR0913, PLR0917 - the parts of one operation.
    rows: VisibleRows, fact: Wholes, event: Indexes, keep: Flags, first: int, end: int, found: Kept
) -> int:
    kept = 0
    for row in range(len(event)):
        found.which[kept], found.event[kept] = fact[row], event[row]
        found.family[kept], found.person[kept] = rows.family[row], rows.person[row]
        kept += (first <= event[row] < end) & (len(keep) == 0 or keep[fact[row]])
    found.first[:kept] = 0
    found.end[:kept] = 1
    return kept


def count(rows: VisibleRows, fact: Wholes, event: Indexes, by: Narrowing, total: WholeTable) -> None:
    """Write how many rows `narrow` would keep of each family."""
    _count_into(rows.family, fact, event, by.keep, by.since, by.until, total)


@compiled
def _count_into(  # noqa: PLR0913, PLR0917 - as above.
    family: Indexes, fact: Wholes, event: Indexes, keep: Flags, first: int, end: int, total: WholeTable
) -> None:
    whose, counted = family[0], 0
    for row in range(len(event)):
        if family[row] != whose:
            total[whose, 0] = counted
            whose, counted = family[row], 0
        counted += (first <= event[row] < end) & (len(keep) == 0 or keep[fact[row]])
    total[whose, 0] = counted


@compiled
def fold_into(rows: VisibleRows, fact: Wholes, amounts: Sums, rule: FoldRule, folded: Folded) -> None:
    """Write each family's persons folded, but for the sum of their values."""
    last, above, below = len(rows.family) - 1, 0, 0
    for row in range(last + 1):
        family = rows.family[row]
        above += amounts.top[fact[row]] if len(amounts.top) > 0 else 1
        below += amounts.bottom[fact[row]] if len(amounts.bottom) > 0 else 1
        if row < last and rows.family[row + 1] == family and rows.person[row + 1] == rows.person[row]:
            continue
        if below > 0:
            value = above / (rule.divisor if rule.divisor > 0 else below)
            folded.persons[family, 0] += 1
            folded.maximum[family, 0] = max(folded.maximum[family, 0], value)
            folded.minimum[family, 0] = min(folded.minimum[family, 0], value)
            folded.reaching[family, 0] += value >= rule.at_least
        above, below = 0, 0
