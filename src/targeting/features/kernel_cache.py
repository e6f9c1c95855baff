"""Where the compiled kernel is kept between runs: never stale, and never needed."""

import hashlib
import os
import warnings
from collections.abc import Iterable
from pathlib import Path


def cache_folder(sources: Iterable[Path], fingerprint: Iterable[str]) -> Path | None:
    """Return a writable folder named by the kernel's sources and compiler; None, said in a warning, without one.

    It lies in NUMBA_CACHE_DIR where that is set, else in the user's cache folder. Another text of the kernel, another
    compiler or another processor has another folder, so that no run can load what a different one compiled.
    """
    texts = [source.read_text(encoding="utf-8") for source in sources]
    name = hashlib.sha256("\n".join([*texts, *fingerprint]).encode()).hexdigest()[:16]
    try:
        folder = _base() / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f".{os.getpid()}"
        probe.touch()
        probe.unlink()
    except (OSError, RuntimeError) as error:
        warnings.warn(
            f"the compiled kernel cannot be kept ({type(error).__name__}) and is compiled again in every run, some "
            "seconds each: set NUMBA_CACHE_DIR to a folder that can be written.",
            RuntimeWarning,
            stacklevel=2,
        )
        return None
    return folder


def _base() -> Path:
    if os.environ.get("NUMBA_CACHE_DIR"):
        return Path(os.environ["NUMBA_CACHE_DIR"])
    caches = os.environ.get("XDG_CACHE_HOME")
    return (Path(caches) if caches else Path.home() / ".cache") / "targeting"
