"""The normal form of a cell's text: what is left when names, comments and layout do not count.

Two texts of one normal form do the same: they differ in what nobody runs, and in what their local
names are. So a wrong answer that is known is known again, and equal hand-ins are found. Texts that
do the same by other means, such as `x.tanh()` and `torch.tanh(x)`, keep different forms.
"""

import ast
import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mlpgrader.assignment.names import NOT_PYTHON, stored_names
from mlpgrader.assignment.syntax import parse, parse_cell

MOST_CHARACTERS = 20_000  # of a cell that has a form
# what names mean that a cell uses and does not bind
USUAL_NAMES = {"nn": "torch.nn", "F": "torch.nn.functional", "np": "numpy"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@functools.lru_cache(2000)
def normal_form(source: str, keep: frozenset[str] = frozenset()) -> str:
    r"""The text of a cell without docstrings, comments, annotations, and names that do not count.

    Names that the cell binds are numbered as they come, and imported ones are written in full.

    Args:
        source: the text of the cell.
        keep: names of its top level that count, such as that of the function it is to define.

    Returns:
        The form, which is no Python; "" of what is no Python itself, or too long.

    Examples:
        >>> normal_form("def f(a: float):\n    '''Add.'''\n    b = a + 1  # one\n    return b")
        'def $0($1):\n    $2 = $1 + 1\n    return $2'
        >>> normal_form("from math import exp as e\ny = e(1)", frozenset({"y"}))
        'y = math.exp(1)'
    """
    if len(source) > MOST_CHARACTERS:
        return ""
    try:
        return ast.unparse(_Renaming(keep).renamed(_own_tree(source)))
    except NOT_PYTHON:
        return ""


def _own_tree(source: str) -> ast.Module:
    """The tree of a cell, to be changed: that of `parse_cell` is kept for others."""
    try:
        return parse(source)
    except (SyntaxError, ValueError):  # perhaps a line for the shell
        return parse(ast.unparse(parse_cell(source)))


@dataclass
class _Scope:
    """The names that a function, a comprehension, a class or the cell binds.

    Attributes:
        names: what is written for each; "" until it comes.
        around: the scope that it is in.
        is_class: whether it is that of a class, whose names functions in it do not see.
    """

    names: dict[str, str] = field(default_factory=dict)
    around: "_Scope | None" = None
    is_class: bool = False

    def of(self, name: str) -> "_Scope | None":
        """The scope that binds a name used in this one; None if none does."""
        if name in self.names:
            return self
        around = self.around
        while around is not None and around.is_class:
            around = around.around
        return around.of(name) if around is not None else None


class _Renaming(ast.NodeTransformer):
    """Takes out of a tree what does not count."""

    def __init__(self, keep: frozenset[str]):
        self._keep = keep
        self._scope = _Scope()
        self._count = 0

    def renamed(self, tree: ast.Module) -> ast.Module:
        """The same tree, changed."""
        names = _bound(tree.body)
        self._scope = _Scope({name: name if name in self._keep else names[name] for name in names})
        tree.body = self._statements(tree.body)
        return tree

    def visit(self, node: ast.AST) -> Any:
        """Change a node; a block of which nothing is left becomes `pass`."""
        if isinstance(node, Comprehension):
            return self._change_comprehension(node)
        changed = super().visit(node)
        if getattr(changed, "body", None) == []:
            changed.body = [ast.Pass()]
        return changed

    # --- names -----------------------------------------------------------------------------

    def _written(self, name: str) -> str:
        scope = self._scope.of(name)
        if scope is None:
            return USUAL_NAMES.get(name, name)
        if not scope.names[name]:
            scope.names[name] = f"${self._count}"  # no name of Python's
            self._count += 1
        return scope.names[name]

    def _enter(self, names: dict[str, str], *, is_class: bool = False) -> None:
        self._scope = _Scope(names, self._scope, is_class)

    def _leave(self) -> None:
        if self._scope.around is not None:
            self._scope = self._scope.around

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """Rename a variable."""
        node.id = self._written(node.id)
        return node

    def visit_Global(self, node: ast.Global) -> ast.Global:
        """Rename what is declared."""
        node.names = [*map(self._written, node.names)]
        return node

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.Nonlocal:
        """Rename what is declared."""
        node.names = [*map(self._written, node.names)]
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Rename a parameter."""
        node.arg = self._written(node.arg)
        node.annotation = None
        return node

    # --- scopes ----------------------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Rename a function and what is in it."""
        self._change_function(node)
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        """Rename a function and what is in it."""
        self._change_function(node)
        return node

    def _change_function(self, node: Function) -> None:
        node.decorator_list = self._expressions(node.decorator_list)
        node.returns = None
        node.name = self._written(node.name)
        self._change_defaults(node.args)
        self._enter(_bound(node.body) | _parameters(node.args))
        self._change_parameters(node.args)
        node.body = self._statements(node.body)
        self._leave()

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        """Rename what is in a lambda."""
        self._change_defaults(node.args)
        self._enter(_parameters(node.args))
        self._change_parameters(node.args)
        node.body = self.visit(node.body)
        self._leave()
        return node

    def _change_defaults(self, args: ast.arguments) -> None:
        """Change what is worked out outside the function."""
        args.defaults = self._expressions(args.defaults)
        args.kw_defaults = [default and self.visit(default) for default in args.kw_defaults]

    def _change_parameters(self, args: ast.arguments) -> None:
        for arg in _arguments(args):
            self.visit(arg)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        """Rename a class; its methods and attributes keep their names."""
        node.decorator_list = self._expressions(node.decorator_list)
        node.bases = self._expressions(node.bases)
        for keyword in node.keywords:
            self.visit(keyword)
        node.name = self._written(node.name)
        self._enter({name: name for name in _bound(node.body)}, is_class=True)
        node.body = self._statements(node.body)
        self._leave()
        return node

    def _change_comprehension(self, node: Comprehension) -> Comprehension:
        first = node.generators[0]
        first.iter = self.visit(first.iter)  # it is worked out outside
        targets = (generator.target for generator in node.generators)
        self._enter({name: "" for target in targets for name in stored_names(target)})
        for generator in node.generators:
            generator.target = self.visit(generator.target)
            if generator is not first:
                generator.iter = self.visit(generator.iter)
            generator.ifs = self._expressions(generator.ifs)
        if isinstance(node, ast.DictComp):
            node.key = self.visit(node.key)
            node.value = self.visit(node.value)
        else:
            node.elt = self.visit(node.elt)
        self._leave()
        return node

    # --- what does not count ---------------------------------------------------------------

    def _statements(self, body: list[ast.stmt]) -> list[ast.stmt]:
        changed = [self.visit(statement) for statement in body if not _is_read_import(statement)]
        return [statement for statement in changed if statement is not None]

    def _expressions(self, nodes: list[ast.expr]) -> list[ast.expr]:
        return [self.visit(node) for node in nodes]

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        """Leave out docstrings and other constants."""
        if isinstance(node.value, ast.Constant):
            return None
        node.value = self.visit(node.value)
        return node

    def visit_Pass(self, node: ast.Pass) -> None:
        """Leave it out."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | None:
        """Leave out the annotation, but for one of a class, as of a dataclass."""
        if self._scope.is_class:
            return node
        if node.value is None:
            return None
        value = self.visit(node.value)
        return ast.copy_location(ast.Assign([self.visit(node.target)], value), node)


def _bound(body: Iterable[ast.stmt]) -> dict[str, str]:
    """The names that a block binds: what is written for imported ones, "" for the others.

    Raises:
        ValueError: if it imports a name and binds it in another way, too.
    """
    imported: dict[str, str] = {}
    stored: set[str] = set()
    for statement in body:
        if _is_read_import(statement):
            imported |= _imported(statement)
        else:
            stored |= stored_names(statement)
    if stored & imported.keys():
        raise ValueError("a name means two things")
    return dict.fromkeys(sorted(stored), "") | imported


def _is_read_import(statement: ast.stmt) -> bool:
    """Whether a statement is an import whose names can be written in full."""
    match statement:
        case ast.Import():
            return True
        case ast.ImportFrom(level=0, names=names):
            return all(alias.name != "*" for alias in names)
    return False


def _imported(statement: ast.stmt) -> dict[str, str]:
    """The names that an import binds, and what they mean."""
    match statement:
        case ast.Import(names=names):
            return dict(map(_of_module, names))
        case ast.ImportFrom(module=module, names=names):
            return {alias.asname or alias.name: f"{module}.{alias.name}" for alias in names}
    return {}


def _of_module(alias: ast.alias) -> tuple[str, str]:
    if alias.asname:
        return alias.asname, alias.name
    package = alias.name.partition(".")[0]
    return package, package


def _arguments(args: ast.arguments) -> list[ast.arg]:
    several = [args.vararg, args.kwarg]
    plain = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return plain + [arg for arg in several if arg is not None]


def _parameters(args: ast.arguments) -> dict[str, str]:
    return {arg.arg: "" for arg in _arguments(args)}
