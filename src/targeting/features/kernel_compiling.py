"""How numba compiles: the functions that `kernel_native` runs, and those that numba itself keeps and runs.

The former become code that needs nothing of numba's, so that once kept it runs without it. The latter make arrays of
their own.
"""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from targeting.features.kernel_cache import cache_folder
from targeting.features.kernel_native import Function, is_tuple, layout_of, parameters_of

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
    from llvmlite import ir
    from llvmlite.binding import get_host_cpu_features, get_host_cpu_name, parse_assembly
    from numba import config, njit, types
    from numba.extending import intrinsic
    from numba.np import arrayobj


def compiler(sources: Iterable[Path]) -> Compile:
    """Return a decorator for functions that numba runs: `@compiled(returns, *parameters)`.

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


# A division by zero gives what NumPy says. Without numba's runtime no array can be made.
_ALONE = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}
_WORD = ir.IntType(64)
# What the C library has for them.
_LIBRARY = frozenset({"memset", "memcpy", "memmove", "rint"})


def to_compile(function: Function) -> Any:
    """Return a function as numba compiles it for each compiled function that calls it."""
    return njit(**_ALONE)(function)


def intermediate_code(function: Function, name: str) -> str:
    """Return a function in LLVM's language under a name, to be given the words of its arguments (`Layout.words`).

    Raises TypeError where it calls what only numba's own runtime has; to make an array numba refuses by itself.
    """
    signature = types.int64(types.CPointer(types.int64))
    with _uncollected():
        entry = njit(signature, **_ALONE)(_entry(function))
        found = entry.overloads[signature.args]
    module = parse_assembly(found.library.get_llvm_str())
    missing = [each.name for each in module.functions if each.is_declaration and not each.name.startswith("llvm.")]
    if set(missing) - _LIBRARY:
        alone = ", ".join(sorted(set(missing) - _LIBRARY))
        raise TypeError(f"{name} calls {alone}, which numba's own runtime has alone.")
    module.get_function(found.fndesc.llvm_func_name).name = name
    return str(module)


def _entry(function: Function) -> Function:
    inner, arguments = to_compile(function), _arguments(tuple(map(_numba_type, parameters_of(function))))

    def returning(words: Any) -> int:
        return int(inner(*arguments(words)))

    def writing(words: Any) -> int:
        inner(*arguments(words))
        return 0

    return returning if function.__annotations__["return"] is int else writing


def _numba_type(hint: Any) -> Any:
    if is_tuple(hint):
        return types.BaseTuple.from_types([_numba_type(each) for each in hint.__annotations__.values()], hint)
    of, dimensions = layout_of(hint)
    if not dimensions:
        return {int: types.int64, float: types.float64, bool: types.boolean}[of]
    return types.Array(numba.from_dtype(of), dimensions, "C")


def _arguments(parameters: tuple[Any, ...]) -> Any:
    """Return a function for compiled code that makes arguments of the words at an address."""
    made = types.Tuple(parameters)

    @intrinsic
    def arguments(_: Any, words: Any) -> Any:
        return made(words), lambda context, builder, __, given: _Reader(context, builder, given[0]).value(made)

    return arguments


@dataclass
class _Reader:
    """Writes the code that reads words, one after the other."""

    context: Any
    builder: Any
    address: Any
    place: int = 0

    def value(self, of: Any) -> Any:
        """Return a value of a type."""
        if isinstance(of, types.BaseTuple):
            return self.context.make_tuple(self.builder, of, [self.value(each) for each in of.types])
        if isinstance(of, types.Array):
            return self._array(of)
        word = self._word()
        if of == types.boolean:
            return self.builder.trunc(word, ir.IntType(1))
        return self.builder.bitcast(word, ir.DoubleType()) if of == types.float64 else word

    def _array(self, of: Any) -> Any:
        array = arrayobj.make_array(of)(self.context, self.builder)
        data = self.builder.inttoptr(self._word(), array.data.type)
        shape = [self._word() for _ in range(of.ndim)]
        size = self.context.get_abi_sizeof(self.context.get_data_type(of.dtype))
        strides = [self.context.get_constant(types.intp, size)]
        for extent in shape[:0:-1]:
            strides.insert(0, self.builder.mul(extent, strides[0]))
        parts = {"data": data, "shape": shape, "strides": strides, "itemsize": strides[-1], "meminfo": None}
        arrayobj.populate_array(array, **parts)
        return array._getvalue()

    def _word(self) -> Any:
        place = ir.Constant(_WORD, self.place)
        self.place += 1
        return self.builder.load(self.builder.gep(self.address, [place]))
