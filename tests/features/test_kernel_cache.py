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
    first = cache_folder(source, ("1.0", "cpu"))
    assert cache_folder(source, ("1.0", "cpu")) == first
    other_cpu = cache_folder(source, ("1.0", "other"))
    source.write_text("a = 2")
    assert len({first, other_cpu, cache_folder(source, ("1.0", "cpu"))}) == 3
    assert first.stat().st_mode & 0o777 == 0o700


def test_the_users_cache_folder_is_used_where_none_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder(Path(__file__), ()).parent == tmp_path / "targeting"


def test_a_folder_that_cannot_be_written_is_done_without_and_said(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    with pytest.warns(RuntimeWarning, match=r"cannot be kept \(\w+\) and is compiled again .* set NUMBA_CACHE_DIR"):
        assert cache_folder(Path(__file__), ()) is None


EDITED = """
import pathlib, sys
import targeting.features.kernel as kernel
import numpy as np
rows = kernel.VisibleRows(*(np.array([part], dtype=np.int32) for part in (0, 0, 0, 1)))
print(kernel.accumulate(rows, np.array([2]), kernel.Size(1, 1))[0, 0])
"""


def test_an_edited_kernel_is_never_run_from_the_cache_of_the_old_one(tmp_path):
    """The kernel is copied, run, edited without a change of size or time, and run again with the same cache."""
    source = Path(__file__).parents[2] / "src" / "targeting"
    copy = tmp_path / "targeting"
    for name in ("__init__.py", "errors.py"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text((source / name).read_text())
    (copy / "features").mkdir()
    (copy / "features" / "__init__.py").write_text("")
    for name in ("kernel.py", "kernel_cache.py"):
        text = (source / "features" / name).read_text()
        (copy / "features" / name).write_text(text.split("@_compiled(types.int32[:, ::1], _ROWS")[0])
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    kernel = copy / "features" / "kernel.py"
    stamp = kernel.stat()

    def run() -> str:
        done = subprocess.run(
            [sys.executable, "-c", EDITED], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    assert run() == "2"
    kernel.write_text(kernel.read_text().replace("] += amounts[row]", "] -= amounts[row]"))
    os.utime(kernel, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert run() == "-2"
