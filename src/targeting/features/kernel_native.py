"""The kernel's functions as machine code: kept in files, and loaded and called without the compiler.

numba, which compiles them, takes longer to import than a shard takes to be worked out; so it is imported only where a
function is not kept yet.
"""

import ctypes
import struct
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Generic, NamedTuple, ParamSpec, Protocol, TypeVar, get_origin

import llvmlite
import llvmlite.binding as llvm
import numpy as np
from numpy.typing import NDArray

from targeting.features.kernel_cache import cache_folder, kept

Function = Callable[..., Any]
Given = ParamSpec("Given")
Found = TypeVar("Found")
# What numba gives a function besides its parameters: where its result goes, and what it raises. It returns a status.
_NATIVE = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)
_NOTHING = ctypes.c_char * 0


class Layout(NamedTuple):
    """Of which type and how many dimensions an array is; a number has none, and a Python type."""

    type: Any
    dimensions: int

    def __str__(self) -> str:
        return f"{self.type} of {self.dimensions} dimension(s)"

    @property
    def format(self) -> str:
        """What is handed over of it, in the language of `struct`: itself, or the address and shape of an array."""
        return "d" if self.type is float else "q" * (1 + self.dimensions)

    def check(self, array: NDArray[Any]) -> None:
        """Raise TypeError for an array of another type or number of dimensions, or one that lies in pieces."""
        if array.dtype != self.type or array.ndim != self.dimensions or not array.flags.c_contiguous:
            found = f"{array.dtype} by {array.shape} with strides {array.strides}"
            raise TypeError(f"the kernel takes {self}, not {found}.")


class Inner(Generic[Given, Found]):
    """A function that compiled ones call, in a kernel's own files; numba takes this for the function."""

    def __init__(self, function: Callable[Given, Found]) -> None:
        self._function = function

    def __call__(self, *given: Given.args, **named: Given.kwargs) -> Found:
        """Return what the function returns, uncompiled."""
        return self._function(*given, **named)

    @property
    def _numba_type_(self) -> Any:
        return self._to_compile._numba_type_

    @cached_property
    def _to_compile(self) -> Any:
        from targeting.features.kernel_compiling import to_compile  # noqa: PLC0415 - see above.

        return to_compile(self._function)


class Compiled(Generic[Given]):
    """A function as machine code; its hints say which arrays, numbers and named tuples of them it is given.

    It makes no array, writes to those that it is given and returns a whole number or nothing. Threads may run it at
    once.
    """

    def __init__(self, function: Callable[Given, Any], name: str, engine: Any) -> None:
        # The code lies in the engine, and goes with it.
        self._name, self._engine = function.__name__, engine
        self._run = _NATIVE(engine.get_function_address(name))
        self._layouts = tuple(layouts_of(parameters_of(function)))
        self._pack = struct.Struct("".join(layout.format for layout in self._layouts)).pack

    def __call__(self, *given: Given.args, **_: Given.kwargs) -> int:
        """Return what the function does of the given arguments; 0 where it returns nothing. It takes no keywords."""
        values: list[Any] = _flat(given, [])
        words: list[int | float] = []
        for layout, value in zip(self._layouts, values, strict=True):
            if layout.dimensions:
                layout.check(value)
                words.append(_address(value))
                words += value.shape
            else:
                words.append(value)
        found, raised = ctypes.c_int64(), ctypes.c_void_p()
        if self._run(ctypes.byref(found), ctypes.byref(raised), self._pack(*words)):
            raise RuntimeError(f"{self._name} failed.")
        return found.value


class Compile(Protocol):
    """A decorator for the functions of one kernel."""

    def __call__(self, function: Callable[Given, Any], /) -> Compiled[Given]:
        """Return a function as machine code."""


def compiler(sources: Iterable[Path]) -> Compile:
    """Return a decorator for the functions of one kernel, whose text is in the given files.

    Their machine code is kept in a folder named by all of the text, by the compiler and by the processor.
    """
    texts = list(sources)
    files = {str(path) for path in texts}
    processor = (llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())
    folder = cache_folder([*texts, *_version()], (llvmlite.__version__, np.__version__, *processor))
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(*processor, opt=3, jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)

    def compiled(function: Callable[Given, Any]) -> Compiled[Given]:
        name = f"{function.__module__}.{function.__qualname__}"
        path = folder / name if folder and function.__code__.co_filename in files else None
        code = kept(path, lambda: _compile(function, name, machine))
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        engine.finalize_object()
        return Compiled(function, name, engine)

    return compiled


def _version() -> list[Path]:
    """Return where numba says of which version it is: to import it, or to ask what installed it, takes far longer."""
    found = find_spec("numba")
    places = (found and found.submodule_search_locations) or ()
    return [path for place in places for path in Path(place).glob("_version.py")]


def _compile(function: Function, name: str, machine: Any) -> bytes:
    from targeting.features.kernel_compiling import intermediate_code  # noqa: PLC0415 - see above.

    code: bytes = machine.emit_object(llvm.parse_assembly(intermediate_code(function, name)))
    return code


def parameters_of(function: Function) -> tuple[Any, ...]:
    """Return the hints of a function's parameters, in order."""
    return tuple(hint for name, hint in function.__annotations__.items() if name != "return")


def is_tuple(hint: Any) -> bool:
    """Return whether a hint is a class of named tuples."""
    return isinstance(hint, type) and get_origin(hint) is None and issubclass(hint, tuple)


def layouts_of(hints: Iterable[Any]) -> Iterator[Layout]:
    """Yield the layouts of all values that hints ask for, those within named tuples in their place."""
    for hint in hints:
        if is_tuple(hint):
            yield from layouts_of(hint.__annotations__.values())
        else:
            yield layout_of(hint)


def layout_of(hint: Any) -> Layout:
    """Return the layout of one value: a number, an array, or one annotated with how many dimensions it has."""
    if hint in (int, float, bool):
        return Layout(hint, 0)
    dimensions = getattr(hint, "__metadata__", (1,))[0]
    array = hint.__origin__ if hasattr(hint, "__metadata__") else hint
    return Layout(np.dtype(array.__args__[1].__args__[0]), dimensions)


def _flat(values: tuple[Any, ...], found: list[Any]) -> list[Any]:
    """Return the values found so far and others, those within tuples in their place."""
    for value in values:
        if isinstance(value, tuple):
            _flat(value, found)
        else:
            found.append(value)
    return found


def _address(array: NDArray[Any]) -> int:
    """Return where an array lies; NumPy's own answer, which it also has where nothing may be written, takes longer."""
    buffer: Any = array
    return ctypes.addressof(_NOTHING.from_buffer(buffer)) if array.flags.writeable else int(array.ctypes.data)
