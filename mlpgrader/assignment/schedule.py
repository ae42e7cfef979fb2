"""What is to be done for one submission: its cells in order, and which process serves which tests.

Theory of operation. A test wants the state right after the cell that it tests, so a process has to
stay behind in that state, by a fork, while the cells after it run. A fork costs more than a test.
But where the cells that follow do nothing but define new names, the state after them differs from
the state before in nothing that the tests can tell, and one process serves the tests of them all.
So a fork comes only before a cell that may do more: run code of its own, or bind a name again that
a cell or a test before it uses.

This is a matter of cost alone. A test that fails where another function's tests have left something
behind is run again in a process of its own (`checker.py`), so nobody fails for another function.
"""

import ast
import functools
import re
from typing import NamedTuple

from mlpgrader.assignment.plan import Plan, written
from mlpgrader.inside.messages import Step

STILL = (ast.Constant, ast.Name, ast.Attribute, ast.UnaryOp, ast.unaryop, ast.Tuple, ast.List)
STILL += (ast.expr_context, ast.arguments, ast.arg)
HINTS = (*STILL, ast.Subscript, ast.BinOp, ast.BitOr)  # of types
# importing a part of another package may change what that package shows
LOADED = {"math", "cmath", "torch", "numpy", "random", "typing", "itertools", "functools"}
LOADED |= {"collections", "operator", "mlpkit"}
DYNAMIC = {"globals", "locals", "vars", "dir", "eval", "exec", "__annotations__", "__import__"}
MOST_TEXT = 100_000
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


class Effects(NamedTuple):
    """The names that a cell uses and binds, the latter with their import, if they are one."""

    uses: frozenset[str]
    binds: dict[str, str | None]
    defines_only: bool


def job_of(plan: Plan, text: str) -> tuple[list[Step], list[int]]:
    """What a checker needs of one submission: its steps, and the number of each test's fork.

    A step is a kind (`define` for a cell that does nothing else, `cell`, `fork`), the key of a
    cell (of a fork, of the one to blame if it fails) and the cell's text.

    Raises:
        UnreadableError: if the text is no notebook.
    """
    todo, points, given, forks = [], [], [], 0
    active = ""  # the last cell that did more than define
    uses, imports = set(), {}  # of the cells so far
    for kind, key, source in steps(plan, written(plan, text)):
        does = effects(source)
        if kind == "test":
            # a cell that the student added behind a given one may have put another in its place
            todo += given if todo[-1:] != given else ()
            points.append(forks)
        else:
            more = not does.defines_only or _binds_again(does.binds, uses, imports)
            if points[-1:] == [forks] and more:
                todo.append(("fork", active, ""))
                forks += 1
            todo.append(("define" if does.defines_only else "cell", key, source))
            given = todo[-1:] if kind == "given" else given if kind == "added" else []
            active = active if does.defines_only else key
            imports |= does.binds if does.defines_only else dict.fromkeys(does.uses)
        uses |= does.uses
    todo += [("fork", active, "")] if points[-1:] == [forks] else []
    return [Step(*step) for step in todo], points


def _binds_again(binds: dict, uses: set[str], imports: dict) -> bool:
    """Whether a name in use is given another meaning; to import the same once more gives none."""
    if uses & DYNAMIC:  # then any name may be in use
        return bool(binds)
    old = [name for name, what in binds.items() if what is not None and imports.get(name) == what]
    return bool((binds.keys() & uses).difference(old))


def steps(plan: Plan, cells: list) -> list[tuple[str, str, str]]:
    """The cells to run for a submission, in order: (kind, key, text).

    The kinds are `setup` (run in both processes), `given` and `test`, with text of the plan, and
    `solution` and `added`, with text of the student.

    Args:
        plan: the plan.
        cells: what `plan.written` gives.
    """
    texts = {cell.grade_id: cell.text for cell in cells if cell.grade_id}
    after: dict[str, list] = {}
    place = ""
    for cell in cells:
        place = cell.grade_id or place
        if cell.grade_id is None and cell.cell_type == "code" and cell.text.strip():
            after.setdefault(place, []).append(("added", cell.key, cell.text))
    todo = after.get("", [])
    for cell in plan.cells:
        text = texts.get(cell.grade_id, "") if cell.kind == "solution" else cell.source
        todo += [(cell.kind, cell.grade_id, text), *after.get(cell.grade_id, [])]
    return todo


@functools.lru_cache(10_000)
def effects(source: str) -> Effects:
    r"""What running a cell does to the names of a notebook.

    Example:
        >>> effects("import math\ndef f(x): return g(x)").binds
        {'math': ' math', 'f': None}
        >>> effects("f = g(1)").defines_only
        False
    """
    try:
        nodes = ast.parse(source).body if len(source) < MOST_TEXT else ast.parse("?").body
        uses = {each.id for node in nodes for each in ast.walk(node) if isinstance(each, ast.Name)}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Effects(frozenset(re.findall(r"[^\W\d]\w*", source)), {}, False)
    binds: dict[str, str | None] = {}
    for node in nodes:
        binds |= _bound(node)
    shows = any(isinstance(node, ast.Expr) for node in nodes)
    defines_only = not shows and all(map(_defines, nodes))
    return Effects(frozenset(uses | binds.keys()), binds, defines_only)


def _bound(node: ast.stmt) -> dict[str, str | None]:
    """The names that a definition binds, with what an import imports."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        place = getattr(node, "module", "")
        return {a.asname or a.name.partition(".")[0]: f"{place} {a.name}" for a in node.names}
    if isinstance(node, FUNCTIONS | ast.ClassDef):
        return {node.name: None}
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    return {target.id: None for target in targets if isinstance(target, ast.Name)}


def _defines(node: ast.stmt) -> bool:
    """Whether a statement does nothing but define: its parts are names and constants."""
    if isinstance(node, FUNCTIONS):
        given = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        hints = [arg.annotation for arg in ast.walk(node.args) if isinstance(arg, ast.arg)]
        still = _are_still(given) and _are_still([*hints, node.returns], HINTS)
        return still and not node.decorator_list
    if isinstance(node, ast.ClassDef):
        # a base of the student's own may run code when a class is made of it
        bases = all(isinstance(base, ast.Attribute) for base in node.bases)
        bare = bases and _are_still(node.bases) and not (node.decorator_list or node.keywords)
        return bare and all(map(_defines, node.body))
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = [alias.name for alias in node.names]
        places = names if isinstance(node, ast.Import) else [node.module or ""]
        return "*" not in names and all(place.split(".")[0] in LOADED for place in places)
    if isinstance(node, ast.Assign):
        value = node.value.args if isinstance(node.value, ast.Lambda) else node.value
        return all(isinstance(each, ast.Name) for each in node.targets) and _are_still([value])
    return isinstance(node, ast.Pass) or _is_docstring(node)


def _are_still(parts: list[ast.AST | None], kinds: tuple = STILL) -> bool:
    return all(isinstance(each, kinds) for part in parts if part for each in ast.walk(part))


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
