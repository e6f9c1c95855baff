"""The kernel's folds: a value of each person, drawn from all persons of a family."""

import numpy as np

from targeting.features import kernel_one_date
from targeting.features.kernel import (
    Floats,
    FloatTable,
    Folded,
    FoldRule,
    Person,
    Size,
    Sums,
    VisibleRows,
    Wholes,
    compiled,
)
from targeting.features.kernel_native import Inner


@compiled
def _most_persons(rows: VisibleRows) -> int:
    """Return the greatest number of persons in one family."""
    most, persons = 0, 0
    for row in range(len(rows.family)):
        is_new = row == 0 or rows.family[row] != rows.family[row - 1]
        if is_new or rows.person[row] != rows.person[row - 1]:
            persons = 1 if is_new else persons + 1
            most = max(most, persons)
    return most


@Inner
def _sum_by_size(values: Floats) -> float:
    """Return the sum, the smallest first: rounding then depends on the values alone. Sorts them in place."""
    for end in range(1, len(values)):
        value, place = values[end], end
        while place > 0 and values[place - 1] > value:
            values[place] = values[place - 1]
            place -= 1
        values[place] = value
    total = 0.0
    for value in values:
        total += value
    return total


@Inner
def _add_person(folded: Folded, values: FloatTable, sums: Sums, person: Person, rule: FoldRule) -> None:
    """Fold one person's values in, those by date kept in `values` where the rule asks for a sum; clears the sums."""
    family, above, below = person.family, 0, 0
    for date in range(person.begins, person.ends):
        above += sums.top[date]
        below += sums.bottom[date]
        if below > 0:
            value = above / (rule.divisor if rule.divisor > 0 else below)
            if rule.is_summed:
                values[date, int(folded.persons[family, date])] = value
            folded.persons[family, date] += 1
            folded.maximum[family, date] = max(folded.maximum[family, date], value)
            folded.minimum[family, date] = min(folded.minimum[family, date], value)
            folded.reaching[family, date] += value >= rule.at_least
    sums.top[person.begins : person.ends + 1] = 0
    sums.bottom[person.begins : person.ends + 1] = 0


def fold(  # noqa: PLR0913, PLR0917 - the parts of one operation.
    rows: VisibleRows, fact: Wholes, top: Wholes, bottom: Wholes, rule: FoldRule, size: Size
) -> Folded:
    """Return the persons' values folded by family and date.

    A person's value is the sum of `top` among the visible rows, divided as the rule says; an empty `top` or `bottom` is
    1 for each row. A person whose sum of `bottom` is not above 0 has none. The sum is worked out where the rule asks
    for it. The order of persons changes no bit.
    """
    folded = Folded(np.zeros(size), np.zeros(size), np.full(size, -np.inf), np.full(size, np.inf), np.zeros(size))
    if not len(rows.family):
        return folded
    if size.dates == 1 and not rule.is_summed:
        kernel_one_date.fold_into(rows, fact, Sums(top, bottom), rule, folded)
        return folded
    sums = Sums(np.zeros(size.dates + 1, dtype=np.int64), np.zeros(size.dates + 1, dtype=np.int64))
    values = np.empty((size.dates, _most_persons(rows) if rule.is_summed else 0))
    _fold_into(rows, fact, Sums(top, bottom), rule, sums, values, folded)
    return folded


@compiled
def _fold_into(  # noqa: PLR0913, PLR0917 - as above.
    rows: VisibleRows, fact: Wholes, amounts: Sums, rule: FoldRule, sums: Sums, values: FloatTable, folded: Folded
) -> None:
    dates, last = folded.persons.shape[1], len(rows.family) - 1
    begins, ends = dates, 0
    for row in range(last + 1):
        family = rows.family[row]
        above = amounts.top[fact[row]] if len(amounts.top) > 0 else 1
        below = amounts.bottom[fact[row]] if len(amounts.bottom) > 0 else 1
        sums.top[rows.first[row]] += above
        sums.top[rows.end[row]] -= above
        sums.bottom[rows.first[row]] += below
        sums.bottom[rows.end[row]] -= below
        begins, ends = min(begins, rows.first[row]), max(ends, rows.end[row])
        if row < last and rows.family[row + 1] == family and rows.person[row + 1] == rows.person[row]:
            continue
        _add_person(folded, values, sums, Person(int(family), begins, ends), rule)
        begins, ends = dates, 0
        if rule.is_summed and (row == last or rows.family[row + 1] != family):
            for date in range(dates):
                folded.total[family, date] = _sum_by_size(values[date, : int(folded.persons[family, date])])
