"""Name what is wrong with an answer, by how it differs from what was expected."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from .kinds import MAKES_A_LAYER, Mistake
from .sight import something_was_printed, tensors_in_sight
from .tensors import COARSE, PRECISE, are_equal, of_numbers
from .whole_numbers import of_plain


def name_mistake(reason: str, got: Any, wanted: Any) -> Mistake | None:
    """Name what is wrong with an answer, or with the first part of it that differs.

    Args:
        reason: how the two differ, a ``Reason`` of :mod:`mlpkit.checks`.
        got: the answer.
        wanted: what was expected.

    Examples:
        >>> x = torch.tensor([1.5, -0.75, 4.0])
        >>> name_mistake("wrong-value", -x, x)
        Mistake(kind='negated', sentence='Each number has the wrong sign.')
        >>> name_mistake("wrong-value", x.sqrt(), x) is None
        True
    """
    match reason:
        case "none":
            return _of_none()
        case "wrong-type":
            return _of_type(got, wanted)
        case "wrong-shape":
            return _of_shape(got, wanted)
        case "wrong-dtype":
            return _of_dtype(_dtype(got), _dtype(wanted))
        case "not-finite":
            return _of_not_finite(got)
        case "wrong-value":
            return _of_value(got, wanted)
    return None


def _of_none() -> Mistake | None:
    if not something_was_printed():
        return Mistake("none-returned")
    return Mistake("printed", "Something was printed: `print` shows a value, `return` hands it on.")


def _of_type(got: Any, wanted: Any) -> Mistake | None:
    if type(got).__module__ == "numpy" and isinstance(wanted, Tensor):
        text = "This is NumPy's: compute with torch, so that autograd can follow."
        return Mistake("numpy", text)
    if isinstance(got, nn.Module):
        return Mistake("wrong-type", f"{MAKES_A_LAYER[0].upper()}{MAKES_A_LAYER[1:]}.")
    if type(got).__module__ == "torch.return_types":
        return Mistake("wrong-type", _of_several(type(got).__name__))
    if isinstance(got, tuple) and len(got) == 1:
        text = "A tuple of one: is there a comma behind what you return?"
        return Mistake("wrong-type", text)
    return None


def _of_several(name: str) -> str:
    """What to do with the values and the places that a function of torch gives along an axis."""
    if name in ("max", "min"):
        return (
            f"torch.{name} goes along an axis: take `.values`, or torch.{name}imum for each entry"
        )
    return "torch gives several results here: take the one called values."


def _dtype(value: Any) -> torch.dtype:
    dtype: torch.dtype = value.dtype if isinstance(value, Tensor) else value
    return dtype


def _of_dtype(got: torch.dtype, wanted: torch.dtype) -> Mistake:
    if not wanted.is_floating_point:
        return Mistake("other-dtype")
    if not got.is_floating_point:
        text = "Whole numbers have no fractions: give a new tensor `dtype=x.dtype`."
        return Mistake("integer-dtype", text)
    if got.itemsize < wanted.itemsize:
        text = "A new tensor is float32 where nothing else is said: give it `dtype=x.dtype`."
        return Mistake("lower-precision", text if got == torch.float32 else "")
    return Mistake("other-dtype")


def _of_not_finite(got: Any) -> Mistake:
    got = torch.as_tensor(got)
    others = [x for x in tensors_in_sight() if x.ndim > 0 and x.data_ptr() != got.data_ptr()]
    text = ""
    if got.isnan().any():
        if not any(tensor.isnan().any() for tensor in others):  # else it came with the input
            text = "nan comes of 0 / 0, inf - inf or 0 * inf: which step makes an inf or a 0 here?"
    elif all(tensor.isfinite().all() for tensor in others):
        text = "inf comes of exp of a large number, of log(0), or of a division by 0."
    return Mistake("not-finite", text)


def _of_shape(got: Tensor, wanted: Any) -> Mistake | None:
    """Of another shape: what would give the right one, entries and all."""
    got = got.detach()
    wanted = torch.as_tensor(wanted, dtype=got.dtype).detach()
    if wanted.numel() > 1 and wanted.min() == wanted.max():  # it is right in any order
        return None
    if got.ndim == 2 and _fits(got.T, wanted):
        return Mistake("transposed", "Its transpose would be right.")
    if got.numel() == wanted.numel() and _fits(got.reshape(wanted.shape), wanted):
        text = "The numbers are right, in another shape"
        return Mistake("wrong-shape", f"{text}: is there an axis too many, or too few?")
    return _of_reduced("sum", torch.sum, got, wanted) or _of_reduced(
        "mean", torch.mean, got, wanted
    )


def _of_reduced(
    name: str, reduce: Callable[..., Tensor], got: Tensor, wanted: Tensor
) -> Mistake | None:
    """That a sum or a mean was left out."""
    for axis in range(got.ndim):
        if _fits(reduce(got, axis), wanted):
            return Mistake("wrong-shape", f"Its {name} over axis {axis} would be right.")
    if _fits(reduce(got), wanted):
        return Mistake("wrong-shape", f"The {name} of its entries would be right.")
    return None


def _fits(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors are of one shape and equal up to rounding."""
    if a.shape != b.shape or b.numel() == 0:
        return False
    return are_equal(a.double(), b.double(), PRECISE if b.dtype == torch.float64 else COARSE)


def _of_value(got: Any, wanted: Any) -> Mistake | None:
    return of_plain(got, wanted) or of_numbers(got, wanted)
