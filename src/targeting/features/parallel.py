"""Work on several shards at once, its results in the order of the shards."""

import ctypes
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import pyarrow as pa

Given = TypeVar("Given")
Made = TypeVar("Made")

# Of the GNU C library's malloc.h: from how many free bytes on memory is given back; from which size on an array has
# pages of its own, which are given back as soon as it is freed, and which takes no more than this; and in how many
# places threads take memory: in one of its own a thread gives back more than it should.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
KEPT_BYTES, GREATEST_MMAP_THRESHOLD = 2**28, 2**25


def in_turn(make: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
    """Yield what is made of each, in their order, by as many threads as there are processors.

    At most one more is under way or waiting than there are threads, which bounds the memory.
    """
    workers = processors()
    _keep_freed_memory()
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for each in given:
            waiting.append(pool.submit(make, each))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _keep_freed_memory() -> None:
    """Have the C library's allocator keep what one shard frees for the next, and Arrow take its memory there.

    Both would give memory back to the system and get it anew for every measure and every column: of the time of a
    matrix of one date a fifth went into clearing pages. It holds for the rest of the process. Nothing is done where
    the C library is not GNU's.
    """
    if os.name != "posix":
        return
    allocator = ctypes.CDLL(None)
    if hasattr(allocator, "mallopt"):
        allocator.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
        allocator.mallopt(M_MMAP_THRESHOLD, GREATEST_MMAP_THRESHOLD)
        allocator.mallopt(M_ARENA_MAX, 1)
        pa.set_memory_pool(pa.system_memory_pool())
