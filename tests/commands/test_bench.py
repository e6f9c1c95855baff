"""`targeting bench`: which benchmarks exist, which way a ratio points, a client that counts what it sent. No times."""

import ast
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from targeting.commands.bench import Row, compared, find_benchmark, measured, print_rows
from targeting.errors import TargetingError
from targeting.project.template import checkout_folder

Targeting = Callable[..., tuple[int, str, str]]
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
FAST = """
from targeting.commands.bench import Row

def run(scale, project, progress):
    progress("measuring", 0, 1)
    return [Row("fast", scale, "targeting", 2.0, "ms", 10.0), Row("fast", scale, "a peer", 3.0, "ms")]
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout with one benchmark, and one module that is none."""
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "fast.py").write_text(FAST, encoding="utf-8")
    (tmp_path / "benchmarks" / "shared.py").write_text("def other():\n    return 1\n", encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def loopback() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS.parent))
        yield importlib.import_module("benchmarks.loopback")


def test_every_benchmark_takes_a_run_that_names_no_project() -> None:
    written = {path.stem: ast.parse(path.read_text(encoding="utf-8")).body for path in BENCHMARKS.glob("*.py")}
    runs = {name: part for name, body in written.items() for part in body if getattr(part, "name", "") == "run"}
    of = {name: ast.unparse(run.args.args[1].annotation) for name, run in runs.items() if run.args.args[1].annotation}
    assert of.keys() == runs.keys()
    assert [name for name, told in of.items() if "None" not in told and told != "object"] == []


def test_above_1_means_that_ours_wins_whichever_way_is_better() -> None:
    rows = [
        Row("b", "case", "targeting", 2.0, "ms"),
        Row("b", "case", "slower peer", 6.0, "ms"),
        Row("b", "case", "targeting", 100.0, "requests/s"),
        Row("b", "case", "faster peer", 400.0, "requests/s"),
        Row("b", "other case", "peer", 1.0, "ms"),
        Row("b", "case", "peer that answers nothing", 0.0, "requests/s"),
    ]
    assert [row.ratio_to_ours for row in compared(rows)] == [None, 3.0, None, 0.25, None, None]


def test_a_benchmark_is_a_file_that_has_a_function_run(checkout: Path) -> None:
    told: list[str] = []
    rows = find_benchmark("fast", checkout)("small", None, lambda what, _done, _total: told.append(what))
    assert ([row.case for row in rows], told) == (["small", "small"], ["measuring"])
    with pytest.raises(TargetingError, match=r"'shared' does not exist. Those that do: fast\.$"):
        find_benchmark("shared", checkout)


def test_an_installed_package_has_no_benchmarks() -> None:
    with pytest.raises(TargetingError, match="an installed package carries none"):
        find_benchmark("api", None)


def test_an_unknown_benchmark_ends_with_code_2_and_those_that_exist(targeting: Targeting) -> None:
    code, out, err = targeting("bench", "apy")
    assert (code, out) == (2, "")
    assert "the benchmark 'apy' does not exist." in err
    assert "Did you mean api?" in err


def test_every_name_is_looked_up_before_anything_runs(checkout: Path) -> None:
    with pytest.raises(TargetingError, match=r"the benchmark 'slow' does not exist"):
        measured(["fast", "slow"], scale="small", checkout=checkout)


def test_rows_are_printed_as_json(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(measured(["fast"], scale="small", checkout=checkout), as_json=True)
    keys = ("bench", "case", "subject", "value", "unit", "peak_mib", "ratio_to_ours")
    ours, peer = (tuple(row[key] for key in keys) for row in json.loads(capsys.readouterr().out))
    assert ours == ("fast", "small", "targeting", 2.0, "ms", 10.0, None)
    assert peer == ("fast", "small", "a peer", 3.0, "ms", None, 1.5)


def test_this_checkout_has_the_benchmark_api() -> None:
    assert checkout_folder() == BENCHMARKS.parent
    assert callable(find_benchmark("api", checkout_folder()))


def test_the_client_times_each_request_over_each_connection_and_reads_whole_answers(loopback: ModuleType) -> None:
    port = loopback.free_port()
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(BENCHMARKS), "echo:app", "--port", str(port)]
    long = {"words": ["word"] * 50_000}
    with loopback.running(command, port=port, ready=loopback.get("/")) as server:
        assert loopback.answer_to(port, loopback.post("/", long)) == long
        for connections in (1, 8):
            taken = loopback.timed(port, [loopback.get("/")] * 21, connections=connections)
            assert len(taken.each) == 21
            assert 0 < max(taken.each) <= taken.together
        assert server.seconds_to_ready > 0
    assert not Path(f"/proc/{server.process}").exists()


def test_a_server_that_does_not_start_is_told_with_what_it_said(loopback: ModuleType) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such district')"]
    with (
        pytest.raises(TargetingError, match=r"does not serve:\nno such district"),
        loopback.running(command, port=loopback.free_port(), ready=loopback.get("/")),
    ):
        pass
