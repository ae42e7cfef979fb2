"""Name the kind of a mistake where the answer shows it: never one that the answer leaves open.

All this runs after a difference was found, so it costs a right answer nothing. A kind is named only
if it explains every entry to rounding, if no other kind does, and if the numbers are such that
chance is no explanation: a single 2 in place of a 1 is no *factor of 2*.

`answers.py` begins with how an answer differs, and hands on to `tensors.py` and `whole_numbers.py`;
`errors.py` begins with an error.
"""

from .answers import name_mistake
from .errors import explain, name_error
from .kinds import Kind, Mistake
from .sight import sizes_in_sight, something_was_printed, watched_prints

__all__ = [
    "Kind",
    "Mistake",
    "explain",
    "name_error",
    "name_mistake",
    "sizes_in_sight",
    "something_was_printed",
    "watched_prints",
]
