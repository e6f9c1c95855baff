"""The compiled kernel is kept where it may be written, never stale, and done without where nothing may be written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from targeting.features.kernel_cache import cache_folder


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
from targeting.features.kernel import NUMBER, compiled

@compiled(NUMBER, NUMBER)
def more(value):
    return value + 1.0
"""
CALLER = """
from targeting.features.kernel import NUMBER, compiled
from targeting.features.kernel_callee import more

@compiled(NUMBER, NUMBER)
def twice(value):
    return 2.0 * more(value)
"""


def test_an_edited_callee_in_another_file_is_never_run_from_the_cache_of_the_old_one(tmp_path):
    """A kernel of two files is run, its callee edited without a change of size or time, and run again."""
    source = Path(__file__).parents[2] / "src" / "targeting" / "features"
    copy = tmp_path / "targeting" / "features"
    copy.mkdir(parents=True)
    for folder in (copy.parent, copy):
        (folder / "__init__.py").touch()
    for name in ("kernel.py", "kernel_cache.py", "kernel_compiling.py"):
        (copy / name).write_text((source / name).read_text())
    callee = copy / "kernel_callee.py"
    callee.write_text(CALLEE)
    (copy / "kernel_caller.py").write_text(CALLER)
    stamp = callee.stat()
    # Python takes what it compiled for an edit within the same second, of the same length: not what is asked here.
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}

    def run() -> str:
        command = [sys.executable, "-c", "from targeting.features.kernel_caller import twice; print(twice(2.0))"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()

    assert run() == "6.0"
    callee.write_text(CALLEE.replace("1.0", "2.0"))
    os.utime(callee, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert run() == "8.0"
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
    assert done.stdout.split() == ["True", "3.0"]
    assert "cannot be kept" in done.stderr
    assert set((source / "targeting" / "features").rglob("*")) == before


ONE_FUNCTION = """
import numpy as np

@kernel.compiled(kernel.NUMBER, kernel.FLOATS)
def total(values):
    return values.sum()

print(total(np.array([1.0, 2.0])))
"""


def test_the_kernel_needs_no_pydantic_and_leaves_the_collector_on():
    program = """
import gc, sys
import targeting.features.engine
print("pydantic" in sys.modules, gc.isenabled())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
