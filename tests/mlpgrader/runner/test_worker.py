"""Workers: the sandbox by probing, walls that hold, zygotes that die, checkers that fail."""

import json
import os
import select
import signal
import socket
from contextlib import closing

import pytest

from mlpgrader.assignment.plan import read_plan
from mlpgrader.errors import MachineError
from mlpgrader.inside import launch
from mlpgrader.inside.messages import CheckerEnded
from mlpgrader.inside.processes import process_tree
from mlpgrader.inside.walls import limits
from mlpgrader.runner import worker as workers
from mlpgrader.runner.grade import GradeOptions, grade_set, result_of
from mlpgrader.runner.pool import LocalPool
from mlpgrader.runner.worker import WorkerOptions, modules_to_preload
from tests.support import mini
from tests.support.programs import path_of
from tests.support.waiting import PATIENCE, until
from tests.support.zygotes import NO_NAMESPACES, injected

pytestmark = pytest.mark.slow


def graded(course, **options):
    return grade_set(course, "mini", GradeOptions(**{"timeout": 5, "jobs": 1} | options))


def score(result):
    return {row.student: row.score for row in result.submissions}


@pytest.fixture
def plan():
    return read_plan(json.dumps(mini.source()), "mini")


@pytest.fixture
def worker(plan):
    worker = workers.Worker(plan, WorkerOptions(timeout=5), "namespaces")
    yield worker
    worker.close()


# --- which sandbox -------------------------------------------------------------------------


def test_without_any_sandbox_it_refuses(monkeypatch, tmp_path):
    course = mini.course(tmp_path, {"ann": mini.submission()})
    monkeypatch.setattr(workers.shutil, "which", lambda name: None)
    monkeypatch.setattr(launch, "command", injected(NO_NAMESPACES, tmp_path))
    with pytest.raises(MachineError, match=r"not permitted.*bubblewrap is not installed"):
        graded(course)


def test_bubblewrap_grades_and_shuts_in(tmp_path, monkeypatch):
    path_of("bwrap", package="bubblewrap")
    books = {name: attack(name) for name in ("memory", "files", "answers")}
    course = mini.course(tmp_path, books | {"ann": mini.submission()})
    monkeypatch.setattr(launch, "command", injected(NO_NAMESPACES, tmp_path))
    monkeypatch.setattr(limits, "kernel_counts_processes", lambda: True)  # no bomb among these
    result = graded(course, timeout=10)
    assert result.sandbox.startswith("bwrap") and "slower" in result.sandbox
    assert score(result) == dict.fromkeys(score(result), 6.0)
    assert not [row.student for row in result.submissions if gained(row)]


def test_bubblewrap_is_refused_where_it_cannot_limit_processes(monkeypatch, tmp_path):
    path_of("bwrap", package="bubblewrap")
    course = mini.course(tmp_path, {"ann": mini.submission()})
    monkeypatch.setattr(launch, "command", injected(NO_NAMESPACES, tmp_path))
    monkeypatch.setattr(limits, "kernel_counts_processes", lambda: False)
    with pytest.raises(MachineError, match="cannot limit the processes of root"):
        graded(course)


def test_unsafe_grades_and_says_so(tmp_path):
    course = mini.course(tmp_path, {"ann": mini.submission()})
    result = graded(course, unsafe=True)
    assert score(result) == {"ann": 6.0} and "UNSAFE" in result.sandbox


# --- what the sandbox keeps out ------------------------------------------------------------

ATTACKS = {
    "memory": "import os\nos.memfd_create('x')\nprint('GAINED')",
    "files": f"import os\nassert os.path.exists({__file__!r})\nprint('GAINED')",
    "answers": "import mlpkit.activations\nprint('GAINED')",
    "disk": "open('/student/x', 'wb').write(bytes(70_000_000))\nprint('GAINED')",
    "children": (
        "import os, time\nfor _ in range(150):\n    if os.fork() == 0:\n        time.sleep(9)\n"
        "        os._exit(0)\nprint('GAINED')"
    ),
}


def attack(name):
    return mini.submission(added=ATTACKS[name])


def gained(row):
    return "GAINED" in json.dumps(row.outputs)


# a root that shows all cannot be built over itself, so for "files" there are no walls at all
NO_WALLS = (
    "import os\n"
    "namespaces.enter = lambda *_: None\n"
    "zygote.Zygote._shut_in = lambda *_: None\n"
    "namespaces.fork_apart = os.fork\n"
    "namespaces.confine_checker = lambda: None"
)


@pytest.mark.parametrize(
    ("name", "without"),
    [
        ("memory", "seccomp.install = lambda: None"),
        ("disk", "limits.limit = lambda *_, **__: None\nlimits.DISK_MB = 200"),
        ("files", NO_WALLS),
        ("children", "limits.PROCESSES = 200"),
    ],
)
def test_a_wall_taken_out_lets_its_attack_through(tmp_path, monkeypatch, name, without):
    course = mini.course(tmp_path, {"eve": attack(name)})
    assert not gained(graded(course).submissions[0])
    monkeypatch.setattr(launch, "command", injected(without, tmp_path))
    assert gained(graded(course, force=True).submissions[0])


# --- what zygotes load ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "use"),
    [
        ("torch._dynamo", "torch.optim"),
        ("torch.fx.experimental.symbolic_shapes", "autograd.grad(y, x, dy)"),
    ],
)
def test_what_several_students_would_load_is_there_before_them(tmp_path, module, use):
    looks = f"import sys\nprint({module!r} in sys.modules)"
    for count, answer in ((3, "False"), (4, "True")):
        books = {f"s{n}": mini.submission(added=f"# {use} {n}\n{looks}") for n in range(count)}
        (tmp_path / answer).mkdir()
        result = graded(mini.course(tmp_path / answer, books))
        assert answer in str([*result.submissions[0].outputs.values()])


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("torch.optim.SGD(p)", True),
        ("y.backward(dy)", True),
        ("autograd.grad(y, x, grad_outputs=dy)", True),
        ("y.backward()\nz.backward(retain_graph=True)\nautograd.grad(y, x)", False),
        ("optimum = 3", False),
    ],
)
def test_a_notebook_s_text_hints_at_what_torch_will_load(text, hints):
    assert bool(modules_to_preload([text] * 4)) == hints
    assert modules_to_preload([text] * 3) == ()


# --- zygotes that die ----------------------------------------------------------------------


def hung_up(sock):
    """Whether the other end of a socket is closed."""
    try:
        return sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False


@pytest.mark.parametrize("gone", [False, True])
def test_a_worker_that_is_killed_loses_nothing(tmp_path, monkeypatch, gone):
    course = mini.course(tmp_path, {f"s{n}": mini.submission(added=f"{n}") for n in range(4)})
    grade = workers.Worker.grade
    killed = []

    def killing(worker, text, tests=None, **options):
        if not killed:
            killed.append(worker.process.pid)
            os.kill(worker.process.pid, signal.SIGKILL)
            if gone:  # it ended some time ago, while it was idle
                worker.process.wait()
                until(lambda: hung_up(worker.examiner))
        return grade(worker, text)

    monkeypatch.setattr(workers.Worker, "grade", killing)
    assert score(graded(course)) == {f"s{n}": 6.0 for n in range(4)}
    assert killed


# --- checkers that die ---------------------------------------------------------------------


def test_a_checker_that_dies_is_for_review_and_never_a_pass(tmp_path, monkeypatch):
    tests = {
        "double": {
            "double-kills": ("import os\nos.kill(os.getpid(), 11)", 1.0),
            "double-hangs": ("while True: pass", 1.0),
            "double-typo": ("assert doubel(1) == 2", 1.0),
            "double-leaks": ("answer = 'b'\ndouble(lambda: answer)", 1.0),
            "double-fine": ("assert double(1) == 2", 1.0),
            "double-last": ("import os\nos.kill(os.getpid(), 11)", 1.0),
        }
    }
    monkeypatch.setattr(launch, "command", injected("examination.CHECK_SECONDS = 2", tmp_path))
    plan = read_plan(json.dumps(mini.source(tests=tests)), "mini")
    with closing(LocalPool(plan, WorkerOptions())) as pool:
        [(_, examined)] = pool.examine_all({"": json.dumps(mini.submission())})
    row = result_of(plan, "ann", examined)
    statuses = {test.grade_id: test.status for test in row.tests}
    assert statuses.pop("double-hangs") == "limit"
    assert statuses == {
        "double-kills": "error",
        "double-typo": "error",
        "double-leaks": "error",
        "double-fine": "passed",
        "double-last": "error",
    }
    assert row.status == "review" and row.score == 1.0 and "double-kills" in row.message


def test_a_checker_that_dies_while_idle_puts_nothing_out_of_step(worker):
    right, wrong = mini.submission(), mini.submission({"double": "def double(x): return x"})
    worker.grade(json.dumps(right))
    youngest = process_tree(worker.process.pid)[-1]  # the checker
    os.kill(youngest, signal.SIGKILL)
    # until the news of its end waits for the runner, before any order
    assert select.select([worker.examiner], [], [], PATIENCE)[0]
    for book, passed in ((right, 4), (wrong, 2), (right, 4), (wrong, 2)):
        verdicts = worker.grade(json.dumps(book)).verdicts
        assert [verdict.status for verdict in verdicts].count("passed") == passed


def test_a_checker_that_ends_nobody_knows_where_costs_no_point_for_good(plan, worker, monkeypatch):
    orders = []

    def ended(order):
        orders.append(order)
        return CheckerEnded(order.number, test=-1, exit_code=-signal.SIGKILL)

    monkeypatch.setattr(worker, "_exchange", ended)
    row = result_of(plan, "ann", worker.grade(json.dumps(mini.submission())))
    assert len(orders) == 1 and row.status == "review"
    assert {test.status for test in row.tests} == {"error"}


def test_a_fresh_checker_is_told_which_tests_are_finished(plan, worker, monkeypatch):
    finished = []

    def ended(order):
        finished.append(order.finished_tests)
        return CheckerEnded(order.number, test=len(finished), exit_code=-signal.SIGSEGV)

    monkeypatch.setattr(worker, "_exchange", ended)
    verdicts = worker.grade(json.dumps(mini.submission())).verdicts
    assert finished == [
        [],
        [1],
        [1, 2],
        [1, 2, 3],
    ]  # then a test that there is not: all that is left
    assert [verdict.grade_id for verdict in verdicts] == [test.grade_id for test in plan.tests]


# --- some tests, up to the first failure ---------------------------------------------------


def ended(worker, book, tests):
    """The tests that were run, by number, and how each ended."""
    verdicts = worker.grade(json.dumps(book), tests).verdicts
    return {verdict.test: verdict.status for verdict in verdicts}


def test_where_tests_are_named_the_first_failure_is_the_last_test(worker):
    wrong = mini.submission({"double": "def double(x): return x"})
    assert ended(worker, wrong, {0, 1, 2}) == {0: "failed"}
    assert ended(worker, wrong, {1, 3}) == {1: "failed"}
    assert ended(worker, wrong, {2, 3}) == {2: "passed", 3: "passed"}
    hidden = "def slope(x): return torch.where(x > 0, x, 3 * x).clamp(max=5)"
    statuses = ended(worker, mini.submission({"slope": hidden}), {0, 1, 2, 3})
    assert statuses == {0: "passed", 1: "passed", 2: "failed"}
    assert ended(worker, mini.submission(), set()) == {}


def test_a_checker_that_dies_in_a_named_test_fails_it_alone(worker, monkeypatch):
    def died(order):
        return CheckerEnded(order.number, test=2, exit_code=-signal.SIGSEGV)

    monkeypatch.setattr(worker, "_exchange", died)
    assert ended(worker, mini.submission(), {1, 2}) == {2: "error"}


# --- names that are not there --------------------------------------------------------------

WHY_MISSING = {
    "def double(x)\n    return 2 * x": "stopped with SyntaxError: expected ':' (line 1, read by",
    "import numpyy\ndouble = abs": "stopped with ModuleNotFoundError: No module named 'numpyy'",
    "from mlpkit.activations import relu as double": "mlpkit.activations holds answers and cannot",
    "from mlpkit import mlp\ndouble = abs": "ImportError: mlpkit.mlp holds answers and cannot be",
    "import mlpkit.plotting": "stopped with ImportError: mlpkit.plotting cannot be imported in",
    "# later": "double is not written yet",
    "Double = abs": "double is not defined: its cell ran, and defines no double",
}


def test_a_missing_name_is_told_by_what_became_of_its_cell(worker):
    for double, message in WHY_MISSING.items():
        verdicts = worker.grade(json.dumps(mini.submission({"double": double}))).verdicts
        assert message in verdicts[0].message
        assert [verdict.status for verdict in verdicts] == ["failed", "failed", "passed", "passed"]
    answer = worker.grade(json.dumps(mini.submission({"mini-choice": "choice = B"}))).verdicts[3]
    assert answer.message.endswith(
        "name 'B' is not defined; a letter is an answer in quotes: \"B\""
    )


def test_of_a_hidden_check_only_the_kind_of_failure_is_told(worker):
    text = "def double(x):\n    if x != 1.5:\n        import mlpkit.mlp\n    return 3.0"
    values = worker.grade(json.dumps(mini.submission({"double": text}))).verdicts[0]
    property_ = "right for numbers of any sign"
    assert values.message == f"{property_}: in a check that you did not see, it raised ImportError"
