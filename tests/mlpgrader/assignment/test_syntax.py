"""Reading Python, by several threads at a time."""

import ast
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlpgrader.assignment import syntax

SOURCE = Path(syntax.__file__).with_name("effects.py").read_text(encoding="utf-8")


class Litter:
    """Garbage whose collection lets another thread run, in the middle of whatever goes on."""

    def __init__(self):
        self.me = self

    def __del__(self):
        for _ in range(50):
            pass


def tree_amid_litter(source):
    Litter()
    return syntax.parse(source)


@pytest.fixture
def hasty_threads():
    """Threads take turns as often as can be."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_threads_that_parse_at_a_time_do_not_disturb_each_other(hasty_threads):
    with ThreadPoolExecutor(4) as threads:
        trees = list(threads.map(tree_amid_litter, [SOURCE] * 300))
    assert {len(tree.body) for tree in trees} == {len(ast.parse(SOURCE).body)}


def test_what_is_not_python_is_said_to_be_none():
    with pytest.raises(SyntaxError):
        syntax.parse("def f(:")
