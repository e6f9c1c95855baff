"""Audits a file of anybody's scores, such as a vendor's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.errors import DataError, what_exists
from targeting.fairness.audit import Audit, audit
from targeting.fairness.audit_input import AuditInput, check
from targeting.fairness.definition import Policy
from targeting.fairness.differences import since
from targeting.fairness.output import write_audit
from targeting.fairness.policy import read_policy
from targeting.fairness.results import audit_from_json
from targeting.fairness.showing import show_total

NO_LABEL = -1.0


def audit_scores_file(scores: Path, policy: Path, out: Path, *, last: Path | None = None) -> Audit:
    """Audit a CSV or Parquet file of scores under a policy; write audit.json, audit.csv and audit.html to `out`.

    `last` is the `audit.json` of an earlier audit, from which the differences are told.

    Every row is counted, or the file is refused. Raises DeclarationError with every fault of the policy, and DataError
    with every fault of the file and how many rows it concerns: a column that is missing, no rows, scores or labels
    that are none, an entity that stands twice.
    """
    rules = read_policy(policy)
    earlier = None if last is None else read_audit(last)
    table = _read(scores)
    faults = list(_missing(table, rules))
    if faults:
        raise DataError("\n".join(f"{scores}: {fault}" for fault in faults))
    given = _given(table, rules)
    try:
        check(given, rules)
    except DataError as error:
        raise DataError("\n".join(f"{scores}: {line}" for line in str(error).splitlines())) from None
    command = f"targeting audit --scores {scores.name} --policy {policy.name} --out DIR"
    result = audit(given, rules, title=scores.name, notes=_notes(given, rules), command=command)
    if earlier is not None:
        result = since(result, earlier)
    write_audit(result, out)
    return result


def read_audit(path: Path) -> Audit:
    """Return the audit in an `audit.json`. Raises DataError where the file cannot be read or holds none."""
    try:
        return audit_from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise DataError(f"{path}: no audit.json that can be read.") from None
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def _read(path: Path) -> pa.Table:
    try:
        table = pq.read_table(path) if _is_parquet(path) else _read_csv(path)
    except FileNotFoundError:
        message = f"{path}: the file does not exist."
        raise DataError(message) from None
    except (pa.ArrowInvalid, UnicodeDecodeError):
        # Arrow's own words would quote the row that it could not read.
        kind = "Parquet" if _is_parquet(path) else "CSV with a heading, commas and UTF-8"
        message = f"{path}: {'the file is empty.' if path.stat().st_size == 0 else f'not readable as {kind}.'}"
        raise DataError(message) from None
    if table.num_rows == 0:
        message = f"{path}: the file has no rows."
        raise DataError(message)
    return table


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


def _read_csv(path: Path) -> pa.Table:
    """Return a CSV's columns as text: what an id or a code looks like is not ours to change."""
    with pa_csv.open_csv(path) as reader:
        names = reader.schema.names
    as_text = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    return pa_csv.read_csv(path, convert_options=as_text)


def _missing(table: pa.Table, policy: Policy) -> Iterator[str]:
    keys = {f"columns.{key}": name for key, name in policy.columns.model_dump().items() if name is not None}
    keys |= {f"attribute {a.name!r}": a.column for a in policy.audited if a.column is not None}
    for key, name in keys.items():
        found = table.column_names.count(name)
        if found == 0:
            yield f"there is no column {name!r} (policy: {key}). {what_exists(name, table.column_names)}"
        elif found > 1:
            yield f"the column {name!r} (policy: {key}) stands {found} times."


def _given(table: pa.Table, policy: Policy) -> AuditInput:
    columns = policy.columns
    label = _numbers(table, columns.label)
    return AuditInput(
        entity=_texts(table, columns.entity),
        score=_numbers(table, columns.score),
        # A file has a label on every row; one that is missing is a fault, not an outcome still to come.
        label=np.where(np.isnan(label), NO_LABEL, label),
        attributes={a.name: _texts(table, a.column) for a in policy.audited if a.column is not None},
        cluster=None if columns.cluster is None else _texts(table, columns.cluster),
        list_name=None if columns.list is None else _texts(table, columns.list),
        place=None if columns.place is None else _texts(table, columns.place),
    )


def _texts(table: pa.Table, name: str) -> NDArray[np.str_]:
    """Return a column as stripped text, empty where there is no value."""
    text: Any = pc.fill_null(pc.utf8_trim_whitespace(table[name].cast(pa.string())), "")
    return np.asarray(text.to_pylist(), dtype=np.str_)


def _numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    """Return a column as numbers, NaN where there is none."""
    column = table[name].combine_chunks()
    if not pa.types.is_string(column.type):
        return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    return np.array([_number(text) for text in _texts(table, name).tolist()], dtype=np.float64)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _notes(given: AuditInput, policy: Policy) -> list[str]:
    notes = [f"All {len(given.entity):,} rows of the file are counted."]
    for name, values in given.attributes.items():
        empty = int((values == "").sum())
        if empty:
            notes.append(f"{name}: rows of the file without a value: {show_total(empty, policy.disclosure)}.")
    return notes
