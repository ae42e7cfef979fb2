"""What the test cells of the exercises call: say what was expected and what came.

The visible part of a test cell calls an ``expect_…`` function, which raises a
:class:`CheckError` that teaches. The hidden part writes ``assert checks.is_close(…)``, whose
message names the property alone. The function under test may be an ordinary one or a stand-in
for one that runs in another process. A stand-in brings its own ``value_and_grad``,
``changed_argument``, ``keeps_generator`` and ``keeps_grad_mode``, and those are used.

Each refusal also has a ``Reason``, one word that a program can count. A
:class:`CheckError` carries it. A plain ``assert`` has no room for it, so where ``is_close`` and
its like answer False, :func:`last_difference` tells the reason and the line that asked. A
:class:`CheckError` also names the ``Kind`` of mistake where the answer shows it.
"""

from .calls import (
    by_hand,
    changed_argument,
    expect_keeps_arguments,
    expect_keeps_generator,
    expect_keeps_grad_mode,
    expect_parts,
    expect_raises,
    keeps_arguments,
    keeps_generator,
    keeps_grad_mode,
    value_and_grad,
)
from .compare import (
    CheckError,
    Difference,
    Noted,
    Reason,
    expect_close,
    expect_equal,
    expect_letter,
    forget_difference,
    is_close,
    is_equal,
    last_difference,
)
from .draw import expect_derivative, expect_gradient
from .exercise import check, example, hint, progress, register
from .mistakes import Kind

__all__ = [
    "CheckError",
    "Difference",
    "Kind",
    "Noted",
    "Reason",
    "by_hand",
    "changed_argument",
    "check",
    "example",
    "expect_close",
    "expect_derivative",
    "expect_equal",
    "expect_gradient",
    "expect_keeps_arguments",
    "expect_keeps_generator",
    "expect_keeps_grad_mode",
    "expect_letter",
    "expect_parts",
    "expect_raises",
    "forget_difference",
    "hint",
    "is_close",
    "is_equal",
    "keeps_arguments",
    "keeps_generator",
    "keeps_grad_mode",
    "last_difference",
    "progress",
    "register",
    "value_and_grad",
]
