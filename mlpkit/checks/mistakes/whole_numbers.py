"""Whole numbers, flags and names of types that are wrong."""

from typing import Any

from .kinds import Mistake, part, times

LARGEST = 2**1023  # what a float holds
LARGE = 10**6  # a whole number from which on a whole multiple is no matter of chance
MOST_TIMES = 16
TYPE_NAMES = {"bool", "float", "int", "list", "str", "tuple", "dict", "Tensor", "NoneType"}


def of_plain(got: Any, wanted: Any) -> Mistake | None:
    """What whole numbers, flags and names of types show."""
    if isinstance(got, bool) and isinstance(wanted, bool):
        return Mistake("opposite")
    if isinstance(got, str) and isinstance(wanted, str) and {got, wanted} <= TYPE_NAMES:
        return Mistake("wrong-type")
    if is_whole(got) and is_whole(wanted):
        return _of_whole(got, wanted)
    if _are_whole(got) and _are_whole(wanted) and len(got) == len(wanted):
        return _off_by_one(list(got), list(wanted))
    return None


def is_whole(value: Any) -> bool:
    """Whether something is a whole number of Python's, and no flag."""
    return isinstance(value, int) and not isinstance(value, bool)


def _are_whole(values: Any) -> bool:
    return isinstance(values, list | tuple) and all(map(is_whole, values))


def _of_whole(got: int, wanted: int) -> Mistake | None:
    if abs(wanted) < LARGE:
        return _off_by_one([got], [wanted])
    if abs(wanted) < LARGEST and got == int(float(wanted)):
        text = "A float holds 16 digits of it: compute with whole numbers, and divide by `//`."
        return Mistake("imprecise", text)
    multiple, rest = divmod(got, wanted)
    if not rest and 1 < multiple <= MOST_TIMES:
        return Mistake("factor", f"It is exactly {times(multiple)} what was expected.")
    parts, rest = divmod(wanted, got) if got else (0, 0)
    if not rest and 1 < parts <= MOST_TIMES:
        return Mistake("factor", f"It is exactly {part(parts)} what was expected.")
    return None


def _off_by_one(got: list[int], wanted: list[int]) -> Mistake | None:
    """One too large or too small, wherever they differ."""
    differences = {a - b for a, b in zip(got, wanted, strict=True)} - {0}
    if differences not in ({1}, {-1}):
        return None
    size = "large" if 1 in differences else "small"
    which = "It is" if len(wanted) == 1 else "What is wrong is"
    text = f"{which} 1 too {size}: is something counted twice or left out, or from 1 on?"
    return Mistake("off-by-one", text)
