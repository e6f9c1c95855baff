"""Parts of a dataclass that are given when it is made, or read whenever somebody asks for them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Later(Generic[Value]):
    """A part that `read` returns whenever it is asked for."""

    read: Callable[[], Value]


class Part(Generic[Value]):
    """A field of a dataclass that holds a value, or what reads it `Later`; whoever asks for it gets the value.

    Without a default that makes it, it has to be given.
    """

    def __init__(self, default: Callable[[], Value] | None = None) -> None:
        self._default = default

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> Value:
        if instance is None:
            return self._given_by_default()
        held: Value | Later[Value] = instance.__dict__[self._name]
        return held.read() if isinstance(held, Later) else held

    def __set__(self, instance: Any, value: Value | Later[Value]) -> None:
        instance.__dict__[self._name] = value

    def _given_by_default(self) -> Value:
        # A dataclass asks for the default in this way, and takes this for having none.
        if self._default is None:
            raise AttributeError(self._name)
        return self._default()
