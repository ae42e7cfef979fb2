"""Right and wrong answers to `Value`."""

import torch

from mlpgrader.variants import Slips, edited, equivalent, right, wrong

right("closures, in the order of a search without recursion")("""
class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad = float(data), 0.0
        self.parents = parents
        self.push = lambda: None

    @staticmethod
    def of(x):
        return x if isinstance(x, Value) else Value(x)

    def __add__(self, other):
        other = Value.of(other)
        out = Value(self.data + other.data, (self, other))

        def push():
            self.grad += out.grad
            other.grad += out.grad

        out.push = push
        return out

    def __mul__(self, other):
        other = Value.of(other)
        out = Value(self.data * other.data, (self, other))

        def push():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.push = push
        return out

    def unary(self, data, slope):
        out = Value(data, (self,))

        def push():
            self.grad += slope * out.grad

        out.push = push
        return out

    def __pow__(self, n):
        return self.unary(self.data**n, n * self.data ** (n - 1))

    def exp(self):
        return self.unary(math.exp(self.data), math.exp(self.data))

    def tanh(self):
        return self.unary(math.tanh(self.data), 1 / math.cosh(self.data) ** 2)

    def relu(self):
        return self.unary(self.data, 1.0) if self.data > 0 else self.unary(0.0, 0.0)

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((parent, False) for parent in node.parents)
        self.grad = 1.0
        for node in reversed(order):
            node.push()

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + (-Value.of(other))

    def __rsub__(self, other):
        return Value.of(other) - self

    def __truediv__(self, other):
        return self * Value.of(other) ** -1

    def __rtruediv__(self, other):
        return Value.of(other) / self

    __radd__, __rmul__ = __add__, __mul__
""")

TAPE = """
from itertools import count

number = count()


class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad = float(data), 0.0
        self.parents = parents  # pairs of a Value and a slope
        self.number = next(number)

    def binary(self, other, data, slopes):
        return Value(data, ((self, slopes[0]), (other, slopes[1])))

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self.binary(other, self.data + other.data, (1.0, 1.0))

    def __sub__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self.binary(other, self.data - other.data, (1.0, -1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self.binary(other, self.data * other.data, (other.data, self.data))

    def __truediv__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        slopes = 1 / other.data, -self.data / other.data**2
        return self.binary(other, self.data / other.data, slopes)

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return Value(other) - self

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return Value(other) / self

    def __neg__(self):
        return Value(-self.data, ((self, -1.0),))

    def __pow__(self, n):
        return Value(self.data**n, ((self, n * self.data ** (n - 1)),))

    def exp(self):
        out = Value(math.exp(self.data))
        out.parents = ((self, out.data),)
        return out

    def tanh(self):
        out = Value(math.tanh(self.data))
        out.parents = ((self, 1 - out.data**2),)
        return out

    def relu(self):
        return Value(max(0.0, self.data), ((self, 1.0 if self.data > 0 else 0.0),))

    def backward(self):
        found, stack = {self}, [self]
        while stack:
            for parent, _ in stack.pop().parents:
                if parent not in found:
                    found.add(parent)
                    stack.append(parent)
        self.grad = 1.0
        for node in sorted(found, key=lambda v: v.number, reverse=True):
            for parent, slope in node.parents:
                parent.grad += slope * node.grad
"""
right("later Values first")(TAPE)
slip = Slips(TAPE, "value")
# the body of `backward`, with which the text ends
BACKWARD = TAPE[TAPE.index("        found, stack") :]
RECURSION = """
        order, found = [], set()

        def visit(node):
            if node not in found:
                found.add(node)
                for parent, _ in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for parent, slope in node.parents:
                parent.grad += slope * node.grad
"""
ALL = "arithmetic functions reuse order deep between"
slip(
    "visits by recursion",
    "deep",
    (BACKWARD, RECURSION),
    is_slip=True,
    says=(
        "Your recursion is deeper than Python allows in a long chain: use a loop, or a "
        "higher limit."
    ),
    read="An engine of your own",
    kind="raised",
)
HIGHER = edited(
    RECURSION,
    (
        "        visit(self)\n",
        "        limit = sys.getrecursionlimit()\n"
        "        sys.setrecursionlimit(50_000)\n"
        "        try:\n"
        "            visit(self)\n"
        "        finally:\n"
        "            sys.setrecursionlimit(limit)\n",
    ),
)
right("by recursion, with a higher limit")("import sys\n" + edited(TAPE, (BACKWARD, HIGHER)))
slip(
    "no set of visited Values",
    "order deep between",
    (BACKWARD, RECURSION),
    ("            if node not in found:", "            if True:"),
    says=(
        "You visit a Value once for each way that leads to it, so that its gradients "
        "count several times."
    ),
    read="An engine of your own",
    kind="raised",
)
slip(
    "walks every path",
    "deep",
    (
        BACKWARD,
        """
        self.walk(1.0)

    def walk(self, grad):
        self.grad += grad
        for parent, slope in self.parents:
            parent.walk(slope * grad)
""",
    ),
    kind="raised",
)
slip(
    "hands on what has come so far",
    "order between",
    (
        BACKWARD,
        """
        self.grad = 1.0
        queue, found = [self], {self}
        for node in queue:
            for parent, slope in node.parents:
                parent.grad += slope * node.grad
                if parent not in found:
                    found.add(parent)
                    queue.append(parent)
""",
    ),
)
slip(
    "depth first, a Value before its uses",
    "order deep between",
    (
        BACKWARD,
        """
        self.grad = 1.0
        stack, found = [self], {self}
        while stack:
            node = stack.pop()
            for parent, slope in node.parents:
                parent.grad += slope * node.grad
                if parent not in found:
                    found.add(parent)
                    stack.append(parent)
""",
    ),
)
slip(
    "earlier Values first",
    ALL,
    (", reverse=True", ""),
    kind="imprecise",
)
slip(
    "the parents alone",
    ALL,
    (
        BACKWARD,
        """
        self.grad = 1.0
        for parent, slope in self.parents:
            parent.grad += slope
""",
    ),
    kind="imprecise",
)
slip(
    "backward starts from 0",
    ALL,
    ("self.grad = 1.0", "self.grad = 0.0"),
    says="`backward` starts from a gradient of 0. The result's derivative by itself is 1.",
    read="An engine of your own",
    kind="zero",
)
slip(
    "sets a gradient where it should add",
    "arithmetic reuse order deep between",
    ("parent.grad += slope", "parent.grad = slope"),
    says="A Value that is used twice gets a gradient from each use: they have to be added up.",
    read="An engine of your own",
)
slip(
    "the slope of exp is its input",
    "functions between",
    ("((self, out.data),)", "((self, self.data),)"),
    says="The derivative of exp is exp of the input, not the input.",
    read="An engine of your own",
)
slip(
    "the slope of tanh at its input",
    "functions between",
    ("1 - out.data**2", "1 - self.data**2"),
    says="You work out the slope of tanh from its input as if that were its output.",
    read="An engine of your own",
)
slip(
    "the slope of tanh without a square",
    "functions between",
    ("1 - out.data**2", "1 - out.data"),
    says="In the slope of tanh a square is missing.",
    read="An engine of your own",
)
slip(
    "the slope of relu at 0 is 1",
    "functions",
    ("1.0 if self.data > 0 else", "1.0 if self.data >= 0 else"),
)
slip(
    "relu passes everything on",
    "functions",
    ("1.0 if self.data > 0 else 0.0", "1.0"),
    says="Your `relu` hands the gradient on whatever its input was.",
    read="An engine of your own",
)
slip(
    "relu hands its value on",
    "functions between",
    ("1.0 if self.data > 0 else 0.0", "max(0.0, self.data)"),
)
slip(
    "the slopes of a product exchanged",
    "arithmetic functions reuse order deep between",
    ("(other.data, self.data)", "(self.data, other.data)"),
    says=("When two Values are multiplied, each gets the gradient that is due to the other."),
    read="An engine of your own",
)
slip(
    "a difference like a sum",
    "arithmetic between",
    ("(1.0, -1.0)", "(1.0, 1.0)"),
    kind="negated",
    says="In a difference the second Value gets the gradient with a minus.",
    read="An engine of your own",
)
slip(
    "a quotient's second slope",
    "arithmetic between",
    ("-self.data / other.data**2", "1 / other.data"),
)
slip(
    "a number minus a Value, the wrong way",
    "arithmetic",
    ("return Value(other) - self", "return self - other"),
)
slip(
    "a number over a Value, the wrong way",
    "arithmetic",
    ("return Value(other) / self", "return self / other"),
)
slip(
    "unary minus without a slope",
    "arithmetic",
    ("((self, -1.0),)", "((self, 1.0),)"),
    kind="negated",
    says="Unary minus turns the sign of the gradient, too.",
    read="An engine of your own",
)
slip(
    "a power's slope without its factor",
    "arithmetic between",
    ("n * self.data ** (n - 1)", "self.data ** (n - 1)"),
)
slip(
    "a power's slope without its factor n - 1",
    "arithmetic between",
    ("n * self.data ** (n - 1)", "n * self.data**n"),
)
slip(
    "only whole numbers beside a Value",
    "arithmetic",
    (
        """        other = other if isinstance(other, Value) else Value(other)
        return self.binary(other, self.data + other.data, (1.0, 1.0))""",
        """        other = other if isinstance(other, Value) else Value(int(other))
        return self.binary(other, self.data + other.data, (1.0, 1.0))""",
    ),
    kind="zero",
)
slip(
    "the slopes of a product by division",
    "arithmetic floats",
    (
        "(other.data, self.data)",
        "(self.data * other.data / self.data, self.data * other.data / other.data)",
    ),
    unseen="0 as an operand is for the student to think of",
)
slip(
    "exp and tanh overwrite a gradient",
    "reuse between",
    (
        "parent.grad += slope * node.grad",
        "parent.grad = slope * node.grad + (parent.grad if node.data not in "
        "(math.exp(min(parent.data, 700)), math.tanh(parent.data)) else 0.0)",
    ),
    unseen="one example cannot use each operation twice",
)
slip(
    "the tape's last Value is the result",
    "order",
    ("number = count()", "number, LAST = count(), [None]"),
    ("self.number = next(number)", "self.number, LAST[0] = next(number), self"),
    (
        "self.grad = 1.0\n        for node in sorted(found, key=lambda v: v.number, reverse=True):",
        "found.add(LAST[0])\n        LAST[0].grad = 1.0\n"
        "        for node in sorted(found, key=lambda v: v.number, reverse=True):",
    ),
    unseen="a Value after the result is for the student to think of",
)
slip(
    "no sum with a number on the left",
    "arithmetic",
    (
        """    def __radd__(self, other):
        return self + other

""",
        "",
    ),
    kind="raised",
)

slip(
    "data stays an int",
    "floats",
    ("self.data, self.grad = float(data), 0.0", "self.data, self.grad = data, 0.0"),
    is_slip=True,
    kind="wrong-type",
)
slip(
    "grad begins as an int",
    "floats",
    ("float(data), 0.0", "float(data), 0"),
    is_slip=True,
    kind="wrong-type",
)
slip(
    "the result has an int for its derivative",
    "floats",
    ("self.grad = 1.0", "self.grad = 1"),
    is_slip=True,
    kind="wrong-type",
)
slip(
    "relu gives an int",
    "floats",
    (
        "self.data, self.grad = float(data), 0.0",
        "self.data, self.grad = data + 0.0 if data else data, 0.0",
    ),
    ("max(0.0, self.data)", "self.data if self.data > 0 else 0"),
    is_slip=True,
    unseen="",
    kind="wrong-type",
)
slip(
    "the result keeps 0",
    "arithmetic between",
    ("        self.grad = 1.0\n", "        self.grad = 1.0\n        result = self\n"),
    (
        "                parent.grad += slope * node.grad\n",
        "                parent.grad += slope * node.grad\n        result.grad = 0.0\n",
    ),
    is_slip=True,
)
slip(
    "forgets the Values between",
    "between",
    (
        "                parent.grad += slope * node.grad\n",
        "                parent.grad += slope * node.grad\n"
        "            if node.parents:\n                node.grad = 0.0\n",
    ),
    is_slip=True,
)
slip(
    "the derivative of relu by its output's sign at 0",
    "functions",
    ("1.0 if self.data > 0 else 0.0", "0.5 if self.data == 0 else float(self.data > 0)"),
    is_slip=True,
)
slip(
    "numbers on the left are not multiplied",
    "arithmetic functions between",
    ("    def __rmul__(self, other):\n        return self * other\n\n", ""),
    kind="raised",
)
slip(
    "powers of whole numbers alone",
    "arithmetic",
    ("n * self.data ** (n - 1)", "n * self.data ** (int(n) - 1)"),
    is_slip=True,
)
slip(
    "a sum hands on to its left side alone",
    "arithmetic reuse order deep between",
    ("self.data + other.data, (1.0, 1.0)", "self.data + other.data, (1.0, 0.0)"),
)
slip("all gradients are twice as large", ALL, ("self.grad = 1.0", "self.grad = 2.0"), kind="factor")
slip(
    "gradients of parents from last to first use",
    "arithmetic functions reuse order deep between",
    ("key=lambda v: v.number, reverse=True", "key=lambda v: (v.data, v.number), reverse=True"),
)

right("a tape for all, walked from the result down")("""
tape = []


class Value:
    def __init__(self, data, pull=None):
        self.data = 1.0 * data
        self.grad = 0.0
        self.pull = pull
        self.place = len(tape)
        tape.append(self)

    def _coerce(self, other):
        return other if isinstance(other, Value) else Value(other)

    def _make(self, data, *pairs):
        def pull(grad):
            for value, slope in pairs:
                value.grad += slope * grad

        return Value(data, pull)

    def __add__(self, other):
        other = self._coerce(other)
        return self._make(self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        other = self._coerce(other)
        return self._make(self.data * other.data, (self, other.data), (other, self.data))

    def __pow__(self, n):
        return self._make(self.data**n, (self, n * self.data ** (n - 1)))

    def exp(self):
        e = math.exp(self.data)
        return self._make(e, (self, e))

    def tanh(self):
        t = math.tanh(self.data)
        return self._make(t, (self, (1 - t) * (1 + t)))

    def relu(self):
        on = 1.0 if self.data > 0 else 0.0
        return self._make(on * self.data, (self, on))

    def backward(self):
        self.grad = 1.0
        for value in tape[self.place :: -1]:
            if value.pull and value.grad:
                value.pull(value.grad)

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __neg__(self):
        return -1.0 * self

    def __sub__(self, other):
        return self + -1.0 * self._coerce(other)

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, other):
        return self * self._coerce(other) ** -1

    def __rtruediv__(self, other):
        return self**-1 * other
""")

FLOATS, BETWEEN = "value-floats", "value-between"


@wrong(
    "a tensor of torch",
    fails=[FLOATS, BETWEEN],
    kind="wrong-type",
)
def Value(data):
    tensor = torch.tensor(float(data), dtype=torch.float64, requires_grad=True)
    tensor.grad = torch.zeros_like(tensor)
    return tensor


MICROGRAD = """
class Value:
    def __init__(self, data, _children=(), _op=""):
        self.data = data
        self.grad = 0
        self._backward = lambda: None
        self._prev = set(_children)
        self._op = _op

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def __pow__(self, n):
        out = Value(self.data**n, (self,), f"**{n}")

        def _backward():
            self.grad += (n * self.data ** (n - 1)) * out.grad

        out._backward = _backward
        return out

    def exp(self):
        out = Value(math.exp(self.data), (self,), "exp")

        def _backward():
            self.grad += out.data * out.grad

        out._backward = _backward
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,), "tanh")

        def _backward():
            self.grad += (1 - t**2) * out.grad

        out._backward = _backward
        return out

    def relu(self):
        out = Value(0 if self.data < 0 else self.data, (self,), "ReLU")

        def _backward():
            self.grad += (out.data > 0) * out.grad

        out._backward = _backward
        return out

    def backward(self):
        topo, visited = [], set()

        def build_topo(v):
            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build_topo(child)
                topo.append(v)

        build_topo(self)
        self.grad = 1
        for v in reversed(topo):
            v._backward()

    def __neg__(self):
        return self * -1

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return other + (-self)

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return other * self**-1
"""
wrong(
    "as in micrograd",
    fails=["value-deep", "value-floats"],
    kind="wrong-type",
)(MICROGRAD)

wrong("forward mode: derivatives by the inputs alone", fails=["value-between"], is_slip=True)("""
class Value:
    def __init__(self, data, tangent=None):
        self.data, self.grad = float(data), 0.0
        self.tangent = {self: 1.0} if tangent is None else tangent

    def of(self, other):
        return other if isinstance(other, Value) else Value(other, {})

    def make(self, data, *pairs):
        tangent = {}
        for value, slope in pairs:
            for leaf, change in value.tangent.items():
                tangent[leaf] = tangent.get(leaf, 0.0) + slope * change
        return Value(data, tangent)

    def __add__(self, other):
        other = self.of(other)
        return self.make(self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        other = self.of(other)
        return self.make(self.data * other.data, (self, other.data), (other, self.data))

    def __pow__(self, n):
        return self.make(self.data**n, (self, n * self.data ** (n - 1)))

    def exp(self):
        return self.make(math.exp(self.data), (self, math.exp(self.data)))

    def tanh(self):
        return self.make(math.tanh(self.data), (self, 1 - math.tanh(self.data) ** 2))

    def relu(self):
        return self.make(max(self.data, 0.0), (self, float(self.data > 0)))

    def backward(self):
        self.grad = 1.0
        for leaf, change in self.tangent.items():
            leaf.grad = change

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + self.of(other) * -1

    def __rsub__(self, other):
        return self * -1 + other

    def __truediv__(self, other):
        return self * self.of(other) ** -1

    def __rtruediv__(self, other):
        return self**-1 * other

    __radd__, __rmul__ = __add__, __mul__
""")

equivalent(
    "both slopes are 1",
    "return Value(self.data + other.data, (self, other), (1.0, 1.0))",
    "return Value(self.data + other.data, (other, self), (1.0, 1.0))",
)
equivalent(
    "it differs for 0 to the power 0 alone, which is not asked",
    "return Value(self.data ** n, (self,), (n * self.data ** (n - 1) if n else 0.0,))",
    "return Value(self.data ** n, (self,), (n * self.data ** (n - 1),))",
)
equivalent(
    "True times a float is that float",
    "return Value(max(self.data, 0.0), (self,), (float(self.data > 0),))",
    "return Value(max(self.data, 0.0), (self,), (self.data > 0,))",
)
equivalent(
    "nothing waits for the uses of the result itself",
    "uses, stack = ({self: 0}, [self])",
    "uses, stack = ({self: 1}, [self])",
)
equivalent(
    "nothing waits for the uses of the result itself",
    "uses, stack = ({self: 0}, [self])",
    "uses, stack = ({self: -1}, [self])",
)
equivalent("dividing by -1 is multiplying by it", "return self * -1", "return self / -1")
