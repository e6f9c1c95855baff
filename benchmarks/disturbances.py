"""What happens to a service while clients ask it: workers are killed, and other things come, each at its time."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

# Whoever kills what has not begun to answer finds nothing out.
ANSWERS_BETWEEN_KILLS = 30
# How much longer it is waited for the last answers, in seconds.
PATIENCE = 300.0


def disturb(
    service: int,
    happenings: Mapping[float, Callable[[], None]],
    answered: Callable[[], int],
    *,
    seconds: float,
    between_kills: float,
) -> int:
    """Kill a worker of a process every so often, and let each thing happen at its second; return how many were killed.

    The first is killed half such a time after the start; each as soon as `answered` has told of enough answers since
    the last. Returns once the seconds are over, all has happened, and enough was answered since the last kill; what a
    happening raises is raised.
    """
    started, killed, before = time.monotonic(), 0, 0
    next_kill, waiting, begun = between_kills / 2, sorted(happenings.items()), []
    with ThreadPoolExecutor() as happening:
        while (passed := time.monotonic() - started) < seconds + PATIENCE:
            enough = answered() - before >= ANSWERS_BETWEEN_KILLS
            if passed >= seconds and enough:
                break
            while waiting and passed >= waiting[0][0]:
                begun.append(happening.submit(waiting.pop(0)[1]))
            if enough and passed >= next_kill and _kill_a_worker(service):
                next_kill, killed, before = passed + between_kills, killed + 1, answered()
            time.sleep(0.2)
    for each in begun:
        each.result()
    return killed


def workers(service: int) -> list[int]:
    """Return the workers of a process: its children, but for the one that tracks resources."""
    listed = Path(f"/proc/{service}/task/{service}/children").read_text().split()
    return [each for each in map(int, listed) if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]


def lost(acknowledged: Mapping[tuple[str, int], str], recorded: list[Any]) -> list[str]:
    """Return what became of acknowledged decisions that is not as it was acknowledged, in a sentence each."""
    reasons = {(each["flag_id"], each["revision"]): each["content"]["reason"] for each in recorded}
    gone = [place for place, reason in acknowledged.items() if reasons.get(place) != reason]
    twice = [reason for reason, times in Counter(reasons.values()).items() if times > 1]
    return [f"lost or changed: {len(gone)} acknowledged decisions"] * bool(gone) + [
        f"recorded twice: {len(twice)} decisions"
    ] * bool(twice)


def _kill_a_worker(service: int) -> bool:
    there = workers(service)
    if there:
        os.kill(random.choice(there), signal.SIGKILL)  # noqa: S311 - any of them.
    return bool(there)
