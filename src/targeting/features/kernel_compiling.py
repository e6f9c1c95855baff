"""How a kernel is compiled: each function for one signature, kept in a folder that its sources name."""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from targeting.features.kernel_cache import cache_folder

Compile = Callable[..., Callable[[Callable[..., Any]], Any]]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave the collector off: all that is made here stays, and walking it again and again finds nothing to free."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


with _uncollected():
    import numba
    from llvmlite.binding import get_host_cpu_features, get_host_cpu_name
    from numba import config, njit


def compiler(sources: Iterable[Path]) -> Compile:
    """Return a decorator for the functions of one kernel: `@compiled(returns, *parameters)`.

    What is compiled is kept in a folder named by the text of all the kernel's sources, for numba looks at one file at a
    time, and there alone: numba's own setting is left as it was.
    """
    cpu = (get_host_cpu_name(), get_host_cpu_features().flatten())
    folder = cache_folder(sources, (numba.__version__, np.__version__, *cpu))

    def compiled(returns: Any, *parameters: Any) -> Callable[[Callable[..., Any]], Any]:
        def compile_one(function: Callable[..., Any]) -> Any:
            before = config.CACHE_DIR
            config.CACHE_DIR = str(folder or "")
            try:
                with _uncollected():
                    return njit(returns(*parameters), nogil=True, cache=folder is not None)(function)
            finally:
                config.CACHE_DIR = before

        return compile_one

    return compiled
