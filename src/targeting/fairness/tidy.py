"""`audit.csv`: one row a number, for those who go on computing."""

import csv
import io
from collections.abc import Iterator

from targeting.fairness.results import Audit, Number

HEADER = ("attribute", "group", "cut", "metric", "value", "lower", "upper", "n", "verdict")


def audit_to_csv(audit: Audit) -> str:
    """Return the audit as tidy CSV, a row for each attribute, group (`all` is everyone), cut and metric.

    `n` is the number of rows of the group. `value` is `c` where withheld and empty where not defined; `verdict` is
    filled for gating comparisons alone. Metrics that no cut changes are repeated for each.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(_rows(audit))
    return text.getvalue()


def _rows(audit: Audit) -> Iterator[tuple[str, ...]]:
    verdicts = dict(audit.verdicts())
    for attribute in audit.attributes:
        for group in attribute.groups:
            n = _text(group.overall["n"].value)
            for cut in audit.cuts:
                for metric, shown in group.at(cut.cut).items():
                    key = (attribute.name, group.group, cut.cut)
                    numbers = (_text(shown.value), _text(shown.lower), _text(shown.upper))
                    yield (*key, metric, *numbers, n, verdicts.get((*key, metric), ""))


def _text(value: Number) -> str:
    return "" if value is None else str(value)
