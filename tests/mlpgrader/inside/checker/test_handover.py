"""What a test may hand to the student's process, and what stays behind."""

import io
import math
import pickle

import cloudpickle
import pytest
import torch
from torch import nn

from mlpgrader.inside.checker import remote
from mlpgrader.inside.checker.compiled_tests import TEST_FILE
from mlpgrader.inside.checker.handover import HandoverError, serialize_callable
from tests.support.examinations import DEFINED


def defined(source):
    """The function `g` that a test cell defines."""
    names = remote.TestNamespace({"torch": torch, "math": math, "nn": nn}, DEFINED, None)
    exec(compile(source, TEST_FILE, "exec"), names)
    return names["g"]


class Loader(pickle.Unpickler):
    def persistent_load(self, name):
        return lambda x: x + 100


def arrived(value):
    return Loader(io.BytesIO(serialize_callable(value))).load()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("g = lambda x: 2 * x", 6),
        ("a = 5\ndef g(x): return x + a", 8),
        ("def h(x): return x * x\ndef g(x): return h(x) + 1", 10),
        ("def make(k):\n    def inner(x): return x * k\n    return inner\ng = make(4)", 12),
        ("def g(x): return f(x) - math.floor(0.5)", 103),
        ("def g(n): return 1 if n < 1 else n * g(n - 1)", 6),
        ("g = lambda x, y=7: x + y", 10),
        ("def g(x, *, z=2): return x - z", 1),
        ("g = math.factorial", 6),
        ("def g(x): return sum(y for y in range(x + 1))", 6),
    ],
)
def test_a_callable_works_where_it_arrives(source, expected):
    assert arrived(defined(source))(3) == expected


def test_modules_of_torch_travel():
    layer = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    assert torch.equal(arrived(layer)(torch.ones(1, 2)), layer(torch.ones(1, 2)))
    assert torch.equal(arrived(torch.tanh)(torch.ones(1)), torch.tanh(torch.ones(1)))


@pytest.mark.parametrize(
    "source",
    [
        "secret = 'answer'\ndef g(x): return secret",
        "secret = {'a': ['answer']}\ndef g(x): return secret",
        "def make(s):\n    return lambda x: s\ng = make('answer')",
        "def g(x, s='answer'): return s",
        "from mlpkit import checks\ndef g(x): return checks",
        "r = torch.Generator()\ndef g(x): return torch.randn(1, generator=r)",
        "class C:\n    pass\nc = C()\ndef g(x): return c",
        "class C:\n    def __call__(self, x): return x\ng = C()",
        "g = object()",
        "g = 'answer'",
    ],
)
def test_a_callable_that_may_carry_an_answer_is_refused(source):
    with pytest.raises(HandoverError):
        serialize_callable(defined(source))


def test_docstring_names_and_file_stay_behind():
    source = "def g(x):\n    'the wanted answer'\n    def inner(y):\n        'more of it'\n"
    content = serialize_callable(defined(source + "        return y\n    return inner(x)"))
    for word in (b"wanted", b"more of it", TEST_FILE.encode(), b"__main__.g"):
        assert word not in content
    assert cloudpickle.loads(content)(5) == 5
