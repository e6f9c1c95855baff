"""Where the compiled kernel is kept between runs: never stale, and never needed."""

import hashlib
import os
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

_DIGEST = hashlib.sha256().digest_size


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


def kept(path: Path | None, make: Callable[[], bytes]) -> bytes:
    """Return what is kept at a path; where nothing whole is, or for None, what is made, to be kept from now on."""
    whole = path.read_bytes() if path and path.exists() else b""
    digest, held = whole[:_DIGEST], whole[_DIGEST:]
    if held and hashlib.sha256(held).digest() == digest:
        return held
    made = make()
    # A full disk costs the next run some seconds, not this one its result.
    with suppress(OSError):
        _keep(path, made)
    return made


def _keep(path: Path | None, made: bytes) -> None:
    if path is None:
        return
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(hashlib.sha256(made).digest() + made)
    unfinished.replace(path)
