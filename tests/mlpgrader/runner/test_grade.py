"""A run: the sandbox by probing, results that stay, workers that die, checkers that fail."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from mlpgrader.assignment.plan import read_plan
from mlpgrader.errors import MachineError, UsageError
from mlpgrader.inside import launch
from mlpgrader.inside.processes import process_tree
from mlpgrader.inside.walls import limits
from mlpgrader.runner import grade as run
from mlpgrader.runner import worker as workers
from tests.support import mini
from tests.support.programs import path_of
from tests.support.variants import ROOT

pytestmark = pytest.mark.slow


def graded(course, **options):
    return run.grade_set(course, "mini", **{"timeout": 5, "jobs": 1} | options)


def score(result):
    return {row.student: row.score for row in result.submissions}


@pytest.fixture(scope="module")
def class_of_three(tmp_path_factory):
    """A graded course, with what `progress` was told."""
    wrong = mini.submission({"double": "def double(x):\n    return 3 * x"})
    books = {"ann": mini.submission(), "bob": wrong, "eve": "{"}
    course = mini.course(tmp_path_factory.mktemp("three"), books)
    told = []
    return course, graded(course, progress=told.append), told


def test_the_rows_are_in_the_promised_form(class_of_three):
    _, result, told = class_of_three
    content = json.loads(json.dumps(result.to_json()))
    assert [content[key] for key in ("schema_version", "set", "max_score")] == [1, "mini", 6.0]
    ann, bob, eve = content["submissions"]
    assert (ann["status"], ann["score"]) == ("graded", 6.0)
    assert (eve["status"], eve["score"], eve["tests"]) == ("unreadable", 0.0, [])
    assert " ".join(bob) == "student status message score max_score late_seconds seconds tests"
    assert [*bob["tests"][0]] == ["grade_id", "points", "max_points", "status", "message"]
    assert {row.student for row in told} >= {"ann", "bob"}


def test_a_visible_failure_says_what_was_expected(class_of_three):
    bob = class_of_three[1].submissions[1]
    assert "expected 3" in bob.tests[0].message and "got      4.5" in bob.tests[0].message


def test_a_second_run_grades_nothing_anew(class_of_three, monkeypatch):
    course, first, _ = class_of_three
    monkeypatch.setattr(workers.Worker, "grade", None)
    again = graded(course)
    assert [row.to_json() for row in again.submissions] == [
        row.to_json() for row in first.submissions
    ]


def test_force_grades_anew_and_what_changed_is_graded(class_of_three, monkeypatch):
    course, *_ = class_of_three
    texts = []
    grade = workers.Worker.grade
    monkeypatch.setattr(workers.Worker, "grade", lambda w, t: (texts.append(t), grade(w, t))[1])
    graded(course, force=True)
    assert len(texts) == 3
    mini.write(course / "submitted" / "bob" / "mini" / "mini.ipynb", mini.submission(added="1"))
    assert score(graded(course))["bob"] == 6.0
    assert len(texts) == 4


def test_a_damaged_result_is_graded_anew(class_of_three):
    course, *_ = class_of_three
    for path in (course / "results" / "mini").glob("*.json"):
        path.write_text(path.read_text()[:20])
    assert score(graded(course))["ann"] == 6.0
    assert not [path for path in (course / "results" / "mini").iterdir() if "part" in path.name]


@pytest.mark.parametrize(("name", "text"), [("nothing", "no set"), ("../mini", "no set")])
def test_a_set_that_is_not_there(class_of_three, name, text):
    with pytest.raises(UsageError, match=text):
        run.grade_set(class_of_three[0], name)


def test_without_any_sandbox_it_refuses(class_of_three, monkeypatch, tmp_path):
    monkeypatch.setattr(workers.shutil, "which", lambda name: None)
    fake = "def no(*_): raise OSError('not permitted')\nnamespaces.enter = no\n"
    monkeypatch.setattr(launch, "command", injected(fake, tmp_path))
    with pytest.raises(MachineError, match=r"not permitted.*bubblewrap is not installed"):
        graded(class_of_three[0])


def injected(code, folder):
    """`launch.command` with a change to the zygote's copy of the grader."""
    real = launch.command
    program = folder / "changed_zygote.py"
    program.write_text(
        "import sys\n"
        f"sys.path.append({str(ROOT)!r})\n"
        "from mlpgrader.inside import __main__ as start\n"
        "start.prepare()\n"
        "from mlpgrader.inside import zygote\n"
        "from mlpgrader.inside.checker import examination\n"
        "from mlpgrader.inside.walls import limits, namespaces, seccomp\n"
        f"{code}\n"
        "start.main(sys.argv[1:])\n"
    )

    def command(role, *numbers):
        line = real(role, *numbers)
        if role == "zygote":
            line[line.index(str(launch.PROGRAM))] = str(program)
        return line

    return command


ATTACKS = {
    "memory": "import os\nos.memfd_create('x')\nprint('GAINED')",
    "files": f"import os\nassert os.path.exists({__file__!r})\nprint('GAINED')",
    "answers": "import mlpkit.activations\nprint('GAINED')",
    "disk": "open('/student/x', 'wb').write(bytes(70_000_000))\nprint('GAINED')",
    "names": "import socket\nsocket.sethostname('x')\nprint('GAINED')",
    "children": (
        "import os, time\nfor _ in range(150):\n    if os.fork() == 0:\n        time.sleep(9)\n"
        "        os._exit(0)\nprint('GAINED')"
    ),
}


def attack(name):
    return mini.submission(added=ATTACKS[name])


def gained(row):
    return "GAINED" in json.dumps(row.outputs)


@pytest.mark.parametrize(
    ("name", "without"),
    [
        ("memory", "seccomp.install = lambda: None"),
        ("disk", "limits.limit = lambda *_, **__: None\nlimits.DISK_MB = 200"),
        ("files", ""),
        ("children", "limits.PROCESSES = 200"),
    ],
)
def test_a_wall_taken_out_lets_its_attack_through(tmp_path, monkeypatch, name, without):
    course = mini.course(tmp_path, {"eve": attack(name)})
    assert not gained(graded(course).submissions[0])
    if name == "files":  # a root that shows all cannot be built over itself: look outside instead
        without = "namespaces.enter = lambda *_: None\nzygote.Zygote._shut_in = lambda *_: None\n"
        without += "namespaces.fork_apart = __import__('os').fork"
    monkeypatch.setattr(launch, "command", injected(without + "\n", tmp_path))
    assert gained(graded(course, force=True).submissions[0])


def test_bubblewrap_grades_and_shuts_in(tmp_path, monkeypatch):
    path_of("bwrap", package="bubblewrap")
    books = {name: attack(name) for name in ("memory", "files", "answers")}
    course = mini.course(tmp_path, books | {"ann": mini.submission()})
    fake = "def no(*_): raise OSError('not permitted')\nnamespaces.enter = no\n"
    monkeypatch.setattr(launch, "command", injected(fake, tmp_path))
    monkeypatch.setattr(limits, "kernel_counts_processes", lambda: True)  # no bomb among these
    result = graded(course, timeout=10)
    assert result.sandbox.startswith("bwrap") and "slower" in result.sandbox
    assert score(result) == dict.fromkeys(score(result), 6.0)
    assert not [row.student for row in result.submissions if gained(row)]


def test_bubblewrap_is_refused_where_it_cannot_limit_processes(
    class_of_three, monkeypatch, tmp_path
):
    path_of("bwrap", package="bubblewrap")
    fake = "def no(*_): raise OSError('not permitted')\nnamespaces.enter = no\n"
    monkeypatch.setattr(launch, "command", injected(fake, tmp_path))
    monkeypatch.setattr(limits, "kernel_counts_processes", lambda: False)
    with pytest.raises(MachineError, match="cannot limit the processes of root"):
        graded(class_of_three[0])


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


def test_unsafe_grades_and_says_so(tmp_path):
    course = mini.course(tmp_path, {"ann": mini.submission()})
    result = graded(course, unsafe=True)
    assert score(result) == {"ann": 6.0} and "UNSAFE" in result.sandbox


@pytest.mark.parametrize("gone", [False, True])
def test_a_worker_that_is_killed_loses_nothing(tmp_path, monkeypatch, gone):
    course = mini.course(tmp_path, {f"s{n}": mini.submission(added=f"{n}") for n in range(4)})
    grade, killed = workers.Worker.grade, []

    def killing(worker, text):
        if not killed:
            killed.append(os.kill(worker.process.pid, signal.SIGKILL))
            if gone:  # it ended some time ago, while it was idle
                worker.process.wait()
                time.sleep(1)
        return grade(worker, text)

    monkeypatch.setattr(workers.Worker, "grade", killing)
    assert score(graded(course)) == {f"s{n}": 6.0 for n in range(4)}
    assert killed


def processes_of(token):
    listing = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True).stdout
    return [line for line in listing.splitlines() if token in line and "ps -eo" not in line]


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_leaves_no_process_and_resumes(tmp_path, kill):
    books = {
        "ann": mini.submission(),
        "sleeper": mini.submission(added="import time\ntime.sleep(99)"),
    }
    course = mini.course(tmp_path, books)
    code = "import sys; from mlpgrader.runner.grade import grade_set\n"
    code += f"grade_set({str(course)!r}, 'mini', jobs=1, timeout=30)"
    before = {line.split()[0] for line in processes_of(str(launch.PROGRAM))}
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    until(lambda: list((course / "results").rglob("*.json")))
    process.send_signal(kill)
    process.wait(30)

    def mine():
        lines = processes_of(str(launch.PROGRAM))
        return [line for line in lines if line.split()[0] not in before]

    until(lambda: not mine())
    mini.write(course / "submitted" / "sleeper" / "mini" / "mini.ipynb", mini.submission(added="2"))
    assert score(graded(course)) == {"ann": 6.0, "sleeper": 6.0}


def until(condition, seconds=90):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


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
    monkeypatch.setattr(launch, "command", injected("examination.CHECK_SECONDS = 2\n", tmp_path))
    course = mini.course(tmp_path, {"ann": mini.submission()}, mini.source(tests=tests))
    row = graded(course).submissions[0]
    found = {test.grade_id: test.status for test in row.tests}
    assert found.pop("double-hangs") == "limit"
    assert found == {
        "double-kills": "error",
        "double-typo": "error",
        "double-leaks": "error",
        "double-fine": "passed",
        "double-last": "error",
    }
    assert row.status == "review" and row.score == 1.0 and "double-kills" in row.message


def test_one_notebook_alone():
    plan = read_plan(json.dumps(mini.source()), "mini")
    row = run.grade_notebook(plan, json.dumps(mini.submission()), student="ann")
    assert (row.student, row.score, row.status) == ("ann", 6.0, "graded")


def test_a_checker_that_dies_while_idle_puts_nothing_out_of_step():
    plan = read_plan(json.dumps(mini.source()), "mini")
    worker = workers.Worker(plan, workers.Options(timeout=2), "namespaces")
    right, wrong = mini.submission(), mini.submission({"double": "def double(x): return x"})
    try:
        worker.grade(json.dumps(right))
        for process in process_tree(worker.process.pid)[-1:]:  # the youngest is the checker
            os.kill(process, signal.SIGKILL)
        time.sleep(0.3)
        for book, passed in ((right, 4), (wrong, 2), (right, 4), (wrong, 2)):
            verdicts = worker.grade(json.dumps(book))["verdicts"]
            assert [each["status"] for each in verdicts].count("passed") == passed
    finally:
        worker.close()


def test_a_checker_that_ends_nobody_knows_where_costs_no_point_for_good(monkeypatch):
    plan = read_plan(json.dumps(mini.source()), "mini")
    worker = workers.Worker(plan, workers.Options(timeout=2), "namespaces")
    orders = []
    end = {"ended": -signal.SIGKILL, "number": -1}
    monkeypatch.setattr(worker, "_exchange", lambda order: orders.append(order) or end)
    try:
        graded = {"status": "graded", **worker.grade(json.dumps(mini.submission()))}
    finally:
        worker.close()
    row = run.result_of(plan, "ann", graded)
    assert len(orders) == 1 and row.status == "review"
    assert {test.status for test in row.tests} == {"error"}
