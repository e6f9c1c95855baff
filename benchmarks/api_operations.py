"""What the benchmark `api` asks of the servers, and the figures of what it took."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .loopback import Timed

ONE, EIGHT = 1, 8


@dataclass(frozen=True)
class Size:
    """How many rounds, and how many requests a round over one connection and over eight.

    What takes tens of milliseconds is asked `fewer` times less often, so that it takes no more of the run than others.
    """

    rounds: int
    one: int
    eight: int
    fewer: int

    def counts(self, *, is_slow: bool) -> dict[int, int]:
        """Return how many requests a round sends, by number of connections."""
        by = self.fewer if is_slow else 1
        return {ONE: self.one // by, EIGHT: self.eight // by}


@dataclass(frozen=True)
class Operation:
    """Something that a client asks of a subject: one request sent over and over, or `fresh` ones, each sent once.

    `is_slow`: an answer takes tens of milliseconds.
    """

    case: str
    subject: str
    request: bytes
    fresh: tuple[bytes, ...] = ()
    is_slow: bool = False

    def batch(self, number: int, size: Size) -> dict[int, Sequence[bytes]]:
        """Return the requests of one round, by number of connections; fewer where fresh ones would not last."""
        counts = size.counts(is_slow=self.is_slow)
        if not self.fresh:
            return {connections: [self.request] * count for connections, count in counts.items()}
        share = min(1.0, len(self.fresh) / (size.rounds * sum(counts.values())))
        counts = {connections: int(count * share) for connections, count in counts.items()}
        start = number * sum(counts.values())
        middle = start + counts[ONE]
        return {ONE: self.fresh[start:middle], EIGHT: self.fresh[middle : middle + counts[EIGHT]]}


@dataclass(frozen=True)
class Taken:
    """What all rounds of one operation took: over one connection, and over eight at once.

    `processor` has the server's processor seconds of each round over one connection: what else runs on the machine
    changes them little.
    """

    one: list[Timed]
    eight: list[Timed]
    processor: list[float]

    def figures(self) -> dict[str, tuple[float, str]]:
        """Return value and unit of each figure: percentiles over all requests, the median of the rounds' rates."""
        each = sorted(seconds for timed in self.one for seconds in timed.each)
        return {
            "processor": (1000 * sum(self.processor) / len(each), "ms"),
            "p50": (1000 * statistics.median(each), "ms"),
            "p99": (1000 * each[min(len(each) - 1, int(0.99 * len(each)))], "ms"),
            "one connection": (_rate(self.one), "requests/s"),
            "8 connections": (_rate(self.eight), "requests/s"),
        }


def _rate(rounds: Iterable[Timed]) -> float:
    return statistics.median(len(timed.each) / timed.together for timed in rounds)
