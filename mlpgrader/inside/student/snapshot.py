"""What a call may leave behind for other functions, and whether one did.

One process may serve the tests of several functions. If a test fails there, the checker asks it
whether it is still as it was made; if not, the test is run again in a fresh one.

A snapshot is a list of objects, and two of them are compared by identity alone, `is` for `is`:

- *It suffices.* What a function can change for another is a name that both can see: one of the
  student's, an attribute of one of their classes or functions, of torch, of `math` or `builtins`, a
  warning's filter. To change a name is to bind it to another object. Objects that could change
  while they stay the same object (a list, a tensor, an instance) are not compared at all: where a
  name or a default argument of the student's holds one, no snapshot can be taken.
- *It is safe.* Equality would ask the objects, and an object of the student's may answer what it
  likes. So no method of theirs is called: of an object, only its type and its identity count.
  Settings are compared by value, but they are torch's, Python's and NumPy's own.

The process that does this runs the student's code, so the answer is the student's word. Who forges
it keeps for one test what another of their own functions left behind, and gains nothing else.
"""

import builtins
import math
import sys
import types
import warnings
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import torch

# objects of these types stay as they are, or change only in what is looked at, too
INERT_TYPES = {
    type(None),
    bool,
    int,
    float,
    complex,
    str,
    type,
    torch.dtype,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.ModuleType,
}
# where students' code may bind a name for all that runs after it
SHARED_PLACES = (torch, torch.Tensor, torch.nn, torch.nn.functional, math, builtins)


class Snapshot(NamedTuple):
    """The objects that the student's names and the shared places hold, and settings."""

    objects: list[Any]
    settings: list[Any]

    @classmethod
    def take(cls, names: dict[str, Any]) -> "Snapshot | None":
        """The snapshot of this moment; None if what a call leaves behind cannot be told."""
        try:
            values = [*names.values()]
            definitions = [value for value in values if type(value) in (type, types.FunctionType)]
            if not _all_inert(values) or not _all_inert(_defaults(definitions)):
                return None
            objects = [*values]
            for place in (*definitions, *SHARED_PLACES):
                objects += vars(place).values()
            return cls([*objects, *warnings.filters], _settings())
        except BaseException:  # the student's code may have broken whatever this needs
            return None

    def same_objects(self, other: "Snapshot") -> bool:
        """Whether two snapshots hold the same objects in the same order."""
        if self.settings != other.settings:
            return False
        return [*map(id, self.objects)] == [*map(id, other.objects)]


def _all_inert(values: Iterable[Any]) -> bool:
    return {type(value) for value in values} <= INERT_TYPES


def _defaults(definitions: Iterable[Any]) -> list[Any]:
    """The default arguments of functions."""
    defaults: list[Any] = []
    for definition in definitions:
        defaults += getattr(definition, "__defaults__", None) or ()
    return defaults


def _settings() -> list[Any]:
    return [
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        sys.getrecursionlimit(),
        *np.geterr().values(),
    ]
