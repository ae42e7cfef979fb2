"""Ways in which courses write exercises and tests, each small and with a wrong answer.

Idioms of one group share a notebook, so that stock nbgrader starts one kernel for all of them.
"""

from tests.support.course import Notebook, cell, notebook
from tests.support.idioms_form import BEGIN, END, HIDE, SHOW, Idiom, apart, inside
from tests.support.more_idioms import MORE, MORE_FILES

FILES = {
    "numbers.txt": "3\n1\n2\n",
    "beside.py": "def twice(x):\n    return 2 * x\n\n\ndef doubles(f):\n    return f(4) == 8\n",
}


IDIOMS = [
    Idiom(
        "objects",
        "function",
        "def double(x):\n    return 2 * x",
        "def double(x):\n    return x",
        apart(f"assert double(2) == 4\n{HIDE}\nassert double(-3) == -6\n{SHOW}"),
    ),
    Idiom(
        "objects",
        "array",
        "def ramp(n):\n    return np.arange(n)",
        "def ramp(n):\n    return np.ones(n)",
        apart("assert ramp(3).sum() == 3 and ramp(4).max() == 3"),
        free="import numpy as np",
    ),
    Idiom(
        "objects",
        "class",
        "class Stack:\n    def __init__(self):\n        self.items = []\n"
        "    def push(self, x):\n        self.items.append(x)\n"
        "    def pop(self):\n        return self.items.pop()",
        "class Stack:\n    def push(self, x):\n        pass\n    def pop(self):\n        return 0",
        inside(
            "stack = Stack()\nstack.push(1)\nstack.push(2)\nassert stack.pop() == 2",
            f"other = Stack()\n{HIDE}\nother.push('x')\nassert other.pop() == 'x'\n{SHOW}",
        ),
    ),
    Idiom(
        "objects",
        "module",
        "class Net(nn.Module):\n    def forward(self, x):\n        return 2 * x",
        "class Net:\n    def forward(self, x):\n        return 2 * x",
        inside(
            "import torch\nassert isinstance(Net(), nn.Module)\n"
            "assert Net()(torch.ones(2)).sum() == 4"
        ),
        setup="from torch import nn",
    ),
    Idiom(
        "objects",
        "namedtuple",
        'from collections import namedtuple\nPoint = namedtuple("Point", "x y")',
        'from collections import namedtuple\nPoint = namedtuple("Point", "y x")',
        inside("assert Point(1, 2).x == 1"),
    ),
    Idiom(
        "objects",
        "generator",
        "def count(n):\n    yield from range(n)",
        "def count(n):\n    yield n",
        inside("assert list(count(3)) == [0, 1, 2]"),
    ),
    Idiom(
        "objects",
        "closure",
        "def adder(n):\n    return lambda x: x + n",
        "def adder(n):\n    return lambda x: x",
        inside("assert adder(2)(3) == 5"),
    ),
    Idiom(
        "objects",
        "set",
        "primes = {2, 3, 5}",
        "primes = {2, 4}",
        inside("assert primes == {2, 3, 5}"),
    ),
    Idiom(
        "objects",
        "own exception",
        "class Refused(Exception):\n    pass\n"
        "def check(x):\n    if x < 0:\n        raise Refused(x)",
        "class Refused(Exception):\n    pass\ndef check(x):\n    return x",
        inside(
            "try:\n    check(-1)\nexcept Refused:\n    pass\nelse:\n"
            '    raise AssertionError("nothing was raised")'
        ),
    ),
    Idiom(
        "objects",
        "operators",
        "class Vector:\n    def __init__(self, *xs):\n        self.xs = xs\n"
        "    def __add__(self, other):\n"
        "        return Vector(*(a + b for a, b in zip(self.xs, other.xs)))",
        "class Vector:\n    def __init__(self, *xs):\n        self.xs = xs",
        inside("assert (Vector(1, 2) + Vector(3, 4)).xs == (4, 6)"),
    ),
    Idiom(
        "objects",
        "tuple keys",
        "grid = {(0, 1): 2, (1, 0): 3}",
        "grid = {(0, 1): 5}",
        inside("assert grid[0, 1] == 2"),
    ),
    Idiom(
        "calls",
        "callback",
        "def each(f, xs):\n    for x in xs:\n        f(x)",
        "def each(f, xs):\n    pass",
        inside("seen = []\neach(seen.append, [1, 2])\nassert seen == [1, 2]"),
    ),
    Idiom(
        "calls",
        "in place",
        "def order(xs):\n    xs.sort()",
        "def order(xs):\n    return sorted(xs)",
        inside("xs = [3, 1, 2]\norder(xs)\nassert xs == [1, 2, 3]"),
    ),
    Idiom(
        "calls",
        "identity",
        "def keep(x):\n    return x",
        "def keep(x):\n    return list(x)",
        inside("kept = [1]\nassert keep(kept) is kept"),
    ),
    Idiom(
        "calls",
        "raises",
        "def root(x):\n    if x < 0:\n        raise ValueError(x)\n    return x**0.5",
        "def root(x):\n    return abs(x) ** 0.5",
        apart(
            "assert root(4) == 2\ntry:\n    root(-1)\nexcept ValueError:\n    pass\nelse:\n"
            '    raise AssertionError("root(-1) is an error")'
        ),
    ),
    Idiom(
        "calls",
        "printed",
        'def shout():\n    print("hello")',
        'def shout():\n    print("bye")',
        inside(
            "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as out:\n"
            '    shout()\nassert out.getvalue() == "hello\\n"'
        ),
    ),
    Idiom(
        "calls",
        "captured",
        'def hum():\n    print("mmm")',
        "def hum():\n    pass",
        inside(
            "from IPython.utils.capture import capture_output\nwith capture_output() as shown:\n"
            '    hum()\nassert "mmm" in shown.stdout'
        ),
    ),
    Idiom(
        "calls",
        "mocked input",
        'def ask():\n    return int(input("how many? "))',
        "def ask():\n    return 0",
        inside(
            "from unittest.mock import patch\nwith patch('builtins.input', return_value='3'):\n"
            "    assert ask() == 3"
        ),
    ),
    Idiom(
        "calls",
        "mocked helper",
        "def roll():\n    return random.randint(1, 6)",
        "def roll():\n    return 4",
        inside(
            "from unittest.mock import patch\nwith patch('random.randint', return_value=17):\n"
            "    assert roll() == 17"
        ),
        setup="import random",
    ),
    Idiom(
        "calls",
        "source",
        "def looped(n):\n    total = 0\n"
        "    for i in range(n):\n        total += i\n    return total",
        "def looped(n):\n    return sum(range(n))",
        inside('import inspect\nassert "for" in inspect.getsource(looped)\nassert looped(4) == 6'),
    ),
    Idiom(
        "calls",
        "signature",
        "def area(width, height):\n    return width * height",
        "def area(w, h):\n    return w * h",
        inside(
            'import inspect\nassert [*inspect.signature(area).parameters] == ["width", "height"]'
        ),
    ),
    Idiom(
        "calls",
        "documented",
        'def doc():\n    """Say what it does."""',
        "def doc():\n    pass",
        inside("assert doc.__doc__"),
    ),
    Idiom(
        "calls",
        "uses another",
        "def square(x):\n    return x * x\n"
        "def squares(n):\n    return [square(i) for i in range(n)]",
        "def square(x):\n    return x * x\ndef squares(n):\n    return [i * i for i in range(n)]",
        inside(
            "_square = square\ndel square\n"
            "try:\n    squares(2)\nexcept NameError:\n    pass\nelse:\n"
            '    raise AssertionError("squares has to use square")\nfinally:\n    square = _square'
        ),
    ),
    Idiom(
        "names",
        "loop variable",
        "for step in range(4):\n    last = step * step",
        "for step in range(3):\n    last = step",
        inside("assert step == 3"),
    ),
    Idiom(
        "names",
        "import in a solution",
        "import cmath as cm\nturn = cm.phase(-1)",
        "import math as cm\nturn = 0",
        inside("assert cm.phase(-1) == turn"),
    ),
    Idiom(
        "names",
        "free value",
        "def shifted(x):\n    return x + base",
        "def shifted(x):\n    return x",
        apart("assert shifted(1) == base + 1"),
        free="base = 10",
    ),
    Idiom(
        "names",
        "name of a test",
        "def triple(x):\n    return 3 * x",
        "def triple(x):\n    return x",
        [("tripled = triple(2)\nassert tripled > 0", "apart"), ("assert tripled == 6", "inside")],
    ),
    Idiom(
        "names",
        "test for a later cell",
        "later = given_by_test + 1",
        "later = 0",
        inside("assert later == 6"),
        before=[("given_by_test = 5\nassert given_by_test", "apart")],
    ),
    Idiom(
        "names",
        "seed in a test",
        "draw = random.random()",
        "draw = 2.0",
        inside("assert 0.2379 < draw < 0.2381"),
        setup="import random",
        before=[("random.seed(3)\nassert random", "apart")],
    ),
    Idiom(
        "names",
        "setup value in place",
        "data.sort()",
        "data.reverse()",
        inside("assert data == [1, 2, 3]"),
        setup="data = [3, 1, 2]",
    ),
    Idiom(
        "names",
        "rebound setup value",
        "level = level + 1",
        "level = 0",
        inside("assert level == 3"),
        setup="level = 2",
    ),
    Idiom(
        "names",
        "globals",
        "answer_to_all = 42",
        "answer = 42",
        inside('assert globals().get("answer_to_all") == 42'),
    ),
    Idiom(
        "names",
        "letter",
        'choice = "b"',
        'choice = "c"',
        apart(f'assert choice in "abc"\n{HIDE}\nassert choice == "b"\n{SHOW}'),
    ),
    Idiom(
        "names",
        "stub that is no Python",
        f"value = (\n{BEGIN}\n    3\n{END}\n)",
        "value = 4",
        apart("assert value == 3"),
    ),
    Idiom(
        "files",
        "data for a solution",
        'rows = [int(line) for line in open("numbers.txt")]',
        "rows = []",
        apart("assert rows == [3, 1, 2]"),
    ),
    Idiom(
        "files",
        "data for a test",
        "total = 6",
        "total = 5",
        apart('assert total == sum(map(int, open("numbers.txt")))'),
    ),
    Idiom(
        "files",
        "module for a test",
        "def by_two(x):\n    return x * 2",
        "def by_two(x):\n    return x",
        apart("import beside\nassert beside.doubles(by_two)"),
    ),
    Idiom(
        "files",
        "module for a solution",
        "def four_times(x):\n    return twice(twice(x))",
        "def four_times(x):\n    return twice(x)",
        apart("assert four_times(3) == 12"),
        setup="from beside import twice",
    ),
    Idiom(
        "files",
        "written",
        'with open("out.txt", "w") as out:\n    out.write("done")',
        'with open("out.txt", "w") as out:\n    out.write("not")',
        inside('assert open("out.txt").read() == "done"'),
    ),
    Idiom(
        "files",
        "state of files",
        'with open("out.txt", "w") as out:\n    out.write("later")',
        "pass",
        inside('assert open("out.txt").read() == "later"'),
    ),
    Idiom(
        "shell",
        "magics",
        "%precision 3\n!true\nhalves = [x / 2 for x in range(3)]",
        "%precision 3\n!true\nhalves = [1]",
        apart("assert halves == [0, 0.5, 1]"),
        setup="%matplotlib inline\nimport matplotlib.pyplot as plt",
    ),
    Idiom(
        "shell",
        "magic in a test",
        "def timed(x):\n    return x + 1",
        "def timed(x):\n    return x",
        inside("%time later = timed(1)\nassert later == 2"),
    ),
    Idiom(
        "shell",
        "await",
        "async def fetch():\n    return 7",
        "async def fetch():\n    return 8",
        inside("assert await fetch() == 7"),
    ),
    Idiom(
        "shell",
        "figure",
        "fig, ax = plt.subplots()\nax.plot([0, 1], [1, 3])",
        "fig, ax = plt.subplots()",
        inside("assert len(ax.lines) == 1\nassert ax.lines[0].get_ydata()[-1] == 3"),
    ),
    Idiom(
        "points",
        "partial credit",
        "def sign(x):\n    return (x > 0) - (x < 0)",
        "def sign(x):\n    return 1",
        apart(
            "score = 0\nfor x, wanted in ((2, 1), (-2, -1), (0, 0), (5, 1)):\n"
            "    score += 0.25 * (sign(x) == wanted)\nscore"
        ),
    ),
    Idiom(
        "points",
        "partial credit of objects",
        "class Pair:\n    left, right = 1, 2",
        "class Pair:\n    left, right = 1, 1",
        inside("pair = Pair()\n0.5 * (pair.left == 1) + 0.5 * (pair.right == 2)"),
    ),
    Idiom(
        "points",
        "ends in a comparison",
        "def inc(x):\n    return x + 1",
        "def inc(x):\n    return x",
        apart("inc(1) == 2"),  # to nbgrader full marks, whichever it is
    ),
    Idiom(
        "points",
        "environment",
        "env = 1",
        "env = 2",
        apart('import os\nassert os.environ["NBGRADER_EXECUTION"] and env == 1'),
    ),
]


FILES_OF = dict.fromkeys((idiom.group for idiom in IDIOMS), FILES)
FILES_OF |= dict.fromkeys((idiom.group for idiom in MORE), MORE_FILES)
IDIOMS += MORE


def groups() -> list[str]:
    """The names of the notebooks."""
    return list(dict.fromkeys(idiom.group for idiom in IDIOMS))


def of(group: str) -> list[Idiom]:
    """The idioms of a notebook."""
    return [idiom for idiom in IDIOMS if idiom.group == group]


def key(idiom: Idiom) -> str:
    """The name of its solution cell."""
    return idiom.name.replace(" ", "-")


def ways(group: str) -> dict[str, str]:
    """How each test cell of a notebook is judged, by its name."""
    found = {}
    for idiom in of(group):
        for number, (_, way) in enumerate(idiom.before):
            found[f"{key(idiom)}-before-{number}"] = way
        for number, (_, way) in enumerate(idiom.tests):
            found[f"{key(idiom)}-{number}"] = way
    return found


def source(group: str, answer: str = "solution") -> Notebook:
    """The source of a notebook, or one with other answers.

    Args:
        group: its name.
        answer: `solution`, `wrong`, or `stub`.
    """
    cells = []
    for idiom in of(group):
        if idiom.free:
            cells.append({**cell(idiom.free), "id": f"free-{key(idiom)}"})
        if idiom.setup:
            cells.append(cell(idiom.setup, f"setup-{key(idiom)}", locked=True))
        for number, (text, _) in enumerate(idiom.before):
            cells.append(test_cell(text, f"{key(idiom)}-before-{number}"))
        text = {"solution": idiom.solution, "wrong": idiom.wrong, "stub": stub(idiom)}[answer]
        cells.append(cell(text, key(idiom), solution=True))
        for number, (text, _) in enumerate(idiom.tests):
            cells.append(test_cell(text, f"{key(idiom)}-{number}"))
    return notebook(cells)


def test_cell(text: str, name: str) -> Notebook:
    return cell(text, name, grade=True, locked=True, points=1.0)


def stub(idiom: Idiom) -> str:
    """What nbgrader leaves of a solution."""
    empty = "# YOUR CODE HERE\nraise NotImplementedError()"
    if BEGIN not in idiom.solution:
        return empty
    before, _, rest = idiom.solution.partition(BEGIN)
    return before + empty + rest.partition(END)[2]
