"""The names that a cell binds and uses, and the modules that it imports, read from its text."""

import ast
import functools
from typing import Literal

from mlpgrader.assignment.syntax import parse_cell, scopes

NameKind = Literal["function", "value"]
NOT_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)


def statements(source: str) -> list[ast.stmt]:
    """The top-level statements of a cell; none where it is not Python, as a stub need not be."""
    try:
        return parse_cell(source).body
    except NOT_PYTHON:
        return []


def defined_names(source: str) -> dict[str, NameKind]:
    r"""The names a cell defines by a top-level `def`, `class` or assignment, not by an import.

    Example:
        >>> defined_names("import math\ndef f(x): return x\na, b = 1, 2")
        {'f': 'function', 'a': 'value', 'b': 'value'}
    """
    names: dict[str, NameKind] = {}
    for statement in statements(source):
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names[statement.name] = "function"
            case ast.Assign():
                for target in statement.targets:
                    names |= _assigned_names(target)
            case ast.AnnAssign() | ast.AugAssign():
                names |= _assigned_names(statement.target)
    return names


def _assigned_names(target: ast.expr) -> dict[str, NameKind]:
    """The names that an assignment to a target binds: not `x` of `x.y = 1` or `x[0] = 1`."""
    names: dict[str, NameKind] = {}
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names[node.id] = "value"
    return names


def imported_modules(source: str) -> set[str]:
    r"""The modules that a cell imports at top level.

    Example:
        >>> sorted(imported_modules("import math, torch.fx\nfrom torch import nn"))
        ['math', 'torch', 'torch.fx']
    """
    modules: set[str] = set()
    for statement in statements(source):
        match statement:
            case ast.Import():
                modules.update(alias.name for alias in statement.names)
            case ast.ImportFrom(module=str(module), level=0):
                modules.add(module)
    return modules


def imported_names(source: str) -> set[str]:
    r"""The names that a cell binds by an import at top level.

    Example:
        >>> sorted(imported_names("import torch.fx\nfrom math import sqrt as root"))
        ['root', 'torch']
    """
    names = set()
    for statement in statements(source):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                names.add(alias.asname or alias.name.partition(".")[0])
    return names


def only_imports(source: str) -> bool:
    r"""Whether a cell imports and does nothing else.

    Example:
        >>> only_imports('"helpers"\nimport math'), only_imports("import math\nx = 1")
        (True, False)
    """
    body = [part for part in statements(source) if not _is_text(part)]
    return bool(body) and all(isinstance(part, ast.Import | ast.ImportFrom) for part in body)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


@functools.lru_cache(2000)
def bound_names(source: str) -> frozenset[str]:
    r"""Every name that the top level of a cell binds, a loop's, a `with`'s and an import's too.

    Example:
        >>> sorted(bound_names("for i in range(3):\n    total = i\nimport math"))
        ['i', 'math', 'total']
    """
    names = set(defined_names(source)) | imported_names(source)
    for statement in statements(source):
        names |= stored_names(statement)
    return frozenset(names)


def stored_names(part: ast.AST) -> set[str]:
    """The names that a statement stores, those inside functions and classes left out."""
    names: set[str] = set()
    to_visit: list[ast.AST] = [part]
    while to_visit:
        node = to_visit.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif not isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.GeneratorExp):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            to_visit += ast.iter_child_nodes(node)
    return names


@functools.lru_cache(2000)
def used_names(source: str) -> frozenset[str]:
    r"""Every name of the notebook that a cell reads, its functions included.

    Example:
        >>> sorted(used_names("def f(x):\n    return x + shift\ny = g(2)"))
        ['g', 'shift']
    """
    try:
        table = scopes(source)
    except NOT_PYTHON:
        return frozenset()
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    to_visit = table.get_children()
    while to_visit:
        scope = to_visit.pop()
        symbols = scope.get_symbols()
        names |= {symbol.get_name() for symbol in symbols if symbol.is_global()}
        to_visit += scope.get_children()
    return frozenset(names)
