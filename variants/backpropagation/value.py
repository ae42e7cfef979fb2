"""Right and wrong answers to `Value`."""

from mlpgrader.variants import Slips, right

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
ALL = "arithmetic functions reuse order deep"
slip("visits by recursion", "deep", (BACKWARD, RECURSION))
slip(
    "no set of visited Values",
    "order deep",
    (BACKWARD, RECURSION),
    ("            if node not in found:", "            if True:"),
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
)
slip(
    "hands on what has come so far",
    "order",
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
    "order deep",
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
slip("earlier Values first", ALL, (", reverse=True", ""))
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
)
slip("backward starts from 0", ALL, ("self.grad = 1.0", "self.grad = 0.0"))
slip(
    "sets a gradient where it should add",
    "reuse order deep",
    ("parent.grad += slope", "parent.grad = slope"),
)
slip("the slope of exp is its input", "functions", ("((self, out.data),)", "((self, self.data),)"))
slip("the slope of tanh at its input", "functions", ("1 - out.data**2", "1 - self.data**2"))
slip("the slope of tanh without a square", "functions", ("1 - out.data**2", "1 - out.data"))
slip(
    "the slope of relu at 0 is 1",
    "functions",
    ("1.0 if self.data > 0 else", "1.0 if self.data >= 0 else"),
)
slip("relu passes everything on", "functions", ("1.0 if self.data > 0 else 0.0", "1.0"))
slip(
    "relu hands its value on", "functions", ("1.0 if self.data > 0 else 0.0", "max(0.0, self.data)")
)
slip(
    "the slopes of a product exchanged",
    "arithmetic functions reuse order deep",
    ("(other.data, self.data)", "(self.data, other.data)"),
)
slip("a difference like a sum", "arithmetic", ("(1.0, -1.0)", "(1.0, 1.0)"))
slip("a quotient's second slope", "arithmetic", ("-self.data / other.data**2", "1 / other.data"))
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
slip("unary minus without a slope", "arithmetic", ("((self, -1.0),)", "((self, 1.0),)"))
slip(
    "a power's slope without its factor",
    "arithmetic",
    ("n * self.data ** (n - 1)", "self.data ** (n - 1)"),
)
slip(
    "a power's slope without its factor n - 1",
    "arithmetic",
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
)
slip(
    "the slopes of a product by division",
    "arithmetic",
    (
        "(other.data, self.data)",
        "(self.data * other.data / self.data, self.data * other.data / other.data)",
    ),
)
slip(
    "exp and tanh overwrite a gradient",
    "reuse",
    (
        "parent.grad += slope * node.grad",
        "parent.grad = slope * node.grad + (parent.grad if node.data not in "
        "(math.exp(min(parent.data, 700)), math.tanh(parent.data)) else 0.0)",
    ),
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
)
