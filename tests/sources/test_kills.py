"""A load that is killed at any moment, and run once more, has lost nothing and has nothing twice."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from targeting.store import files
from targeting.store.identities import Identities
from targeting.store.staging import open_staging

Text = Callable[..., str]
KEY = bytes(range(32))
TABLES = ("deliveries", "sightings", "relationships", "quarantine", "facts_domestic_abuse_incident")
# The database made, then for each of two files its identities and its facts.
STEPS = ["rename staging.duckdb", "flush folder", *(["commit identities", "commit staging"] * 2)]


def delivered(office, incidents: Text) -> Path:
    """Write a delivery of two files, some of whose rows are rejected, and some of the second contradict the first."""
    first = ({"incident": str(n), "person": str(n % 50), "grade": "?" if n % 9 == 0 else "h"} for n in range(200))
    second = ({"incident": str(n), "person": str(n % 50), "grade": "m"} for n in range(0, 200, 2))
    return office.write({"police/incidents1.csv": incidents(*first), "police/incidents2.csv": incidents(*second)})


def content(data: Path) -> tuple[object, ...]:
    """Return all that a data folder holds of deliveries, facts and people."""
    with open_staging(data) as staging:
        tables = [staging.table(f"from {name} order by all").to_pylist() for name in TABLES]
    identities = Identities(data, KEY)
    rejected = [
        (chunk, {name: table.to_pylist() for name, table in parts.items()})
        for row in tables[0]
        for chunk, parts in identities.rejected(row["digest"])
    ]
    return tables, rejected, identities.read().to_pylist()


def in_a_process_of_its_own(work: Callable[[], object]) -> int:
    """Run `work` in a fork and return its process id; the fork ends when the work does."""
    process = os.fork()
    if process:
        return process
    try:
        work()
    finally:
        os._exit(0)


def killed(process: int) -> bool:
    """Return whether a process was killed rather than ended by itself."""
    return os.WIFSIGNALED(os.waitpid(process, 0)[1])


@pytest.fixture
def expected(office, incidents: Text, tmp_path: Path) -> tuple[object, ...]:
    """Return what the data folder of a load that nobody disturbed holds."""
    calm = type(office)(tmp_path / "calm")
    calm.load(delivered(calm, incidents))
    return content(calm.data)


def check(office, extracts: Path, expected: tuple[object, ...]) -> None:
    report = office.load(extracts)
    assert content(office.data) == expected
    for file, rows in zip(report.files, (200, 100), strict=True):
        assert file.rows == rows == file.accepted + file.quarantined
    assert all(file.already_loaded for file in office.load(extracts).files)


def test_the_steps_of_a_load_are_those_at_which_it_is_killed(
    office, incidents: Text, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    monkeypatch.setattr(files, "before", steps.append)
    office.load(delivered(office, incidents))
    assert steps == STEPS


@pytest.mark.parametrize("number", range(len(STEPS)), ids=[f"{n} {step}" for n, step in enumerate(STEPS)])
def test_killed_before_each_step_a_load_is_made_good_by_the_next(
    office, incidents: Text, expected: tuple[object, ...], number: int
) -> None:
    extracts = delivered(office, incidents)

    def work() -> None:
        steps = iter(range(len(STEPS)))

        def kill(_step: str) -> None:
            if next(steps) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        files.before = kill
        office.load(extracts)

    assert killed(in_a_process_of_its_own(work))
    check(office, extracts, expected)


def test_killed_at_twenty_random_moments_a_load_is_made_good_by_the_next(
    office, incidents: Text, expected: tuple[object, ...], tmp_path: Path
) -> None:
    rng = random.Random(7)
    started = time.perf_counter()
    killed_early = 0
    process = in_a_process_of_its_own(lambda: type(office)(tmp_path / "timed").load(delivered(office, incidents)))
    assert not killed(process)
    took = time.perf_counter() - started
    for number in range(20):
        one = type(office)(tmp_path / str(number))
        extracts = delivered(one, incidents)
        process = in_a_process_of_its_own(lambda one=one, extracts=extracts: one.load(extracts))
        time.sleep(rng.uniform(0, took))
        os.kill(process, signal.SIGKILL)
        killed_early += killed(process)
        one.load(extracts)
        assert content(one.data) == expected
    assert killed_early > 5


@pytest.mark.parametrize("step", ["commit identities", "commit staging"])
def test_killed_while_quarantined_rows_are_replayed_nothing_is_lost_or_doubled(
    office, incidents: Text, expected: tuple[object, ...], step: str
) -> None:
    extracts = delivered(office, incidents)
    office.load(extracts)

    def work() -> None:
        files.before = lambda reached: os.kill(os.getpid(), signal.SIGKILL) if reached == step else None
        office.replay()

    assert killed(in_a_process_of_its_own(work))
    office.replay()
    assert content(office.data) == expected
