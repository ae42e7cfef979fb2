"""The normal form of a cell's text: what counts in it, and what does not."""

import pytest

from mlpgrader.assignment.normal_form import MOST_CHARACTERS, normal_form

KEPT = frozenset({"mean"})

MEAN = """
def mean(x, weights=None):
    total = 0
    for value in x:
        total += value
    return total / len(x)
"""

SAME = {
    "a comment, a docstring, types": '''
def mean(x: list[float], weights: "Tensor | None" = None) -> float:
    """The mean.

    Of numbers.
    """
    total: float = 0  # so far
    for value in x:
        pass

        total += value
    return (total / len(x))
''',
    "other names": """
def mean(numbers, w=None):
    s = 0
    for n in numbers:
        s += n
    return s / len(numbers)
""",
    "an import that nobody uses": f"import math\nfrom torch import nn\n{MEAN}",
}

OTHER = {
    "another operator": MEAN.replace("+=", "-="),
    "two names exchanged": MEAN.replace("total / len(x)", "len(x) / total"),
    "a name of nobody's": MEAN.replace("len(x)", "size(x)"),
    "another name of the notebook's": MEAN.replace("total = 0", "total = start"),
    "another default": MEAN.replace("None", "0"),
    "a statement more": MEAN.replace("    return", "    print(total)\n    return"),
    "another order of parameters": MEAN.replace("x, weights=None", "weights, x=None"),
    "a number of another type": MEAN.replace("total = 0", "total = 0.0"),
    "another function": MEAN.replace("def mean", "def average"),
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_what_nobody_runs_does_not_count(text):
    assert normal_form(text, KEPT) == normal_form(MEAN, KEPT) != ""


@pytest.mark.parametrize("text", OTHER.values(), ids=OTHER)
def test_what_is_run_counts(text):
    assert normal_form(text, KEPT) not in ("", normal_form(MEAN, KEPT))


def test_a_name_means_what_its_scope_says():
    one = "def f(x):\n    def g(x):\n        return x\n    return [x for x in g(x)]"
    renamed = "def f(a):\n    def h(b):\n        return b\n    return [c for c in h(a)]"
    another = "def f(a):\n    def h(b):\n        return a\n    return [c for c in h(a)]"
    assert normal_form(one) == normal_form(renamed) != normal_form(another)


def test_lambdas_and_defaults_have_scopes():
    one = "def f(x, k=lambda x: x + 1):\n    return k(x)"
    renamed = "def f(a, g=lambda b: b + 1):\n    return g(a)"
    assert normal_form(one) == normal_form(renamed)
    assert normal_form(one) != normal_form("def f(x, k=lambda a: x + 1):\n    return k(x)")


def test_methods_and_attributes_keep_their_names():
    text = "class Value:\n    def relu(self):\n        self.data = relu\n        return self"
    form = normal_form(text)
    assert "def relu($1)" in form and "$1.data = relu" in form
    assert form == normal_form(text.replace("self", "this"))


def test_helpers_may_have_any_name_and_what_is_asked_for_may_not():
    text = "def helper(x):\n    return x\ndef mean(x):\n    return helper(x)"
    assert normal_form(text, KEPT) == normal_form(text.replace("helper", "other"), KEPT)
    assert normal_form(text, KEPT) != normal_form(text.replace("mean", "median"), KEPT)


@pytest.mark.parametrize(
    "text",
    [
        "import torch.nn.functional as F\ny = F.relu(x)",
        "from torch.nn import functional\ny = functional.relu(x)",
        "from torch.nn.functional import relu as r\ny = r(x)",
        "from torch import nn\ny = nn.functional.relu(x)",
        "y = F.relu(x)",
    ],
)
def test_an_imported_name_is_written_in_full(text):
    assert normal_form(text, frozenset("y")) == "y = torch.nn.functional.relu(x)"


def test_a_magic_does_not_count_as_no_python():
    assert "run_line_magic" in normal_form("%time\nx = 1")


@pytest.mark.parametrize(
    "text",
    [
        "def f(:",
        "import math\nmath = 1",
        "x = 1\n" * MOST_CHARACTERS,
        "-" * (MOST_CHARACTERS - 1) + "1",
        "x = '\0'",
    ],
    ids=["no Python", "a name of two meanings", "long", "deep", "null"],
)
def test_some_texts_have_none(text):
    assert normal_form(text) == ""
