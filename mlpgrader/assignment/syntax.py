"""Python source as a syntax tree, safe where several threads read submissions at a time."""

import ast
import threading

# Python 3.11, and 3.12 at first, keep the depth of the tree they build in one place for all
# threads: two that parse at a time raise SystemError (python/cpython#106905)
_ONE_AT_A_TIME = threading.Lock()


def parse(source: str) -> ast.Module:
    """The syntax tree of a source.

    Raises:
        SyntaxError: if it is not Python; for some sources ValueError, RecursionError, MemoryError.
    """
    with _ONE_AT_A_TIME:
        return ast.parse(source)
