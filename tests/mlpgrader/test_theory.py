"""The theory of operation in the grader's `__init__.py` names tests that are there."""

import re
from pathlib import Path

import mlpgrader

TESTS = Path(__file__).resolve().parents[1]


def named_tests(text):
    return set(re.findall(r"`(test_\w+)`", text))


def test_each_test_that_the_theory_names_is_there():
    sources = [path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")]
    defined = {name for source in sources for name in re.findall(r"def (test_\w+)", source)}
    assert len(named_tests(mlpgrader.__doc__)) > 10
    assert named_tests(mlpgrader.__doc__) - defined == set()
