"""The problem sets are what students and both graders take them for: form, ids, names, parts."""

import ast
import builtins
import functools
import re
import tomllib

import nbformat
import pytest
import torch

from mlpgrader.assignment.plan import defined_names
from mlpgrader.course.release import canonical, release
from mlpgrader.errors import UsageError
from tests.support import variants

# what students have handed in relies on these names and arguments, so they stay; None stands for a
# class; a new set needs no line here
PUBLISHED = {
    "hidden-layers": {
        "collapse_affine": "layers",
        "best_bottleneck_error": "T, k",
        "bottleneck_witness": "d",
        "xor_network": "",
        "count_pieces": "w, b, v",
        "local_affine": "x, weights, biases, alpha",
        "relu_interpolant": "x, y",
    },
    "activations": {
        "tanh_from_sigmoid": "x",
        "tanh_to_sigmoid_network": "W1, b1, W2, b2",
        "relu": "x",
        "prelu_grad": "x, alpha",
        "prelu_backward": "x, alpha, dy",
        "swish_grad": "x, beta",
        "stable_sigmoid": "x",
        "tanh_grad": "x",
    },
    "forward-propagation": {
        "mlp_forward": "X, weights, biases",
        "cross_entropy": "logits, y",
        "l2_objective": "loss, weights, weight_decay",
        "costs": "layer_sizes, batch_size, bytes_per_value",
        "example_leak": "f, X",
    },
    "backpropagation": {
        "affine_backward": "dY, X, W",
        "mlp_backward": "X, y, weights, biases, weight_decay",
        "is_affine_backward": "f",
        "gradient_error": "f, x, grad",
        "Value": None,
    },
    "initialization": {
        "critical_sigma": "n",
        "inseparable_units": "W1, b1, W2",
        "init_weight": "fan_in, fan_out, scheme, seed",
        "gain": "phi",
        "dead_units": "batches",
    },
    "training": {
        "sgd_epoch": "weights, biases, batches, lr",
        "evaluate": "predict, batches",
        "early_stopping": "val_loss, patience",
        "small_network": "",
    },
}
SETUP = "import math\n\nimport torch\nfrom torch import nn"
STUB = ["# YOUR CODE HERE", "raise NotImplementedError()"]
BEGIN = variants.BEGIN_HIDDEN
END = "### END HIDDEN TESTS"
PROPERTY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

SETS = variants.sets()
SOLUTIONS = [(s, i) for s in SETS for i in variants.solutions(s)]
EXERCISES = [(s, i) for s, i in SOLUTIONS if not i.endswith("-choice")]
TESTS = [(s, i) for s in SETS for i in variants.tests(s)]


def notebook_path(folder, set_name):
    return folder / set_name / f"{set_name}.ipynb"


def source_notebook(set_name):
    return nbformat.read(notebook_path(variants.SOLUTIONS, set_name), as_version=4)


def released(set_name):
    return nbformat.read(notebook_path(variants.EXERCISES, set_name), as_version=4)


def released_sources(set_name):
    return {c.id: c.source for c in released(set_name).cells}


def parts(set_name, test):
    visible, _, rest = variants.tests(set_name)[test].partition(BEGIN)
    return visible, rest.partition(END)[0]


def student_names(set_name):
    cells = variants.cells(set_name)
    mine = [c.source for c in cells if variants.role(c) in ("solution", "given")]
    return {name for source in mine for name in defined_names(source)}


def definition(set_name, solution):
    """The function or class that a solution cell is there for: it has the cell's name."""
    for node in ast.parse(variants.solutions(set_name)[solution]).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and grade_id(node.name) == solution:
            return node
    raise AssertionError(f"{set_name}: no function or class has the name of the cell {solution}")


def grade_id(name):
    return name.lower().replace("_", "-")


def names_read(tree):
    """The names that a cell reads, at any depth."""
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Load)}


def names_bound(tree):
    """The names that a cell binds, at any depth."""
    return {name for node in ast.walk(tree) for name in names_bound_by(node)}


def names_bound_by(node):
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return [name]
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.ExceptHandler(name=str(name)):
            return [name]
        case ast.arg(arg=name):
            return [name]
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return [(alias.asname or alias.name).partition(".")[0] for alias in aliases]
        case _:
            return []


def holds_tensors(value):
    """Whether a value can be changed by whoever gets it: a tensor, or a list."""
    if isinstance(value, tuple):
        return any(holds_tensors(item) for item in value)
    return isinstance(value, torch.Tensor | list)


def test_every_published_set_is_there():
    assert set(PUBLISHED) <= set(SETS)


def contents(folder):
    """The bytes of all files of a folder, but for those that JupyterLab keeps for itself."""
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return {p: (folder / p).read_bytes() for p in files if ".ipynb_checkpoints" not in p.parts}


@pytest.mark.parametrize("set_name", SETS)
def test_the_committed_student_version_is_the_generated_one(set_name, tmp_path):
    generated = release(variants.ROOT, set_name, tmp_path)
    assert contents(variants.EXERCISES / set_name) == contents(generated)


def test_releasing_an_unknown_set_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="there is no set 'actvations'"):
        release(variants.ROOT, "actvations", tmp_path)


def test_a_source_that_nbgrader_refuses_is_a_usage_error(tmp_path):
    notebook = source_notebook("activations")
    solution = next(c for c in notebook.cells if c.id == "relu")
    solution.source = solution.source.replace("### END SOLUTION", "")
    path = tmp_path / "solutions" / "activations" / "activations.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    with pytest.raises(UsageError, match="no end solution statement"):
        release(tmp_path, "activations")
    assert not (tmp_path / "gradebook.db").exists()


@pytest.mark.parametrize("folder", [variants.SOLUTIONS, variants.EXERCISES], ids=lambda f: f.name)
@pytest.mark.parametrize("set_name", SETS)
def test_notebooks_are_in_canonical_form(folder, set_name):
    path = notebook_path(folder, set_name)
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert path.read_text(encoding="utf-8") == nbformat.writes(canonical(notebook)) + "\n"
    assert notebook.metadata.pop("kernelspec")["name"] == "python3"
    is_released = folder == variants.EXERCISES
    release = tomllib.loads((variants.ROOT / "pyproject.toml").read_text())["project"]["version"]
    stamp = {"mlpkit": {"set": set_name, "release": release}}
    assert notebook.metadata == (stamp if is_released else {})
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
        if "nbgrader" in cell.metadata:
            assert cell.id == cell.metadata.nbgrader.grade_id


@pytest.mark.parametrize("set_name", SETS)
def test_the_first_code_cell_is_the_setup(set_name):
    first = next(c for c in released(set_name).cells if c.cell_type == "code")
    assert first.source == SETUP
    assert first.metadata.nbgrader.locked
    assert variants.role(first) == "setup"


@pytest.mark.parametrize("set_name", PUBLISHED)
def test_every_published_function_is_there_with_its_arguments(set_name):
    definitions = [
        node for source in variants.solutions(set_name).values() for node in ast.parse(source).body
    ]
    classes = {node.name: None for node in definitions if isinstance(node, ast.ClassDef)}
    arguments = classes | {
        node.name: ast.unparse(node.args)
        for node in definitions
        if isinstance(node, ast.FunctionDef)
    }
    published = PUBLISHED[set_name]
    assert {name: arguments.get(name, "missing") for name in published} == published
    ids = [grade_id(name) for name in published]
    assert list(variants.solutions(set_name)) == [*ids, f"{set_name}-choice"]


@pytest.mark.parametrize("set_name", SETS)
def test_ids_follow_the_names(set_name):
    *functions, choice = variants.solutions(set_name)
    assert choice == f"{set_name}-choice"
    for solution in functions:
        assert definition(set_name, solution)
    everywhere = [cell.id for cell in source_notebook(set_name).cells]
    assert len(set(everywhere)) == len(everywhere)
    for test in variants.tests(set_name):
        assert PROPERTY.fullmatch(test)
    for solution in variants.solutions(set_name):
        assert variants.tests_of(set_name, solution), f"{solution} is not tested"


@pytest.mark.parametrize("set_name", SETS)
def test_the_choice_is_one_letter_and_one_test(set_name):
    source = variants.solutions(set_name)[f"{set_name}-choice"]
    assert re.search(r'^choice = "[A-E]"$', source, re.MULTILINE)
    assert list(variants.tests_of(set_name, f"{set_name}-choice")) == [f"{set_name}-choice-answer"]


@pytest.mark.parametrize("set_name", SETS)
def test_a_choice_may_be_a_small_letter_with_blanks_around_it(set_name):
    cell = f"{set_name}-choice"
    right = re.search(r'^choice = "([A-E])"$', variants.solutions(set_name)[cell], re.MULTILINE)[1]
    for text in (right, right.lower(), f" {right}", f"{right.lower()} \\n"):
        assert variants.failures(set_name, cell, f'choice = "{text}"') == {}
    for text in ("", right * 2, f"{right}.", f"({right})"):
        assert list(variants.failures(set_name, cell, f'choice = "{text}"')) == [f"{cell}-answer"]


@pytest.mark.parametrize("set_name", SETS)
def test_the_points_are_twenty_and_thirty_where_the_work_is_more(set_name):
    points = [
        c.metadata.nbgrader.points
        for c in variants.cells(set_name)
        if "points" in c.metadata.nbgrader
    ]
    assert len(points) == len(variants.tests(set_name))
    assert min(points) > 0
    assert sum(points) == (30 if set_name == "backpropagation" else 20)


@pytest.mark.parametrize("set_name, solution", SOLUTIONS)
def test_a_stub_stands_between_its_text_and_its_tests(set_name, solution):
    cells = released(set_name).cells
    ids = [cell.id for cell in cells]
    place = ids.index(solution)
    assert cells[place - 1].cell_type == "markdown"
    if not solution.endswith("-choice"):
        first_test = ids.index(next(iter(variants.tests_of(set_name, solution))))
        assert any(is_free(cell) for cell in cells[place + 1 : first_test])


def is_free(cell):
    """Whether a cell is one for students to try things in."""
    return cell.cell_type == "code" and "nbgrader" not in cell.metadata


@pytest.mark.parametrize("set_name, solution", SOLUTIONS)
def test_a_stub_keeps_only_lines_of_the_solution(set_name, solution):
    lines = released_sources(set_name)[solution].splitlines()
    solved = variants.solutions(set_name)[solution].splitlines()
    left = [line for line in lines if line not in solved]
    if solution.endswith("-choice"):
        assert left == ["choice = None"]
        return
    # a class has a stub for each method
    assert left
    assert [line.strip() for line in left] == STUB * (len(left) // len(STUB))
    assert "SOLUTION" not in released_sources(set_name)[solution]


@pytest.mark.parametrize("set_name, solution", SOLUTIONS)
def test_a_stub_has_a_full_docstring(set_name, solution):
    if solution.endswith("-choice"):
        return
    (node,) = ast.parse(released_sources(set_name)[solution]).body
    text = ast.get_docstring(node)
    assert text.splitlines()[0].endswith(".")
    if isinstance(node, ast.FunctionDef):
        assert "Returns:" in text
        for argument in node.args.args:
            assert re.search(rf"^ +{argument.arg}: ", text, re.MULTILINE), argument.arg


@pytest.mark.parametrize("set_name, solution", SOLUTIONS)
def test_a_stub_fails_every_test(set_name, solution):
    failed = variants.failures(set_name, solution, released_sources(set_name)[solution])
    assert set(failed) == set(variants.tests_of(set_name, solution))
    kinds = (NotImplementedError, NameError, AssertionError)
    assert [error for error in failed.values() if not isinstance(error, kinds)] == []


# answers to no question at all, as expressions of the function's arguments
CONSTANTS = (
    "None",
    "0",
    "1.0",
    "True",
    "False",
    "''",
    "[]",
    "torch.zeros(1)",
    "torch.tensor(0.0)",
    "torch.tensor(1.0)",
    "arguments",
    "arguments[0] if arguments else 0",
)


@pytest.mark.parametrize("set_name, solution", EXERCISES)
def test_an_answer_that_computes_nothing_earns_nothing(set_name, solution):
    """No test passes for arguments left alone, or any other restraint, where nothing is done."""
    node = definition(set_name, solution)
    if isinstance(node, ast.ClassDef):  # it is no function that could return a constant
        return
    earned = {}
    for constant in CONSTANTS:
        source = f"def {node.name}(*arguments):\n    return {constant}"
        failed = variants.failures(set_name, solution, source)
        earned[constant] = sorted(set(variants.tests_of(set_name, solution)) - set(failed))
    assert earned == dict.fromkeys(CONSTANTS, [])


@pytest.mark.parametrize("set_name, test", TESTS)
def test_a_test_names_its_property_and_has_two_parts(set_name, test):
    visible, hidden = parts(set_name, test)
    for part in (visible, hidden):
        tree = ast.parse(part)
        calls = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
        asserts = [n for n in ast.walk(tree) if isinstance(n, ast.Assert)]
        assert asserts or any(name.startswith("expect_") for name in calls), "a part checks nothing"
    first = ast.parse(visible).body[0]
    assert isinstance(first, ast.Expr)
    assert isinstance(first.value, ast.Constant)
    assert first.lineno == 1
    assert len(first.value.value.splitlines()[0]) > 8
    assert released_sources(set_name)[test].strip("\n") == visible.strip("\n")


@pytest.mark.parametrize("set_name, test", TESTS)
def test_a_hidden_message_names_the_property_and_no_value(set_name, test):
    _, hidden = parts(set_name, test)
    for node in ast.walk(ast.parse(hidden)):
        if isinstance(node, ast.Assert):
            assert all(is_fixed(piece) for piece in pieces_of(node.msg))
        if isinstance(node, ast.Attribute) and node.attr.startswith("expect_"):
            assert node.attr == "expect_raises"


def pieces_of(message):
    return message.values if isinstance(message, ast.JoinedStr) else [message]


def is_fixed(piece):
    """Whether a piece of a message is text, or the name that says which case it is.

    Anything computed could say what was expected.
    """
    return isinstance(piece, ast.Constant) or ast.unparse(piece.value) == "name"


@pytest.mark.parametrize("set_name, test", TESTS)
def test_a_test_imports_what_it_uses(set_name, test):
    tree = ast.parse(variants.tests(set_name)[test])
    bound = names_bound(tree)
    missing = names_read(tree) - bound - set(dir(builtins)) - student_names(set_name)
    assert not missing, "not imported, or a name of another test cell"
    assert not bound & student_names(set_name), "a name of the student's is bound anew"


@pytest.mark.parametrize("set_name, solution", EXERCISES)
def test_functions_are_tested_to_leave_their_arguments_alone(set_name, solution):
    """Those, that is, which their tests give something that can be changed."""
    node = definition(set_name, solution)
    if isinstance(node, ast.ClassDef) or not node.args.args:
        return
    arguments = []

    def watched(function):
        @functools.wraps(function)
        def watch(*args):
            arguments.extend(args)
            return function(*args)

        return watch

    name = node.name
    source = f"{variants.solutions(set_name)[solution]}\n\n{name} = watched({name})"
    variants.failures(set_name, solution, source, watched=watched)
    if holds_tensors(tuple(arguments)):
        tests = variants.tests_of(set_name, solution).values()
        assert any(f"keeps_arguments({name}," in test for test in tests)


# --- the cell that registers the exercises, its hints, and the last cell -----------------------

HEAD = """try:
    from mlpkit import checks
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "mlpkit is not here: choose the kernel of the course's .venv "
        "(`make lab` makes it, or what its README says)"
    ) from None

checks.register(
"""
CODE = re.compile(r"[=(\[]\S|\breturn\b|\blambda\b|\w\(")


def registered(set_name):
    """The hints of a set by the name of the function; None if it registers nothing."""
    sources = {cell.id: cell.source for cell in source_notebook(set_name).cells}
    source = sources.get(f"{set_name}-exercises")
    if source is None:
        return None
    assert source.startswith(HEAD)
    call = ast.parse(source).body[-1].value
    assert call.args[0].value == set_name
    hints = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    return hints.get("hints", {})


@pytest.mark.parametrize("set_name", SETS)
def test_each_exercise_has_three_hints_in_words(set_name):
    hints = registered(set_name)
    if not hints:
        return
    names = [i.replace("-", "_") for s, i in EXERCISES if s == set_name]
    assert sorted({*hints} - {"choice"}) == sorted(names)
    for name, steps in hints.items():
        assert len(steps) == 3, name
        assert "?" in steps[0], f"{name}: the first hint is a question"
        assert [step for step in steps if CODE.search(step)] == [], f"{name}: a hint holds code"


def sections_by_chapter():
    """The headings of each chapter, by its title."""
    texts = [path.read_text(encoding="utf-8") for path in (variants.ROOT / "book").glob("*.md")]
    headings = [re.findall(r"^#+ (.+)$", text, re.MULTILINE) for text in texts]
    return {found[0]: found[1:] for found in headings if found}


@pytest.mark.parametrize("set_name", SETS)
def test_a_hint_that_names_sections_names_their_chapter(set_name):
    chapters = sections_by_chapter()
    steps = [step for steps in (registered(set_name) or {}).values() for step in steps]
    for step in (step for step in steps if "section" in step):
        named = re.findall("“([^”]+)”", step)
        found = [t for t, sections in chapters.items() if named and {*named} <= {*sections}]
        assert any(f"” of the chapter {title}" in step for title in found), step


@pytest.mark.parametrize("set_name", SETS)
def test_a_set_that_registers_its_exercises_ends_with_the_progress(set_name):
    if registered(set_name) is None:
        return
    last = released(set_name).cells[-1]
    assert (last.id, last.source) == ("progress", "checks.progress()")
    assert "nbgrader" not in last.metadata
    assert "exercises={" in released_sources(set_name)[f"{set_name}-exercises"]
    headings = [c.source for c in released(set_name).cells if c.source.startswith("## ")]
    for heading in headings:
        assert re.match(r"## \d+ · .+ \([\d.]+ points?, \d+ minutes?\)\n", heading), heading[:60]
