"""Python source as a syntax tree, safe where several threads read submissions at a time."""

import ast
import functools
import re
import symtable
import threading

# Python 3.11, and 3.12 at first, keep the depth of the tree they build in one place for all
# threads: two that parse at a time raise SystemError (python/cpython#106905)
_ONE_AT_A_TIME = threading.Lock()
# the parser brings names into a normal form, in a time that grows with the square of the accents
# that follow one another
LONG_RUN = re.compile(r"[^\x00-\x7f]{1000}")


def parse(source: str) -> ast.Module:
    """The syntax tree of a source.

    Raises:
        SyntaxError: if it is not Python; for some sources ValueError, RecursionError, MemoryError.
    """
    if LONG_RUN.search(source):
        raise SyntaxError("it has a run of characters that are none of ASCII, too long to be read")
    with _ONE_AT_A_TIME:
        return ast.parse(source)


@functools.lru_cache(2000)
def parse_cell(source: str) -> ast.Module:
    r"""The syntax tree of a notebook's cell, in which a line may be a magic, `!command` or `name?`.

    Raises:
        SyntaxError: if the shell could not read it either.

    Example:
        >>> len(parse_cell("%matplotlib inline\nx = 1").body)
        2
    """
    try:
        return parse(source)
    except (SyntaxError, ValueError):
        # slow to load, and most cells are plain Python
        from IPython.core.inputtransformer2 import TransformerManager

        return parse(TransformerManager().transform_cell(source))


def scopes(source: str) -> symtable.SymbolTable:
    """The names of a cell by scope.

    Raises:
        SyntaxError: if the shell could not read it.
    """
    text = ast.unparse(parse_cell(source))
    with _ONE_AT_A_TIME:
        return symtable.symtable(text, "<cell>", "exec")
