"""What running a cell does to the names of a notebook, as far as its text shows.

Where a cell does nothing but define new names, the tests before it see no difference; `schedule.py`
says what comes of that. What is not known to be inert counts as more: that costs a fork at most.
"""

import ast
import builtins
import functools
import re
from collections.abc import Iterable
from typing import NamedTuple

from mlpgrader.assignment.syntax import parse

# parts of an expression that runs no code of its own
INERT_NODES = (
    ast.Constant,
    ast.Name,
    ast.Attribute,
    ast.UnaryOp,
    ast.unaryop,
    ast.Tuple,
    ast.List,
    ast.expr_context,
    ast.arguments,
    ast.arg,
)
# the same in a type hint: `list[int] | None`
TYPE_HINT_NODES = (
    *INERT_NODES,
    ast.Subscript,
    ast.BinOp,
    ast.BitOr,
)
# what `mlpkit.checks` says to the person at a notebook alone: a test sees nothing of it
PERSONAL = ("progress", "register")
# packages that are loaded before any cell runs, as far as a cell may import them; to import a part
# of another package may change what that package shows
LOADED_PACKAGES = {
    "cmath",
    "collections",
    "functools",
    "itertools",
    "math",
    "mlpkit",
    "numpy",
    "operator",
    "random",
    "torch",
    "typing",
}
# code that uses one of these may read any name
DYNAMIC_NAMES = {
    "__annotations__",
    "__import__",
    "dir",
    "eval",
    "exec",
    "globals",
    "locals",
    "vars",
}
MOST_CHARACTERS = 20_000  # of a cell that is looked at: a parser's time is not in proportion
MOST_KEPT = 4000  # of a cell that is remembered from one submission to the next
WORD = re.compile(r"[^\W\d]\w*")


class Effects(NamedTuple):
    """What running a cell does to the names of a notebook.

    Attributes:
        uses: names that it reads, binds or deletes.
        binds: names that it binds at top level, with the import that they come from, if any.
        defines_only: whether it does nothing else, and shows nothing.
    """

    uses: frozenset[str]
    binds: dict[str, str | None]
    defines_only: bool


ANYTHING = Effects(frozenset(DYNAMIC_NAMES), {}, False)


def effects(source: str) -> Effects:
    r"""What running a cell does to the names of a notebook.

    Of a text that is not Python, such as one with a magic, every word is a name that it uses; one
    that is too long to be looked at may do anything.

    Example:
        >>> effects("import math\ndef f(x): return g(x)").binds
        {'math': ' math', 'f': None}
        >>> effects("f = g(1)").defines_only
        False
    """
    if len(source) >= MOST_CHARACTERS:
        return ANYTHING
    return _remembered(source) if len(source) < MOST_KEPT else _effects(source)


@functools.lru_cache(1000)
def _remembered(source: str) -> Effects:
    return _effects(source)


def _effects(source: str) -> Effects:
    try:
        statements = parse(source).body
        uses = _names_in(statements)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Effects(frozenset(WORD.findall(source)), {}, False)
    binds: dict[str, str | None] = {}
    for statement in statements:
        binds |= _bound_by(statement)
    texts = (statement for statement in statements if isinstance(statement, ast.Expr))
    shows = not all(_is_personal(text.value) for text in texts)
    defines_only = not shows and all(map(_only_defines, statements))
    return Effects(uses.union(binds), binds, defines_only)


def _names_in(statements: list[ast.stmt]) -> frozenset[str]:
    nodes = (node for statement in statements for node in ast.walk(statement))
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name))


def _bound_by(statement: ast.stmt) -> dict[str, str | None]:
    """The names that a statement binds or deletes itself, with the import that they come from."""
    match statement:
        case ast.Import():
            return {_name_of(alias): f" {alias.name}" for alias in statement.names}
        case ast.ImportFrom(module=module):
            return {_name_of(alias): f"{module} {alias.name}" for alias in statement.names}
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {statement.name: None}
        case ast.Assign() | ast.Delete():
            return _plain_names(statement.targets)
        case ast.AnnAssign() | ast.AugAssign() | ast.For() | ast.AsyncFor():
            return _plain_names([statement.target])
        case ast.Try(body=[ast.stmt() as attempt]):
            return _bound_by(attempt)
    return {}


def _name_of(alias: ast.alias) -> str:
    """The name that an import binds: the first one of a path, if no other is given."""
    return alias.asname or alias.name.partition(".")[0]


def _plain_names(targets: list[ast.expr]) -> dict[str, str | None]:
    return {target.id: None for target in targets if isinstance(target, ast.Name)}


# --- which statements only define ----------------------------------------------------------


def _only_defines(statement: ast.stmt) -> bool:
    """Whether a statement does nothing but define; what is not listed may do more."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return _is_inert_function(statement)
        case ast.ClassDef():
            return _is_inert_class(statement)
        case ast.Import():
            return all(_is_loaded(alias.name) for alias in statement.names)
        case ast.ImportFrom():
            return _is_inert_import(statement)
        case ast.Assign():
            return _is_inert_assignment(statement)
        case ast.Pass():
            return True
        case ast.Expr(value=ast.Constant()):  # a docstring, here only within a class
            return True
        case ast.Expr(value=value):
            return _is_personal(value)
        case ast.Try(body=[attempt], orelse=[], finalbody=[]):
            return _is_inert_attempt(attempt, statement.handlers)
    return False


def _is_inert_function(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Rule: no decorator, and neither defaults nor type hints run code. Its body does not run."""
    if function.decorator_list:
        return False
    parameters = [node for node in ast.walk(function.args) if isinstance(node, ast.arg)]
    defaults = [*function.args.defaults, *function.args.kw_defaults]
    hints = [*(parameter.annotation for parameter in parameters), function.returns]
    return _are_inert(defaults) and _are_inert(hints, TYPE_HINT_NODES)


def _is_inert_class(definition: ast.ClassDef) -> bool:
    """Rule: no decorator, no keyword, bases of the form `nn.Module`, and its body only defines.

    A base that is a plain name may be the student's own, and run code when a class is made of it.
    """
    if definition.decorator_list or definition.keywords:
        return False
    if not all(isinstance(base, ast.Attribute) for base in definition.bases):
        return False
    return _are_inert(definition.bases) and all(map(_only_defines, definition.body))


def _is_inert_import(statement: ast.ImportFrom) -> bool:
    """Rule: from a package that is loaded already, and by name."""
    imports_all = any(alias.name == "*" for alias in statement.names)
    return not imports_all and _is_loaded(statement.module or "")


def _is_inert_attempt(attempt: ast.stmt, handlers: list[ast.ExceptHandler]) -> bool:
    """Rule: an inert import alone, and where it fails, words of its own for that."""
    is_import = isinstance(attempt, ast.Import | ast.ImportFrom)
    otherwise = [statement for handler in handlers for statement in handler.body]
    return is_import and all(map(_raises_words, otherwise)) and _only_defines(attempt)


def _raises_words(statement: ast.stmt) -> bool:
    """Rule: what came is raised again, or one of Python's own exceptions with constants."""
    match statement:
        case ast.Raise(exc=None):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name), args=words, keywords=[])):
            return hasattr(builtins, name) and name.endswith("Error") and _are_inert(words)
    return False


def _is_personal(value: ast.expr) -> bool:
    """Rule: `checks.progress()` and its like, of constants; it shows nothing where it is graded."""
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="checks"), attr=name)):
            given = [*value.args, *(keyword.value for keyword in value.keywords)]
            return name in PERSONAL and _are_inert(given, (*INERT_NODES, ast.Dict))
    return False


def _is_loaded(module: str) -> bool:
    return module.split(".")[0] in LOADED_PACKAGES


def _is_inert_assignment(statement: ast.Assign) -> bool:
    """Rule: to plain names, of names and constants, or of a `lambda` whose defaults are such."""
    if not all(isinstance(target, ast.Name) for target in statement.targets):
        return False
    if isinstance(statement.value, ast.Lambda):
        return _are_inert([statement.value.args])
    return _are_inert([statement.value])


def _are_inert(
    parts: Iterable[ast.AST | None], kinds: tuple[type[ast.AST], ...] = INERT_NODES
) -> bool:
    """Whether all that these parts consist of is of some kinds; None has no part."""
    nodes = (node for part in parts if part is not None for node in ast.walk(part))
    return all(isinstance(node, kinds) for node in nodes)
