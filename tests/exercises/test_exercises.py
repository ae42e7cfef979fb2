"""The problem sets are what students and both graders take them for: form, ids, names, parts."""

import ast
import builtins
import re

import nbformat
import pytest
from tests.support import variants

from mlpgrader.errors import UsageError
from mlpgrader.course.release import canonical, release

# every function of the course, with its arguments; None stands for a class
FUNCTIONS = {
    "hidden-layers": {
        "collapse_affine": "layers",
        "best_bottleneck_error": "T, k",
        "bottleneck_witness": "d",
        "xor_network": "",
        "relu_interpolant": "x, y",
        "count_pieces": "w, b, v",
        "local_affine": "x, weights, biases, alpha",
    },
    "activations": {
        "relu": "x",
        "prelu_grad": "x, alpha",
        "prelu_backward": "x, alpha, dy",
        "tanh_grad": "x",
        "stable_sigmoid": "x",
        "tanh_from_sigmoid": "x",
        "tanh_to_sigmoid_network": "W1, b1, W2, b2",
        "swish_grad": "x, beta",
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
        "gradient_error": "f, x, grad",
        "Value": None,
    },
    "initialization": {
        "init_weight": "fan_in, fan_out, scheme, seed",
        "gain": "phi",
        "inseparable_units": "W1, b1, W2",
        "critical_sigma": "n",
        "dead_units": "batches",
    },
    "training": {
        "sgd_epoch": "weights, biases, batches, lr",
        "evaluate": "predict, batches",
        "small_network": "",
    },
}
# what these are given cannot be changed
WITHOUT_TENSORS = {
    "bottleneck_witness",
    "xor_network",
    "Value",
    "init_weight",
    "gain",
    "critical_sigma",
    "small_network",
}
SETUP = "import math\n\nimport torch\nfrom torch import nn"
STUB = ["# YOUR CODE HERE", "raise NotImplementedError()"]
BEGIN, END = "### BEGIN HIDDEN TESTS\n", "### END HIDDEN TESTS"
PROPERTY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

SETS = variants.sets()
SOLUTIONS = [(s, i) for s in SETS for i in variants.solutions(s)]
TESTS = [(s, i) for s in SETS for i in variants.tests(s)]


def source_path(set_name):
    return variants.SOLUTIONS / set_name / f"{set_name}.ipynb"


def released_path(set_name):
    return variants.EXERCISES / set_name / f"{set_name}.ipynb"


def released(set_name):
    return nbformat.read(released_path(set_name), as_version=4)


def released_sources(set_name):
    return {c.id: c.source for c in released(set_name).cells}


def parts(set_name, test):
    visible, _, rest = variants.tests(set_name)[test].partition(BEGIN)
    return visible, rest.partition(END)[0]


def student_names(set_name):
    cells = variants.cells(set_name)
    mine = [c.source for c in cells if variants.role(c) in ("solution", "given")]
    return set().union(*map(variants.defined_names, mine))


def names_in(tree):
    """The names that a cell reads, and those that it binds, at any depth."""
    read, bound = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return read, bound


def test_all_six_sets_are_there():
    assert sorted(SETS) == sorted(FUNCTIONS)


@pytest.mark.parametrize("set_name", SETS)
def test_the_committed_student_version_is_the_generated_one(set_name, tmp_path):
    made = release(variants.ROOT, set_name, tmp_path)
    files = {p.relative_to(made): p.read_bytes() for p in made.rglob("*") if p.is_file()}
    committed = variants.EXERCISES / set_name
    kept = [p for p in committed.rglob("*") if p.is_file() and ".ipynb_checkpoints" not in p.parts]
    assert {p.relative_to(committed): p.read_bytes() for p in kept} == files


def test_releasing_an_unknown_set_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="no problem set 'actvations'"):
        release(variants.ROOT, "actvations", tmp_path)


def test_a_source_that_nbgrader_refuses_is_a_usage_error(tmp_path):
    notebook = nbformat.read(source_path("activations"), as_version=4)
    solution = next(c for c in notebook.cells if c.id == "relu")
    solution.source = solution.source.replace("### END SOLUTION", "")
    path = tmp_path / "solutions" / "activations" / "activations.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    with pytest.raises(UsageError, match="no end solution statement"):
        release(tmp_path, "activations")
    assert not (tmp_path / "gradebook.db").exists()


@pytest.mark.parametrize(
    "path", [p(s) for s in SETS for p in (source_path, released_path)], ids=str
)
def test_notebooks_are_in_canonical_form(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert path.read_text(encoding="utf-8") == nbformat.writes(canonical(notebook)) + "\n"
    assert notebook.metadata == {"kernelspec": dict(notebook.metadata.kernelspec)}
    assert notebook.metadata.kernelspec.name == "python3"
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


@pytest.mark.parametrize("set_name", SETS)
def test_every_function_is_there_with_its_arguments(set_name):
    found = {}
    for source in variants.solutions(set_name).values():
        for node in ast.parse(source).body:
            if isinstance(node, ast.ClassDef):
                found[node.name] = None
            elif isinstance(node, ast.FunctionDef):
                found[node.name] = ast.unparse(node.args)
    assert {name: found.get(name, "missing") for name in FUNCTIONS[set_name]} == FUNCTIONS[set_name]


@pytest.mark.parametrize("set_name", SETS)
def test_ids_follow_the_names(set_name):
    ids = [name.lower().replace("_", "-") for name in FUNCTIONS[set_name]]
    assert list(variants.solutions(set_name)) == [*ids, f"{set_name}-choice"]
    for name, i in zip(FUNCTIONS[set_name], ids, strict=True):
        assert re.search(rf"^(def|class) {name}\b", variants.solutions(set_name)[i], re.MULTILINE)
    notebook = nbformat.read(source_path(set_name), as_version=4)
    everywhere = [cell.id for cell in notebook.cells]
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
def test_the_points_are_worth_about_twenty(set_name):
    points = [
        c.metadata.nbgrader.points
        for c in variants.cells(set_name)
        if "points" in c.metadata.nbgrader
    ]
    assert len(points) == len(variants.tests(set_name))
    assert min(points) > 0
    assert 18 <= sum(points) <= 22


@pytest.mark.parametrize("set_name, solution", SOLUTIONS)
def test_a_stub_stands_between_its_text_and_its_tests(set_name, solution):
    cells = released(set_name).cells
    at = next(i for i, cell in enumerate(cells) if cell.id == solution)
    assert cells[at - 1].cell_type == "markdown"
    if not solution.endswith("-choice"):
        free = next(
            c for c in cells[at + 1 :] if c.cell_type == "code" and "nbgrader" not in c.metadata
        )
        assert cells.index(free) < next(
            i for i, c in enumerate(cells) if c.id in variants.tests_of(set_name, solution)
        )


@pytest.mark.parametrize("set_name, solution", SOLUTIONS)
def test_a_stub_keeps_only_lines_of_the_solution(set_name, solution):
    lines = released_sources(set_name)[solution].splitlines()
    solved = variants.solutions(set_name)[solution].splitlines()
    left = [line for line in lines if line not in solved]
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
    kinds = {type(error) for error in failed.values()}
    assert kinds <= {NotImplementedError, NameError, AssertionError}


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
            pieces = node.msg.values if isinstance(node.msg, ast.JoinedStr) else [node.msg]
            # a name says which case it is; anything computed could say what was expected
            assert all(
                isinstance(p, ast.Constant) or ast.unparse(p.value) == "name" for p in pieces
            )
        if isinstance(node, ast.Attribute) and node.attr.startswith("expect_"):
            assert node.attr == "expect_raises"


@pytest.mark.parametrize("set_name, test", TESTS)
def test_a_test_imports_what_it_uses(set_name, test):
    read, bound = names_in(ast.parse(variants.tests(set_name)[test]))
    missing = read - bound - set(dir(builtins)) - student_names(set_name)
    assert not missing, "not imported, or a name of another test cell"
    assert not bound & student_names(set_name), "a name of the student's is bound anew"


@pytest.mark.parametrize("set_name", SETS)
def test_functions_are_tested_to_leave_their_arguments_alone(set_name):
    for name in FUNCTIONS[set_name].keys() - WITHOUT_TENSORS:
        tests = variants.tests_of(set_name, name.lower().replace("_", "-"))
        assert any(f"keeps_arguments({name}," in source for source in tests.values()), name
