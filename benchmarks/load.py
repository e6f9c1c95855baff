"""`targeting bench load`: loading beside DuckDB reading the same files into the same types, in one run, interleaved.

Two cases: the extracts of a synthetic district, and one large file of police incidents. Each subject runs in a process
of its own, in turns, so that its memory is its own and a slow minute of the machine falls on both:

- targeting: every row checked, quarantined with its reasons or accepted; people under pseudonyms, identities
  encrypted; facts that were delivered before recognised, corrections dated; all of a file or nothing;
- DuckDB: every declared column read into its type, dates by their format, and written to a database of its own. What
  does not fit is null. Nothing is checked against codes, named, encrypted or recognised.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from targeting.commands.bench import OURS as TARGETING
from targeting.commands.bench import Row, compared
from targeting.project.loading import load_project
from targeting.project.project import Project
from targeting.sources.definition import Extract, Field, Source
from targeting.sources.raw_rows import columns_of
from targeting.synthetic.synthesis import synthesise

Progress = Callable[[str, int, int], None]
Measured = dict[str, list[dict[str, float]]]

FAMILIES = {"small": 1_000, "full": 20_000}
MEGABYTES = {"small": 20, "full": 1_000}
ROUNDS = {"small": 1, "full": 1}
SEED, END = 1, date(2026, 3, 29)
DELIVERED = f"extracted_on = {END}\nsynthetic = true\n"
TYPES = {"integer": "bigint", "number": "double", "flag": "boolean", "date": "date"}
# Encodings that DuckDB reads without an extension, in place of those that it does not.
ENCODINGS = {"cp1252": "latin-1"}

CHECKOUT = Path(__file__).parents[1]
# Each subject's script begins so; the rest of its arguments are its own.
HEAD = """
import json, sys, time
sys.path.append(sys.argv.pop(1))
from benchmarks.peak_memory import peak_mib
"""
OURS = """
from pathlib import Path
from targeting.project.loading import load_project
from targeting.sources.loading import load
from datetime import date
root, extracts, data = map(Path, sys.argv[1:4])
project = load_project(root, on=date.fromisoformat(sys.argv[4]))
started = time.perf_counter()
report = load(extracts, data=data, sources=project.sources, contract=project.contract, identity_key=bytes(32))
print(json.dumps({
    "seconds": time.perf_counter() - started,
    "processor_seconds": time.process_time(),
    "rows": sum(file.rows for file in report.files),
    "accepted": sum(file.accepted for file in report.files),
    "quarantined": sum(file.quarantined for file in report.files),
    "peak_mib": peak_mib(),
}))
"""
DUCKDB = """
import duckdb
queries = json.load(sys.stdin)
started, rows = time.perf_counter(), 0
with duckdb.connect(sys.argv[1]) as connection:
    for number, query in enumerate(queries):
        connection.execute(f"create table t{number} as {query}")
        rows += connection.execute(f"select count(*) from t{number}").fetchone()[0]
print(json.dumps({
    "seconds": time.perf_counter() - started,
    "processor_seconds": time.process_time(),
    "rows": rows,
    "peak_mib": peak_mib(),
}))
"""


def run(scale: str, project: Path | None, progress: Progress | None = None) -> list[Row]:
    """Return the rows of the benchmark: rows a second with peak memory, and seconds of the processor.

    The sources of the project say what the columns mean; those of the checkout where none is named.
    """
    return [row for case, found in measured(scale, project or CHECKOUT, progress) for row in _rows(case, found)]


def measured(scale: str, folder: Path, progress: Progress | None = None) -> Iterator[tuple[str, Measured]]:
    """Yield each case, with what each subject took in every round."""
    told, project = progress or (lambda _what, _done, _total: None), load_project(folder, on=END)
    cases = (
        (f"a district of {FAMILIES[scale]:,} families", _district),
        (f"one file of {MEGABYTES[scale]:,} MB", _one_file),
    )
    for number, (case, make) in enumerate(cases):
        told(f"making {case}", number * 2, 4)
        with TemporaryDirectory() as place:
            extracts = make(scale, Path(place) / "extracts")
            told(f"loading {case}", number * 2 + 1, 4)
            yield case, _measured(project, extracts, Path(place), ROUNDS[scale])
    told("done", 4, 4)


def _district(scale: str, extracts: Path) -> Path:
    synthesise(extracts, families=FAMILIES[scale], seed=SEED, end=END)
    return extracts


def _one_file(scale: str, extracts: Path) -> Path:
    """Write incidents as the police of the synthetic district deliver them, until they are so many megabytes.

    One in a thousand bears a grade that is no code, and has to be refused.
    """
    folder = extracts / "police"
    folder.mkdir(parents=True)
    (folder / "delivery.toml").write_text(DELIVERED, encoding="utf-8")
    drawn, left, number = random.Random(SEED), MEGABYTES[scale] * 1_000_000, 0  # noqa: S311 - not a secret.
    days = [f"{END - timedelta(days=ago):%d-%b-%Y}" for ago in range(2000)]
    with (folder / "DA_INVOLVED_PERSONS.csv").open("w", encoding="cp1252") as file:
        left -= file.write("OCC_REF|NOMINAL_REF|OCC_DATE|REC_DATE|DASH|CHILD_PRESENT\n")
        while left > 0:
            number += 1
            ago, person, chosen = drawn.randrange(2, 2000), drawn.randrange(400_000), drawn.randrange(6)
            grade = "GRADE?" if number % 1000 == 0 else ("STD", "MED", "HIGH")[chosen // 2]
            left -= file.write(f"OCC{number:09}|N{person:07}|{days[ago]}|{days[ago - 1]}|{grade}|{'YN'[chosen % 2]}\n")
    return extracts


def _measured(project: Project, extracts: Path, folder: Path, rounds: int) -> Measured:
    """Return what each subject took in every round."""
    queries = json.dumps(list(_queries(project, extracts)))
    found: Measured = {TARGETING: [], "duckdb": []}
    for number in range(rounds):
        data, database = folder / f"data-{number}", folder / f"peer-{number}.duckdb"
        arguments = [str(project.root), str(extracts), str(data), END.isoformat()]
        found[TARGETING].append(_child(OURS, arguments))
        found["duckdb"].append(_child(DUCKDB, [str(database)], queries))
    return found


def _child(script: str, arguments: Sequence[str], given: str = "") -> dict[str, float]:
    command = [sys.executable, "-W", "ignore", "-c", HEAD + script, str(CHECKOUT), *arguments]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)  # noqa: S603
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def _queries(project: Project, extracts: Path) -> Iterator[str]:
    for source in project.sources:
        for extract in source.extracts:
            if isinstance(extract, Extract):
                for path in sorted((extracts / source.folder).glob(extract.file)):
                    yield _query(project, source, extract, path)


def _query(project: Project, _source: Source, extract: Extract, path: Path) -> str:
    """Return DuckDB's reading of one file: every declared column, in the type that the contract has for it."""
    types = _types(project, extract)
    columns = ", ".join(_typed(name, *types.get(name, ("varchar", None))) for name in columns_of(extract))
    if path.suffix == ".parquet":
        return f"select {columns} from read_parquet('{path}')"  # noqa: S608 - made of declarations alone.
    encoding = ENCODINGS.get(extract.encoding, extract.encoding)
    options = f"header = true, all_varchar = true, delim = '{extract.delimiter}', encoding = '{encoding}'"
    return f"select {columns} from read_csv('{path}', {options})"  # noqa: S608 - made of declarations alone.


def _types(project: Project, extract: Extract) -> dict[str, tuple[str, str | None]]:
    """Return type and format of the columns that are not text."""
    types: dict[str, tuple[str, str | None]] = {}
    for fact in extract.facts:
        kind = project.contract[fact.kind]
        own = [(field, TYPES.get(column.type)) for column in kind.columns if (field := fact.values.get(column.name))]
        for field, sql_type in [*own, (fact.event_date, "date"), (fact.knowledge_date, "date")]:
            _add(types, field, sql_type)
    for person in extract.persons:
        for field in (person.date_of_birth, person.expected_date_of_birth, person.recorded_on):
            _add(types, field, "date")
    for relation in extract.relationships:
        for field in (relation.started_on, relation.ended_on, relation.knowledge_date):
            _add(types, field, "date")
    return types


def _add(types: dict[str, tuple[str, str | None]], field: Field | None, sql_type: str | None) -> None:
    # A flag in spellings of the agency's own stays text for DuckDB.
    is_spelt = sql_type == "boolean" and field is not None and bool(field.codes)
    if field is not None and field.column is not None and sql_type is not None and not is_spelt:
        types[field.column] = (sql_type, field.format)


def _typed(name: str, sql_type: str, pattern: str | None) -> str:
    read = f"try_strptime(\"{name}\", '{pattern}')::date" if pattern else f'try_cast("{name}" as {sql_type})'
    return f'{read} as "{name}"'


def _rows(case: str, found: Mapping[str, Sequence[Mapping[str, float]]]) -> Iterator[Row]:
    for subject, rounds in found.items():
        seconds = _middle(rounds, "seconds")
        peak = round(max(each["peak_mib"] for each in rounds))
        yield Row("load", case, subject, round(rounds[0]["rows"] / seconds), "rows/s", peak)
        processor = _middle(rounds, "processor_seconds")
        yield Row("load", f"{case}, processor", subject, round(processor, 2), "s")


def _middle(rounds: Sequence[Mapping[str, Any]], name: str) -> float:
    return statistics.median(each[name] for each in rounds)


def main() -> None:
    """Run the benchmark on the project around this file and print its rows."""
    parser = argparse.ArgumentParser(description="Loading beside DuckDB.")
    parser.add_argument("--scale", choices=sorted(FAMILIES), default="small")
    found = compared(run(parser.parse_args().scale, CHECKOUT))
    json.dump([asdict(row) for row in found], sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
