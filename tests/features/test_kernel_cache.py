"""The compiled kernel is kept where it may be written, never stale, and done without where nothing may be written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from targeting.features import engine
from targeting.features.kernel_cache import cache_folder, kept


def test_another_text_of_the_kernel_or_another_processor_has_another_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    source = tmp_path / "kernel.py"
    source.write_text("a = 1")
    first = cache_folder([source], ("1.0", "cpu"))
    assert cache_folder([source], ("1.0", "cpu")) == first
    other_cpu = cache_folder([source], ("1.0", "other"))
    source.write_text("a = 2")
    assert len({first, other_cpu, cache_folder([source], ("1.0", "cpu"))}) == 3
    assert first.stat().st_mode & 0o777 == 0o700


def test_the_users_cache_folder_is_used_where_none_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder([Path(__file__)], ()).parent == tmp_path / "targeting"


def test_a_folder_that_cannot_be_written_is_done_without_and_said(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    with pytest.warns(RuntimeWarning, match=r"cannot be kept \(\w+\) and is compiled again .* set NUMBA_CACHE_DIR"):
        assert cache_folder([Path(__file__)], ()) is None


CALLEE = """
from targeting.features.kernel_native import Inner

@Inner
def more(value: int) -> int:
    return value + 1
"""
CALLER = """
from targeting.features.kernel import compiled
from targeting.features.kernel_callee import more

@compiled
def twice(value: int) -> int:
    return 2 * more(value)
"""


def test_an_edited_callee_in_another_file_is_never_run_from_the_cache_of_the_old_one(tmp_path):
    """A kernel of two files is run, its callee edited without a change of size or time, and run again."""
    source = Path(__file__).parents[2] / "src" / "targeting" / "features"
    copy = tmp_path / "targeting" / "features"
    copy.mkdir(parents=True)
    for folder in (copy.parent, copy):
        (folder / "__init__.py").touch()
    for name in ("kernel.py", "kernel_cache.py", "kernel_compiling.py", "kernel_native.py"):
        (copy / name).write_text((source / name).read_text())
    callee = copy / "kernel_callee.py"
    callee.write_text(CALLEE)
    (copy / "kernel_caller.py").write_text(CALLER)
    stamp = callee.stat()
    # Python takes what it compiled for an edit within the same second, of the same length: not what is asked here.
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}

    def run() -> str:
        command = [sys.executable, "-c", "from targeting.features.kernel_caller import twice; print(twice(2))"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()

    assert run() == "6"
    callee.write_text(CALLEE.replace("1", "2"))
    os.utime(callee, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert run() == "8"
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_an_install_that_cannot_be_written_runs_and_says_that_nothing_is_kept(tmp_path):
    """Nothing may be written: neither beside the package, nor in a cache. The kernel compiles and gives its values."""
    source = Path(__file__).parents[2] / "src"
    nowhere = tmp_path / "nowhere"
    nowhere.write_text("a file, where a folder would have to be")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"HOME": str(nowhere), "XDG_CACHE_HOME": str(nowhere), "NUMBA_CACHE_DIR": str(nowhere)}
    asked = "from targeting.features.kernel_cache import cache_folder; print(cache_folder([], ()) is None)"
    call = f"import targeting.features.kernel as kernel; {asked}{ONE_FUNCTION}"
    before = set((source / "targeting" / "features").rglob("*"))
    done = subprocess.run([sys.executable, "-c", call], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "3"]
    assert "cannot be kept" in done.stderr
    assert set((source / "targeting" / "features").rglob("*")) == before


ONE_FUNCTION = """
import numpy as np

@kernel.compiled
def total(values: kernel.Wholes) -> int:
    return values.sum()

print(total(np.array([1, 2])))
"""


def test_what_is_kept_is_run_without_the_compiler_and_leaves_the_collector_on():
    program = """
import gc, sys
import targeting.features.engine
print([name for name in ("numba", "scipy", "pydantic") if name in sys.modules], gc.isenabled())
"""
    # Kept now if it was not before: this process has imported it.
    assert engine.__name__ in sys.modules
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] True"


def test_what_was_kept_whole_is_taken_and_what_is_damaged_is_made_again(tmp_path):
    path = tmp_path / "code"
    assert kept(path, lambda: b"first") == b"first"
    assert kept(path, lambda: b"second") == b"first"
    path.write_bytes(path.read_bytes()[:-1])
    assert kept(path, lambda: b"second") == b"second"
    assert kept(path, lambda: b"third") == b"second"
    path.write_bytes(b"")
    assert kept(path, lambda: b"fourth") == b"fourth"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_kept_is_made_all_the_same(tmp_path):
    assert kept(tmp_path / "missing" / "code", lambda: b"made") == b"made"
    assert kept(None, lambda: b"made") == b"made"
