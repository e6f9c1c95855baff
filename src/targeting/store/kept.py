"""What was made once and is kept while there is room: the least lately used goes first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def one(_: object) -> int:
    """Return 1: values are counted, not weighed."""
    return 1


class Kept(Generic[Key, Value]):
    """Values by key, their sizes summing to `most` at most; safe to use from several threads."""

    def __init__(self, most: int, *, size: Callable[[Value], int] = one) -> None:
        self._most, self._size = most, size
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made where it is not held. Two threads may make the same; one is kept."""
        held = self.kept(key)
        if held is not None:
            return held
        value = make()
        with self._lock:
            self._add(key, value)
        return value

    def kept(self, key: Key) -> Value | None:
        """Return the value of a key where it is held; else None."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def _add(self, key: Key, value: Value) -> None:
        if key in self._values:
            return
        self._values[key] = value
        self._held += self._size(value)
        while self._held > self._most:
            _, forgotten = self._values.popitem(last=False)
            self._held -= self._size(forgotten)
