"""The form of right and wrong answers: what is registered, in which order, and what is refused."""

import textwrap

import pytest

from mlpgrader.errors import UsageError
from mlpgrader.results import Survivor
from mlpgrader.variants import (
    Equivalent,
    Slips,
    edited,
    explained,
    read_equivalents,
    read_variants,
    wrong,
)

IMPORTS = "from mlpgrader.variants import Slips, edited, right, wrong\n"


@pytest.fixture
def read(tmp_path):
    """Write a file of answers, and read the folder."""

    def write_and_read(text, name="double.py"):
        (tmp_path / name).write_text(IMPORTS + textwrap.dedent(text))
        return read_variants(tmp_path)

    return write_and_read


def test_the_text_of_a_function_comes_without_its_decorators(read):
    (answer,) = read("""
        @right(
            "by a sum"
        )
        def double(x):
            # the same again
            return x + x

        print
    """)
    assert answer.source == "def double(x):\n    # the same again\n    return x + x"


def test_a_right_answer_fails_nothing_and_a_wrong_one_what_it_says(read):
    one, other = read("""
        @right("by a sum")
        def double(x):
            return x + x

        @wrong("the square", fails=["double-values", "double-zero"])
        def double(x):
            return x * x
    """)
    assert (one.how, one.fails) == ("by a sum", frozenset())
    assert (other.how, other.fails) == ("the square", {"double-values", "double-zero"})
    assert one.file == other.file == "double.py"


def test_classes_of_one_name_are_told_apart(read):
    one, other, empty = read('''
        @right("adds")
        class Doubler:
            def run(self, x):
                return x + x

        @wrong(
            "squares",
            fails=["doubler-values"],
        )
        class Doubler:
            def run(self, x):
                return x * x

        @wrong("empty", fails=["doubler-values"])
        class Doubler:
            """Does nothing."""
    ''')
    assert one.source == "class Doubler:\n    def run(self, x):\n        return x + x"
    assert other.source == one.source.replace("+", "*")
    assert empty.source == 'class Doubler:\n    """Does nothing."""'


def test_an_answer_inside_a_block_is_dedented(read):
    (function, cls) = read("""
        if True:
            @right("a function")
            def double(x):
                return x + x

            @right("a class")
            class Double:
                factor = 2
    """)
    assert function.source == "def double(x):\n    return x + x"
    assert cls.source == "class Double:\n    factor = 2"


def test_a_string_is_the_whole_text_of_the_cell(read):
    (answer,) = read('''
        right("with an import")("""
        import operator


        def double(x):
            return operator.mul(2, x)
        """)
    ''')
    assert answer.source.startswith("import operator\n\n\ndef double(x):\n")
    assert answer.source.endswith("mul(2, x)")


def test_what_is_decorated_stays_what_it_is(read):
    (_, answer) = read("""
        @right("by a sum")
        def double(x):
            return x + x

        right("by a constant")(f"double = {double(2)}.__mul__")
    """)
    assert answer.source == "double = 4.__mul__"


def test_files_are_read_in_the_order_of_their_names_and_helpers_are_not(read):
    for name in ("b.py", "a.py", "c.txt"):
        read(f'right("{name}")("double = int")', name)
    answers = read('right("never")("double = int")', "_helper.py")
    assert [answer.how for answer in answers] == ["a.py", "b.py"]
    assert [answer.file for answer in answers] == ["a.py", "b.py"]


def test_a_folder_that_is_not_there_has_no_answers(tmp_path):
    assert read_variants(tmp_path / "nowhere") == []


def test_a_wrong_answer_that_fails_nothing_is_refused():
    with pytest.raises(ValueError, match="'the square' fails no test"):
        wrong("the square", fails=[])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n1 / 0", r"double.py, line 3: ZeroDivisionError: division by zero"),
        (
            "wrong('none', fails=[])",
            r"double.py, line 2: ValueError: .* 'none' fails no test",
        ),
        ("Slips('double = int', 'double')('slip', 'values', ('float', 'str'))", "no 'float'"),
        ("def double(x) return x", r"double.py: SyntaxError: .*line 2"),
        ("right('a class')(int)", "double.py, line 2: "),
        ("raise RuntimeError('two\\nlines')", "RuntimeError: two lines"),
    ],
)
def test_a_file_that_raises_is_named_in_one_line(read, tmp_path, text, message):
    with pytest.raises(UsageError, match=message) as caught:
        read(text)
    assert "\n" not in str(caught.value)
    (tmp_path / "double.py").unlink()
    assert read("", "other.py") == []  # nothing is left of the file that raised


def test_edits_replace_a_text_wherever_it_stands():
    assert edited("x + x", ("x", "2 * x"), ("+", "-")) == "2 * x - 2 * x"


def test_an_edit_that_finds_nothing_is_refused():
    with pytest.raises(ValueError, match=r"there is no 'y' to edit"):
        edited("x + x", ("y", "z"))


def test_a_slip_is_a_wrong_answer_edited_from_a_right_one(read):
    right_one, slip, two = read('''
        DOUBLE = """
        def double(x):
            return x + x
        """
        right("by a sum")(DOUBLE)
        slip = Slips(DOUBLE, "double")
        slip("the square", "values zero", ("x + x", "x * x"))
        slip("a rounded square", "values", ("x + x", "int(x)"), ("int(x)", "int(x) ** 2"))
    ''')
    assert right_one.fails == frozenset()
    assert slip.source == "def double(x):\n    return x * x"
    assert slip.fails == {"double-values", "double-zero"}
    assert two.source.endswith("return int(x) ** 2")


def test_a_slip_that_fails_nothing_is_refused():
    with pytest.raises(ValueError, match="'none' fails no test"):
        Slips("double = int", "double")("none", "", ("int", "float"))


@pytest.fixture
def read_reasons(tmp_path):
    """Write a file of answers, and read which mutants it explains."""

    def write_and_read(text, name="double.py"):
        (tmp_path / name).write_text(IMPORTS + "from mlpgrader.variants import equivalent\n" + text)
        return read_equivalents(tmp_path)

    return write_and_read


def test_a_reason_is_for_each_mutant_that_it_names(read_reasons):
    mutants = read_reasons("equivalent('the same', 'y=x+x', 'y = x  * 2', '')")
    assert mutants == [
        Equivalent("the same", "y = x + x", "y = x * 2", "double.py"),
        Equivalent("the same", "y = x + x", "", "double.py"),
    ]


@pytest.mark.parametrize(
    ("entry", "words"),
    [("equivalent(' ', 'x', 'y')", "why"), ("equivalent('so', 'x =', 'y')", "not a statement")],
)
def test_a_reason_that_says_nothing_is_refused(read_reasons, entry, words):
    with pytest.raises(UsageError, match=words):
        read_reasons(entry)


def survivor(before, after, cell="toy-choice", line=1):
    return Survivor(cell, line, "f", before, after)


def test_a_reason_serves_one_mutant_of_its_own_exercise():
    twice = [survivor("x = 1", "x = 2"), survivor("x = 1", "x = 2", line=9)]
    other = survivor("x = 1", "x = 2", cell="double")
    reason = Equivalent("so", "x = 1", "x = 2", "choice.py")
    explained_ones, unused = explained([other, *twice], [reason], "toy")
    assert [mutant.reason for mutant in explained_ones] == ["", "so", ""]
    assert unused == []
    explained_ones, unused = explained([other, *twice], [reason] * 3, "toy")
    assert [mutant.reason for mutant in explained_ones] == ["", "so", "so"]
    assert unused == [reason]


def test_reasons_are_no_answers(read_reasons, tmp_path):
    read_reasons("equivalent('so', 'x', 'y')")
    assert read_variants(tmp_path) == []
