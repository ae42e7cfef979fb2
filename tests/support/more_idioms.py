"""More ways in which courses write exercises and tests, in the form of `idioms.py`."""

from tests.support.idioms_form import HIDE, SHOW, Idiom, apart, inside

MORE_FILES = {
    "table.csv": "x,y\n1,2\n3,4\n",
    "helper_star.py": "def plus_one(x):\n    return x + 1\n",
}

MORE = [
    # --- how tests are written
    Idiom(
        "styles",
        "doctest",
        'def cube(x):\n    """Cube.\n\n    >>> cube(2)\n    8\n    """\n    return x**3',
        'def cube(x):\n    """Cube.\n\n    >>> cube(2)\n    9\n    """\n    return x**3',
        inside(
            "import doctest\nfinder = doctest.DocTestFinder()\nrunner = doctest.DocTestRunner()\n"
            "for example in finder.find(cube, globs={'cube': cube}):\n    runner.run(example)\n"
            "assert runner.summarize().failed == 0 and runner.tries"
        ),
    ),
    Idiom(
        "styles",
        "unittest",
        "def add(a, b):\n    return a + b",
        "def add(a, b):\n    return a - b",
        apart(
            "import io, unittest\nclass TestAdd(unittest.TestCase):\n"
            "    def test_add(self):\n        self.assertEqual(add(1, 2), 3)\n"
            "suite = unittest.defaultTestLoader.loadTestsFromTestCase(TestAdd)\n"
            "assert unittest.TextTestRunner(stream=io.StringIO()).run(suite).wasSuccessful()"
        ),
    ),
    Idiom(
        "styles",
        "function that is called",
        "def sub(a, b):\n    return a - b",
        "def sub(a, b):\n    return b - a",
        apart("def test_sub():\n    assert sub(3, 1) == 2\n\ntest_sub()"),
    ),
    Idiom(
        "styles",
        "numpy testing",
        "def scale(x):\n    return 2 * np.asarray(x)",
        "def scale(x):\n    return 3 * np.asarray(x)",
        apart("np.testing.assert_allclose(scale([1, 2]), [2, 4])"),
        setup="import numpy as np",
    ),
    Idiom(
        "styles",
        "hidden alone",
        "def low(s):\n    return s.lower()",
        "def low(s):\n    return s",
        apart(f"{HIDE}\nassert low('AB') == 'ab'\n{SHOW}"),
    ),
    Idiom(
        "styles",
        "two hidden parts",
        "def up(s):\n    return s.upper()",
        "def up(s):\n    return s",
        apart(
            f"assert up('') == ''\n{HIDE}\nassert up('a') == 'A'\n{SHOW}\n"
            f"x = up('b')\n{HIDE}\nassert x == 'B'\n{SHOW}"
        ),
    ),
    Idiom(
        "styles",
        "by eval",
        "def neg(x):\n    return -x",
        "def neg(x):\n    return x",
        inside("assert all(eval(f'neg({x}) == -{x}') for x in (1, 2))"),
    ),
    Idiom(
        "styles",
        "callable",
        "square = lambda x: x**2",
        "square = 4",
        apart("assert callable(square)\nassert square(3) == 9"),
    ),
    Idiom(
        "styles",
        "defaults",
        "def power(x, n=2):\n    return x**n",
        "def power(x, n=3):\n    return x**n",
        inside("assert power.__defaults__ == (2,) and power.__name__ == 'power'"),
    ),
    Idiom(
        "styles",
        "syntax tree",
        "def total(xs):\n    return sum(xs)",
        "def total(xs):\n    t = 0\n    for x in xs:\n        t += x\n    return t",
        inside(
            "import ast, inspect\ntree = ast.parse(inspect.getsource(total))\n"
            "assert not any(isinstance(node, ast.For) for node in ast.walk(tree))"
        ),
    ),
    Idiom(
        "styles",
        "speed",
        "def quick(n):\n    return n * (n - 1) // 2",
        "def quick(n):\n    return 0",
        apart(
            "import time\nstart = time.perf_counter()\nassert quick(10**6) == 499999500000\n"
            "assert time.perf_counter() - start < 5"
        ),
    ),
    Idiom(
        "styles",
        "warns",
        "import warnings\ndef old():\n    warnings.warn('old', DeprecationWarning)",
        "def old():\n    pass",
        inside(
            "import warnings\nwith warnings.catch_warnings(record=True) as caught:\n"
            "    warnings.simplefilter('always')\n    old()\nassert len(caught) == 1"
        ),
    ),
    Idiom(
        "styles",
        "logs",
        "import logging\ndef note():\n    logging.getLogger('a').warning('hi')",
        "def note():\n    pass",
        inside(
            "import logging\nseen = []\nclass Keep(logging.Handler):\n"
            "    def emit(self, record):\n        seen.append(record.getMessage())\n"
            "logger = logging.getLogger('a')\nlogger.propagate = False\n"
            "logger.addHandler(Keep())\nnote()\nassert seen == ['hi']"
        ),
    ),
    # --- what students write
    Idiom(
        "things",
        "decorator",
        "def twice(f):\n    return lambda x: f(f(x))",
        "def twice(f):\n    return f",
        inside("@twice\ndef inc(x):\n    return x + 1\nassert inc(1) == 3"),
    ),
    Idiom(
        "things",
        "context manager",
        "from contextlib import contextmanager\n@contextmanager\ndef opened():\n    yield 5",
        "def opened():\n    return 5",
        inside("with opened() as five:\n    assert five == 5"),
    ),
    Idiom(
        "things",
        "dataclass",
        "from dataclasses import dataclass\n@dataclass\nclass Dot:\n    x: int\n    y: int = 0",
        "class Dot:\n    def __init__(self, x, y=0):\n        self.x = x",
        inside("assert Dot(1) == Dot(1, 0)"),
    ),
    Idiom(
        "things",
        "enum",
        "from enum import Enum\nclass Color(Enum):\n    RED = 1",
        "class Color:\n    RED = 1",
        inside("assert Color.RED.value == 1"),
    ),
    Idiom(
        "things",
        "iterator",
        "class Down:\n    def __init__(self, n):\n        self.n = n\n"
        "    def __iter__(self):\n        return self\n"
        "    def __next__(self):\n        if self.n == 0:\n            raise StopIteration\n"
        "        self.n -= 1\n        return self.n",
        "class Down:\n    def __init__(self, n):\n        self.n = n",
        inside("assert list(Down(3)) == [2, 1, 0]"),
    ),
    Idiom(
        "things",
        "subclass",
        "class Square(Shape):\n    def area(self):\n        return self.side**2",
        "class Square:\n    def __init__(self, side):\n        pass\n"
        "    def area(self):\n        return 9",
        inside("assert isinstance(Square(3), Shape) and Square(3).area() == 9"),
        setup="class Shape:\n    def __init__(self, side):\n        self.side = side",
    ),
    Idiom(
        "things",
        "property",
        "class Box:\n    @property\n    def size(self):\n        return 3",
        "class Box:\n    def size(self):\n        return 3",
        inside("assert Box().size == 3"),
    ),
    Idiom(
        "things",
        "fraction",
        "from fractions import Fraction\nhalf = Fraction(1, 2)",
        "half = 0.25",
        inside("assert half + half == 1"),
    ),
    Idiom(
        "things",
        "date",
        "import datetime\nday = datetime.date(2026, 3, 6)",
        "day = '2026-03-06'",
        inside("assert day.year == 2026"),
    ),
    Idiom(
        "things",
        "pattern",
        "import re\nword = re.compile(r'\\w+')",
        "import re\nword = re.compile(r'\\d+')",
        inside("assert word.findall('a b') == ['a', 'b']"),
    ),
    Idiom(
        "things",
        "complex and bytes",
        "z = 1 + 2j\nraw = b'ab'",
        "z = 1\nraw = 'ab'",
        inside("assert z.imag == 2 and raw[0] == 97"),
    ),
    Idiom(
        "things",
        "range",
        "steps = range(3)",
        "steps = range(2)",
        inside("assert list(steps) == [0, 1, 2] and len(steps) == 3"),
    ),
    Idiom(
        "things",
        "dictionary of functions",
        "ops = {'+': lambda a, b: a + b}",
        "ops = {'+': lambda a, b: a}",
        inside("assert ops['+'](1, 2) == 3"),
    ),
    Idiom(
        "things",
        "pickled",
        "class Kept:\n    value = 3",
        "Kept = 3",
        inside("import pickle\nassert pickle.loads(pickle.dumps(Kept())).value == 3"),
    ),
    Idiom(
        "things",
        "partial function",
        "from functools import partial\nadd_one = partial(lambda a, b: a + b, 1)",
        "add_one = lambda b: b",
        apart("assert add_one(2) == 3"),
    ),
    Idiom(
        "things",
        "memoized",
        "from functools import lru_cache\n@lru_cache\ndef fib(n):\n"
        "    return n if n < 2 else fib(n - 1) + fib(n - 2)",
        "def fib(n):\n    return n",
        inside("assert fib(30) == 832040\nassert fib.cache_info().hits > 0"),
    ),
    Idiom(
        "things",
        "regions inside",
        "def three(x):\n    y = x\n    ### BEGIN SOLUTION\n    y = x + 3\n    ### END SOLUTION\n"
        "    return y",
        "def three(x):\n    y = x\n    return y",
        apart("assert three(1) == 4"),
    ),
    # --- state
    Idiom(
        "state",
        "test sets a global",
        "def above(x):\n    return x > limit",
        "def above(x):\n    return x > 3",
        inside("limit = 10\nassert not above(5)\nlimit = 1\nassert above(5)"),
        free="limit = 3",
    ),
    Idiom(
        "state",
        "seed and call",
        "def rolled():\n    return random.random()",
        "def rolled():\n    return 0.5",
        inside("random.seed(3)\nassert 0.2379 < rolled() < 0.2381"),
        setup="import random",
    ),
    Idiom(
        "state",
        "setup calls a student",
        "def hook(x):\n    return x * 10",
        "def hook(x):\n    return x",
        inside("assert use_hook(2) == 20"),
        setup="def use_hook(x):\n    return hook(x)",
    ),
    Idiom(
        "state",
        "setup takes a student",
        "def plus(x):\n    return x + 1",
        "def plus(x):\n    return x",
        apart("assert apply_to_two(plus) == 3"),
        setup="def apply_to_two(f):\n    return f(2)",
    ),
    Idiom(
        "state",
        "counter",
        "count = 0\ndef tick():\n    global count\n    count += 1",
        "count = 0\ndef tick():\n    count = 1",
        apart("tick()\ntick()\nassert count == 2"),
    ),
    Idiom(
        "state",
        "name error",
        "result = 7",
        "outcome = 7",
        apart("try:\n    result\nexcept NameError:\n    raise AssertionError('name it result')"),
    ),
    Idiom(
        "state",
        "in dir",
        "listed = 7",
        "unlisted = 7",
        inside("assert 'listed' in dir()"),
    ),
    Idiom(
        "state",
        "star import",
        "def plus_two(x):\n    return plus_one(plus_one(x))",
        "def plus_two(x):\n    return plus_one(x)",
        apart("assert plus_two(1) == 3"),
        setup="from helper_star import *",
    ),
    Idiom(
        "state",
        "csv",
        "import csv\nwith open('table.csv') as file:\n    rows_read = list(csv.DictReader(file))",
        "rows_read = []",
        inside("assert [row['y'] for row in rows_read] == ['2', '4']"),
    ),
    Idiom(
        "state",
        "database",
        "import sqlite3\ndb = sqlite3.connect(':memory:')\ndb.execute('create table t (x)')\n"
        "db.execute('insert into t values (3)')",
        "import sqlite3\ndb = sqlite3.connect(':memory:')\ndb.execute('create table t (x)')",
        inside("assert db.execute('select x from t').fetchall() == [(3,)]"),
    ),
    Idiom(
        "state",
        "script",
        "%%writefile script.py\nprint('from a script')",
        "%%writefile script.py\nprint('nothing')",
        inside("shown = !python script.py\nassert shown == ['from a script']"),
    ),
    Idiom(
        "state",
        "saved figure",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('figure.png')",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])",
        inside("import os\nassert os.path.getsize('figure.png') > 1000"),
    ),
    Idiom(
        "state",
        "threads",
        "import threading\ndef work(xs):\n    ts = [threading.Thread(target=xs.append, args=(i,)) "
        "for i in range(3)]\n    [t.start() for t in ts]\n    [t.join() for t in ts]",
        "def work(xs):\n    pass",
        inside("xs = []\nwork(xs)\nassert sorted(xs) == [0, 1, 2]"),
    ),
    Idiom(
        "state",
        "reload",
        "def reloaded():\n    return 1",
        "def reloaded():\n    return 2",
        apart(
            "import importlib, helper_star\nimportlib.reload(helper_star)\nassert reloaded() == 1"
        ),
    ),
    # --- deep learning
    Idiom(
        "deep",
        "sequential",
        "net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))",
        "net = nn.Sequential(nn.Linear(3, 2))",
        inside("assert len(net) == 3 and net(torch.ones(5, 3)).shape == (5, 2)"),
        setup="import torch\nfrom torch import nn",
    ),
    Idiom(
        "deep",
        "dataset",
        "class Pairs(torch.utils.data.Dataset):\n    def __len__(self):\n        return 4\n"
        "    def __getitem__(self, i):\n        return torch.tensor(i)",
        "class Pairs:\n    pass",
        inside("batches = list(torch.utils.data.DataLoader(Pairs(), 2))\nassert len(batches) == 2"),
        setup="import torch\nimport torch.utils.data",
    ),
    Idiom(
        "deep",
        "optimizer",
        "w = torch.zeros(2, requires_grad=True)\nopt = torch.optim.SGD([w], lr=0.1)",
        "w = torch.zeros(2, requires_grad=True)\nopt = torch.optim.SGD([w], lr=0.2)",
        inside(
            "(w.sum()).backward()\nopt.step()\nassert torch.allclose(w, torch.full((2,), -0.1))"
        ),
        setup="import torch",
    ),
    Idiom(
        "deep",
        "autograd function",
        "class Twice(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n"
        "        return 2 * x\n    @staticmethod\n    def backward(ctx, g):\n        return 2 * g",
        "class Twice(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n"
        "        return 2 * x\n    @staticmethod\n    def backward(ctx, g):\n        return g",
        inside(
            "x = torch.ones(1, requires_grad=True)\nTwice.apply(x).backward()\nassert x.grad == 2"
        ),
        setup="import torch",
    ),
    Idiom(
        "deep",
        "seeded tensor",
        "def noise():\n    return torch.randn(3)",
        "def noise():\n    return torch.zeros(3)",
        inside(
            "torch.manual_seed(0)\na = noise()\ntorch.manual_seed(0)\n"
            "assert torch.equal(a, torch.randn(3))"
        ),
        setup="import torch",
    ),
    Idiom(
        "deep",
        "estimator",
        "model = LinearRegression().fit([[0], [1]], [0, 2])",
        "model = LinearRegression().fit([[0], [1]], [0, 1])",
        inside("assert abs(model.coef_[0] - 2) < 1e-6"),
        setup="from sklearn.linear_model import LinearRegression",
    ),
    Idiom(
        "deep",
        "numpy scalar",
        "def mean(x):\n    return np.mean(x)",
        "def mean(x):\n    return np.max(x)",
        apart("assert mean(np.array([1.0, 3.0])) == 2 and isinstance(mean([1]), float)"),
        setup="import numpy as np",
    ),
    Idiom(
        "deep",
        "credit of numpy",
        "def third(x):\n    return x / 3",
        "def third(x):\n    return x / 4",
        apart("score = 0.25 + 0.75 * (third(3) == 1)\nfloat(score)"),
    ),
]
