"""Mutants of a solution: its text with one thing changed, as people get it wrong in tensor code.

A test that lets a mutant pass either has a hole or the mutant is the same function in other words.
Here the texts are made, of the syntax tree alone; nothing runs. `runner/mutants.py` judges them.

A mutant is told by what a person sees of it: the line with the change in it, before and after, as
`ast.unparse` writes it. So it keeps its name when lines move, and when quotes or spaces change.
"""

import ast
import contextlib
import functools
import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from mlpgrader.assignment.syntax import parse

# one operator for another
OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitXor: (ast.BitOr,),
}
ORDERED = (ast.MatMult, ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)  # a ∘ b is not b ∘ a
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
# names of functions, methods, dtypes and options that are taken for one another
KINDRED = (
    ("sum", "mean"),
    ("sum", "prod"),
    ("mean", "median"),
    ("max", "min"),
    ("amax", "amin"),
    ("argmax", "argmin"),
    ("maximum", "minimum"),
    ("fmax", "fmin"),
    ("any", "all"),
    ("var", "std"),
    ("exp", "expm1"),
    ("log", "log1p"),
    ("log", "log2"),
    ("log", "log10"),
    ("sqrt", "square"),
    ("sin", "cos"),
    ("tanh", "sigmoid"),
    ("softmax", "log_softmax"),
    ("floor", "ceil"),
    ("cumsum", "cumprod"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("new_zeros", "new_ones"),
    ("rand", "randn"),
    ("svdvals", "eigvalsh"),
    ("append", "extend"),
    ("float32", "float64"),
    ("float", "double"),
    ("int32", "int64"),
    ("pi", "e"),
    ("normal", "uniform"),
)
CHOICES = {"where", "maximum", "minimum", "max", "min"}  # functions that give one of two
SYMMETRIC = {"maximum", "minimum", "max", "min", "fmax", "fmin", "add", "mul", "equal", "gcd"}
UNTOUCHED_FIELDS = {"annotation", "returns", "type_comment", "type_params", "ops", "op", "ctx"}
UNTOUCHED_KEYWORDS = {"strict"}  # of zip: right input passes with it and without
FAR_FROM_ONE = 1e4  # beyond it, or below its inverse, a number is a bound or a tolerance


class Mutant(NamedTuple):
    """One change in a text.

    Attributes:
        line: its number in the text, from 1.
        scope: the function or method it is in, such as `Value.backward`.
        before: the statement that changes, without what is indented below it.
        after: the statement changed; nothing if it is left out.
        source: the whole text after the change, without comments.
    """

    line: int
    scope: str
    before: str
    after: str
    source: str


def mutants_of(source: str) -> list[Mutant]:
    """All mutants of a text, in the order of their lines: none twice, none that is no Python.

    Raises:
        SyntaxError: if the text is not Python.

    Example:
        >>> for mutant in mutants_of("def half(x): return x / 2"):
        ...     print(mutant.after)
        <BLANKLINE>
        return x * 2
        return x // 2
        return 2 / x
        return x
        return 2
        return x / 3
        return x / 1
    """
    tree = parse(source)
    seen = {ast.unparse(tree)}
    mutants = []
    for spot in _spots(tree, None, _Scope()):
        before = statement_text(spot.statement)
        for change in _changes_at(spot):
            with spot.changed(change) as statement:
                text = ast.unparse(ast.fix_missing_locations(tree))
                after = statement_text(statement)
            if text not in seen and _is_python(text):
                seen.add(text)
                mutants.append(Mutant(spot.line, spot.scope.name, before, after, text))
    return sorted(mutants, key=lambda mutant: mutant.line)


def statement_text(statement: ast.AST) -> str:
    """A statement as `ast.unparse` writes it, without what is indented below it.

    Example:
        >>> statement_text(ast.parse("while  x : x -= 1").body[0])
        'while x:'
    """
    if isinstance(statement, ast.Pass):
        return ""
    if hasattr(statement, "body") and isinstance(statement.body, list):
        shell = type(statement)(**{**vars(statement), "body": [ast.Pass()]})
        for field in ("orelse", "handlers", "finalbody"):
            if hasattr(shell, field):
                setattr(shell, field, [])
        return ast.unparse(shell).removesuffix("pass").rstrip()
    return ast.unparse(statement)


def normalized(statement: str) -> str:
    """The text of a statement as a mutant has it, however it was written.

    Raises:
        ValueError: if it is not Python.

    Example:
        >>> normalized("if (x>0) :"), normalized("y = f( 'a')")
        ('if x > 0:', "y = f('a')")
    """
    text = statement.strip()
    if not text:
        return ""
    if text == "try:":
        text = "try: pass\nfinally:"  # which it lacks to be a statement
    try:
        [node] = parse(f"{text} pass" if text.endswith(":") else text).body
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"{statement!r} is not a statement") from error
    return statement_text(node)


def _is_python(text: str) -> bool:
    try:
        compile(text, "<mutant>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


# --- where a change can be made ------------------------------------------------------------


@dataclass(frozen=True)
class _Scope:
    """The function that a spot is in.

    Attributes:
        name: its name, after those of what it is in.
        bound: the names that it and the functions around it bind, with the line of the first time.
    """

    name: str = ""
    bound: tuple[tuple[str, int], ...] = ()

    def inside(self, node: ast.AST) -> "_Scope":
        """The scope of what is below a node."""
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return self
        name = f"{self.name}.{node.name}" if self.name else node.name
        if isinstance(node, ast.ClassDef):
            return _Scope(name, self.bound)
        return _Scope(name, (*self.bound, *_bound_in(node)))

    def names_before(self, line: int) -> list[str]:
        """The names that are bound before a line, each once."""
        return [*dict.fromkeys(name for name, first in self.bound if first < line)]

    def binds(self, name: str) -> bool:
        """Whether a name is one of these."""
        return any(name == other for other, _ in self.bound)


def _bound_in(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[tuple[str, int]]:
    """The parameters of a function, then its other names, in the order of their lines."""
    nodes = [*ast.walk(function)]
    arguments = [(node.arg, node.lineno) for node in nodes if isinstance(node, ast.arg)]
    names = [
        (node.id, node.lineno)
        for node in nodes
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    return arguments + sorted(names, key=lambda pair: pair[1])


@dataclass(frozen=True)
class _Spot:
    """A node of the tree and where it hangs.

    Attributes:
        parent: the node above.
        field: the parent's field that holds it.
        index: its place there, if that is a list.
        node: what is there.
        statement: the statement that it is or belongs to.
        scope: the function that it is in.
    """

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST
    statement: ast.stmt
    scope: _Scope

    @property
    def line(self) -> int:
        """The line of the node, or of its statement."""
        return getattr(self.node, "lineno", self.statement.lineno)

    @contextlib.contextmanager
    def changed(self, change: ast.AST) -> Iterator[ast.AST]:
        """Put another node in its place for a while; give the statement as it then is."""
        siblings = getattr(self.parent, self.field)
        changed: Any = change
        if self.index is not None:
            changed = [*siblings[: self.index], change, *siblings[self.index + 1 :]]
        setattr(self.parent, self.field, changed)
        try:
            yield change if self.node is self.statement else self.statement
        finally:
            setattr(self.parent, self.field, siblings)


def _spots(node: ast.AST, statement: ast.stmt | None, scope: _Scope) -> Iterator[_Spot]:
    """All places below a node where a change may be made, from top to bottom."""
    for field, index, child in _children(node):
        own = child if isinstance(child, ast.stmt) else statement
        if own is None or _is_untouched(child):
            continue
        yield _Spot(node, field, index, child, own, scope)
        if not isinstance(child, ast.Raise | ast.Assert):
            yield from _spots(child, own, scope.inside(child))


def _children(node: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for field, value in ast.iter_fields(node):
        if field in UNTOUCHED_FIELDS:
            continue
        if isinstance(value, ast.AST):
            yield field, None, value
        elif isinstance(value, list):
            nodes = [(index, item) for index, item in enumerate(value) if isinstance(item, ast.AST)]
            yield from ((field, index, item) for index, item in nodes)


def _is_untouched(node: ast.AST) -> bool:
    """Whether a node is none of what a function computes: an import, a docstring."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.keyword) and node.arg in UNTOUCHED_KEYWORDS:
        return True
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


# --- what it may be changed to -------------------------------------------------------------


def _changes_at(spot: _Spot) -> Iterator[ast.AST]:
    if isinstance(spot.node, ast.stmt) and spot.scope.name:
        yield ast.Pass()  # it is left out
    for change in _changes(spot.node, spot.scope):
        if spot.field == "func" and change is getattr(spot.node, "value", None):
            continue  # an object in place of its method
        yield change


@functools.singledispatch
def _changes(node: ast.AST, scope: _Scope) -> Iterator[ast.AST]:
    """The nodes that may stand in a node's place."""
    yield from ()


@_changes.register
def _(node: ast.BinOp, scope: _Scope) -> Iterator[ast.AST]:
    for operator in OPERATORS.get(type(node.op), ()):
        yield ast.BinOp(node.left, operator(), node.right)
    if isinstance(node.op, ORDERED):
        yield ast.BinOp(node.right, node.op, node.left)
    yield node.left
    yield node.right


@_changes.register
def _(node: ast.AugAssign, scope: _Scope) -> Iterator[ast.AST]:
    target = node.target
    yield ast.Assign([target], node.value)
    for operator in OPERATORS.get(type(node.op), ()):
        yield ast.AugAssign(target, operator(), node.value)


@_changes.register
def _(node: ast.Compare, scope: _Scope) -> Iterator[ast.AST]:
    for place, old in enumerate(node.ops):
        for new in COMPARISONS[type(old)]:
            ops = [*node.ops[:place], new(), *node.ops[place + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)


@_changes.register
def _(node: ast.BoolOp, scope: _Scope) -> Iterator[ast.AST]:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield ast.BoolOp(other, node.values)
    for values in _one_left_out(node.values):
        yield ast.BoolOp(node.op, values) if len(values) > 1 else values[0]


@_changes.register
def _(node: ast.UnaryOp, scope: _Scope) -> Iterator[ast.AST]:
    yield node.operand


@_changes.register
def _(node: ast.Constant, scope: _Scope) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        yield _number(value - 1)
    elif isinstance(value, float):
        yield from map(_number, _floats_near(value))
    elif isinstance(value, str):
        yield from map(ast.Constant, _kindred(value))


def _floats_near(value: float) -> Iterator[float]:
    """A number off by one and by 5 %; a bound or a tolerance, by a factor that shows."""
    if not math.isfinite(value):
        return
    if value == 0 or 1 / FAR_FROM_ONE < abs(value) < FAR_FROM_ONE:
        factors = (1.05, 0.95)
    else:
        factors = (100, 0.01)
    if value == round(value) and abs(value) < FAR_FROM_ONE:
        yield from (value + 1, value - 1)
    if value:
        yield from (float(f"{value * factor:.12g}") for factor in factors)


def _number(value: float) -> ast.expr:
    if value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


@_changes.register
def _(node: ast.Name, scope: _Scope) -> Iterator[ast.AST]:
    if not isinstance(node.ctx, ast.Load):
        return
    for name in _kindred(node.id):
        yield ast.Name(name, ast.Load())
    if scope.binds(node.id):
        for name in scope.names_before(node.lineno):
            if name not in (node.id, "self"):
                yield ast.Name(name, ast.Load())


def _kindred(name: str) -> list[str]:
    """The names that one is taken for."""
    pairs = [pair for pair in KINDRED if name in pair]
    return [other for pair in pairs for other in pair if other != name]


@_changes.register
def _(node: ast.Attribute, scope: _Scope) -> Iterator[ast.AST]:
    if not isinstance(node.ctx, ast.Load):
        return
    for name in _kindred(node.attr):
        yield ast.Attribute(node.value, name, ast.Load())
    if not _is_of_module(node, scope):
        yield node.value


def _is_of_module(node: ast.expr, scope: _Scope) -> bool:
    """Whether an expression begins with a name from outside, such as `torch` in `torch.exp`."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and not scope.binds(node.id)


@_changes.register
def _(node: ast.Call, scope: _Scope) -> Iterator[ast.AST]:
    method_of = _receiver(node.func, scope)
    if method_of is not None:
        yield method_of
    elif len(node.args) == 1:
        yield node.args[0]
    if _last_name(node.func) in CHOICES:
        yield from node.args[-2:]
    for keywords in _one_left_out(node.keywords):
        yield ast.Call(node.func, node.args, keywords)
    yield from (ast.Call(node.func, args, node.keywords) for args in _arguments(node, method_of))


def _receiver(function: ast.expr, scope: _Scope) -> ast.expr | None:
    """The object whose method a function is; None if it is none."""
    if isinstance(function, ast.Attribute) and not _is_of_module(function, scope):
        return function.value
    return None


def _arguments(call: ast.Call, method_of: ast.expr | None) -> Iterator[list[ast.expr]]:
    """The arguments of a call without the last, if it may go, and in another order."""
    needed = 1 if method_of is None else 0
    if len(call.args) > needed:
        yield call.args[:-1]
    if _last_name(call.func) not in SYMMETRIC:
        yield from _neighbors_swapped(call.args)


def _last_name(function: ast.expr) -> str:
    match function:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


@_changes.register
def _(node: ast.Subscript, scope: _Scope) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load):
        yield node.value


@_changes.register
def _(node: ast.Slice, scope: _Scope) -> Iterator[ast.AST]:
    if node.lower is not None:
        yield ast.Slice(None, node.upper, node.step)
    if node.upper is not None:
        yield ast.Slice(node.lower, None, node.step)
    if node.step is not None:
        yield ast.Slice(node.lower, node.upper)


@_changes.register(ast.Tuple)
@_changes.register(ast.List)
def _(node: Any, scope: _Scope) -> Iterator[ast.AST]:
    for elements in _neighbors_swapped(node.elts):
        yield type(node)(elements, node.ctx)


@_changes.register
def _(node: ast.IfExp, scope: _Scope) -> Iterator[ast.AST]:
    yield node.body
    yield node.orelse


@_changes.register
def _(node: ast.comprehension, scope: _Scope) -> Iterator[ast.AST]:
    for conditions in _one_left_out(node.ifs):
        yield ast.comprehension(node.target, node.iter, conditions, node.is_async)


@_changes.register
def _(node: ast.If, scope: _Scope) -> Iterator[ast.AST]:
    for condition in (ast.Constant(True), ast.Constant(False)):
        yield ast.If(condition, node.body, node.orelse)


@_changes.register
def _(node: ast.While, scope: _Scope) -> Iterator[ast.AST]:
    yield ast.If(node.test, node.body, node.orelse)


@_changes.register
def _(node: ast.With, scope: _Scope) -> Iterator[ast.AST]:
    yield ast.If(ast.Constant(True), node.body, [])


@_changes.register
def _(node: ast.Break, scope: _Scope) -> Iterator[ast.AST]:
    yield ast.Continue()


@_changes.register
def _(node: ast.Continue, scope: _Scope) -> Iterator[ast.AST]:
    yield ast.Break()


def _one_left_out(items: list[Any]) -> Iterator[list[Any]]:
    """The list without its first item, without its second, and so on."""
    for place, item in enumerate(items):
        if not _is_untouched(item):
            yield [*items[:place], *items[place + 1 :]]


def _neighbors_swapped(items: Iterable[Any]) -> Iterator[list[Any]]:
    """The list with its first two items in the other order, and so on."""
    listed = [*items]
    for first, second in itertools.pairwise(range(len(listed))):
        swapped = [*listed]
        swapped[first], swapped[second] = listed[second], listed[first]
        yield swapped
