"""Mutants as text: every kind is made, each says what it changes, and none is made in vain."""

import ast
import textwrap

import pytest

from mlpgrader.assignment.mutants import mutants_of, normalized, statement_text
from tests.support import variants

MEAN = textwrap.dedent('''
    def mean(x, axis=0):
        """Compute the mean."""
        import torch

        total = x.sum(axis)
        # by how many
        count = x.shape[axis]
        return total / count
''')


def changes(statement, parameters="x, y", indented="pass"):
    """What a statement of a function becomes."""
    source = f"def f({parameters}):\n    {statement}"
    if statement.endswith(":"):
        source += f"\n        {indented}"
    return [mutant.after for mutant in mutants_of(source) if mutant.before == normalized(statement)]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("return x @ y", ["return x * y", "return y @ x", "return x", "return y"]),
        ("return x - y", ["return x + y", "return y - x"]),
        ("return x ** 2", ["return x * 2", "return 2 ** x", "return x ** 3", "return x ** 1"]),
        ("return x < y", ["return x <= y", "return x > y"]),
        ("return x and y", ["return x or y", "return x", "return y"]),
        ("return not x", ["return x"]),
        ("return -x", ["return x"]),
        ("return 2.0 * x", ["return 3.0 * x", "return 1.0 * x", "return 2.1 * x"]),
        ("return x + 1.0", ["return x + 0.95", "return x + 1.05"]),
        ("return x[-1]", ["return x[-2]", "return x[-0]", "return x"]),
        ("return x > 1e-09", ["return x > 1e-07", "return x > 1e-11"]),
        ("return x.T @ y", ["return x @ y"]),
        ("return x.sum()", ["return x.mean()", "return x"]),
        ("return torch.max(x)", ["return torch.min(x)", "return x"]),
        ("return x.abs()", ["return x"]),
        ("return x.double()", ["return x", "return x.float()"]),
        ("return x.sum(dim=0)", ["return x.sum(dim=1)", "return x.sum(dim=-1)", "return x.sum()"]),
        ("return x.sum(1)", ["return x.sum(2)", "return x.sum(0)", "return x.sum()"]),
        ("return torch.zeros(2, dtype=torch.float64)", ["return torch.zeros(2)"]),
        ("return torch.ones(3)", ["return torch.zeros(3)"]),
        ("x = y", [""]),
        ("x += y", ["", "x = y", "x -= y"]),
        ("if x:", ["", "if True:", "if False:", "if y:"]),
        ("while x:", ["", "if x:"]),
        ("for x in y:", [""]),
        ("with torch.no_grad():", ["if True:"]),
        ("return x if x > 0 else y", ["return x", "return y", "return x if x >= 0 else y"]),
        ("return torch.where(x > 0, x, y)", ["return torch.where(x > 0, y, x)", "return x"]),
        ("return (x, y)", ["return (y, x)", "return (x, x)"]),
        ("return [x, y]", ["return [y, x]"]),
        ("return x[1:]", ["return x[:]", "return x", "return x[2:]"]),
        ("return x[:-1]", ["return x[:]", "return x[:-2]"]),
        ("return [a for a in x if a]", ["return [a for a in x]"]),
        ("return f(x, reduction='sum')", ["return f(x, reduction='mean')", "return f(x)"]),
        ("return x is True", ["return x is False", "return x is not True"]),
    ],
)
def test_a_statement_is_changed_as_people_get_it_wrong(statement, expected):
    assert {*expected} <= {*changes(statement)}


def test_a_loop_is_left_and_gone_on_with():
    loop = "def f(x):\n    for a in x:\n        {}\n"
    assert "continue" in [mutant.after for mutant in mutants_of(loop.format("break"))]
    assert "break" in [mutant.after for mutant in mutants_of(loop.format("continue"))]


def test_a_name_is_taken_for_those_before_it_and_for_no_later_one():
    source = "def f(x, y):\n    a = x\n    b = a + y\n    return b"
    names = {m.after for m in mutants_of(source) if m.before == "a = x"}
    assert names == {"", "a = y"}
    names = {m.after for m in mutants_of(source) if m.before == "return b"}
    assert names == {"", "return x", "return y", "return a"}


def test_a_mutant_says_where_it_is():
    mutants = mutants_of(MEAN)
    (there,) = [mutant for mutant in mutants if mutant.after == "return total * count"]
    assert there.line == 1 + MEAN[: MEAN.index("return")].count("\n")
    assert there.scope == "mean"
    assert there.before == "return total / count"
    assert there.source == ast.unparse(ast.parse(MEAN)).replace("total / count", "total * count")
    assert [mutant.line for mutant in mutants] == sorted(mutant.line for mutant in mutants)


def test_methods_have_their_class_before_them_and_self_stays():
    source = "class A:\n    def f(self, x):\n        self.x = x"
    mutants = mutants_of(source)
    assert {mutant.scope for mutant in mutants} == {"A", "A.f"}
    assert not any("self.x = self" in mutant.source for mutant in mutants)


def test_docstrings_imports_and_messages_stay():
    source = MEAN + '    raise ValueError("the sum" + str(2))\n'
    for mutant in mutants_of(source):
        assert '"""Compute the mean."""' in mutant.source
        assert "import torch" in mutant.source
        assert "'the sum' + str(2)" in mutant.source or mutant.before.startswith("raise")


def test_what_runs_at_the_top_of_a_cell_is_not_left_out():
    assert [mutant.after for mutant in mutants_of("limit = 3")] == ["limit = 4", "limit = 2"]
    assert mutants_of('choice = "C"') == []


def test_no_mutant_is_made_twice_none_is_the_reference_and_all_are_python():
    mutants = mutants_of("def f(x, y):\n    return (x + x) * 1 + y.sum()")
    texts = [mutant.source for mutant in mutants]
    assert len(texts) == len({*texts})
    assert "def f(x, y):\n    return (x + x) * 1 + y.sum()" not in texts
    for text in texts:
        compile(text, "<mutant>", "exec")
    # `return (x) ...` for dropping either `x` of `x + x` is one mutant
    assert sum("return x * 1 + y.sum()" in text for text in texts) == 1


def test_the_tree_is_as_it_was_after_each_change():
    source = variants.solutions("hidden-layers")["count-pieces"]
    reference = ast.unparse(ast.parse(source)).splitlines()
    for mutant in mutants_of(source):
        lines = mutant.source.splitlines()
        changed = [pair for pair in zip(reference, lines, strict=False) if pair[0] != pair[1]]
        if len(lines) == len(reference):  # no statement grew or went
            assert len(changed) == 1, mutant


def test_a_statement_is_told_without_what_is_below_it():
    [function] = ast.parse("@cache\ndef f(x, y=1):\n    return x").body
    assert statement_text(function) == "@cache\ndef f(x, y=1):"
    [trial] = ast.parse("try:\n    f()\nexcept ValueError:\n    pass\nelse:\n    g()").body
    assert statement_text(trial) == "try:"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("x=f( 'a' )", "x = f('a')"),
        ('x = f("a")', "x = f('a')"),
        ("(x,\n y) = 1, 2", "x, y = (1, 2)"),
        ("for  a in b :", "for a in b:"),
        ("", ""),
        ("pass", ""),
    ],
)
def test_how_a_statement_is_written_does_not_count(written, kept):
    assert normalized(written) == kept


@pytest.mark.parametrize("text", ["x = ", "x = 1; y = 2", "if x", "# nothing"])
def test_what_is_no_statement_is_refused(text):
    with pytest.raises(ValueError, match="is not a statement"):
        normalized(text)


@pytest.mark.parametrize("set_name", variants.sets())
def test_what_a_mutant_says_of_itself_is_normal(set_name):
    for source in variants.solutions(set_name).values():
        for mutant in mutants_of(source):
            assert normalized(mutant.before) == mutant.before
            assert normalized(mutant.after) == mutant.after
