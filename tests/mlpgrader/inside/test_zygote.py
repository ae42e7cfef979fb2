"""The zygote: what it loads, and what a student's process inherits."""

import itertools
import json
import subprocess
from signal import SIGCONT, SIGKILL, SIGSTOP

import pytest

from mlpgrader.assignment.plan import read_plan
from mlpgrader.inside import launch, zygote
from mlpgrader.inside.checker import student_process
from mlpgrader.inside.student.stand_ins import ENVIRONMENT
from mlpgrader.inside.walls import view
from mlpgrader.runner import worker as workers
from tests.support import mini
from tests.support.programs import path_of


def test_a_module_that_is_missing_stops_nothing():
    zygote.preload(["nothing_of_the_kind", "math"])


@pytest.fixture
def sent(monkeypatch):
    """The signals that are sent to the processes 2, 3 and 4, which are children of 1."""
    sent = []
    monkeypatch.setattr(zygote, "process_tree", lambda ancestor: [ancestor, 2, 3, 4])
    monkeypatch.setattr(zygote, "at_rest", lambda pid: [] if (pid, SIGSTOP) in sent else None)
    monkeypatch.setattr(zygote, "has_gone", lambda pid: (pid, SIGKILL) in sent)
    monkeypatch.setattr(zygote, "_send_signal", lambda *signal: sent.append(signal))
    return sent


def test_all_stand_still_before_any_is_killed_and_the_kept_go_on(sent):
    assert zygote._end_others(1, {4})
    assert {*sent[:3]} == {(2, SIGSTOP), (3, SIGSTOP), (4, SIGSTOP)}
    assert {*sent[3:5]} == {(2, SIGKILL), (3, SIGKILL)}
    assert sent[5:] == [(4, SIGCONT)]


@pytest.mark.parametrize("look", [lambda counts: None, lambda counts: [next(counts)]])
def test_where_one_runs_or_ran_between_two_looks_they_are_not_ended(sent, monkeypatch, look):
    counts = itertools.count()
    monkeypatch.setattr(zygote, "at_rest", lambda pid: look(counts) if pid == 3 else [])
    monkeypatch.setattr(zygote, "MOST_SECONDS", 0.1)
    assert not zygote._end_others(1, {4})


LOOK = """
import sys, os, threading, json
answers = "activations losses initialization mlp gradcheck diagnostics training".split()
print(json.dumps({
    "answers": [n for n in answers if f"mlpkit.{n}" in sys.modules],
    "threads": len(os.listdir("/proc/self/task")),
    "descriptors": sorted(map(int, os.listdir("/proc/self/fd"))),
    "processes": [p for p in os.listdir("/proc") if p.isdigit()],
    "environment": dict(os.environ),
    "root": sorted(os.listdir("/")),
    "files": {
        name: sorted(os.listdir(os.path.dirname(sys.modules[name].__file__)))
        for name in ("mlpgrader", "mlpkit")
    },
    "devices": sorted(os.listdir("/dev")),
    "interfaces": [l.split(":")[0].strip() for l in open("/proc/net/dev").readlines()[2:]],
    "status": open("/proc/self/status").read(),
    "here": os.getcwd(),
    "before": os.path.exists("/student/left"),
    "left": open("/student/left", "w").write("x"),
    "ns": {n: os.readlink(f"/proc/self/ns/{n}") for n in ("user", "mnt", "pid", "net", "ipc")},
}))
"""


@pytest.fixture(scope="module")
def seen():
    """What two students' processes of one zygote, one after the other, see of themselves."""
    plan = read_plan(json.dumps(mini.source()), "mini")
    worker = workers.Worker(plan, workers.WorkerOptions(timeout=10), "namespaces")
    try:
        graded = [worker.grade(json.dumps(mini.submission(added=LOOK))) for _ in range(2)]
    finally:
        worker.close()
    return [json.loads(examined.outputs["+1"][0]["text"]) for examined in graded]


def test_no_answers_and_no_threads_are_inherited(seen):
    assert seen[0]["answers"] == [] and seen[0]["threads"] == 1


def test_descriptors_lead_to_nothing_but_the_checker(seen):
    own, main, forks = 1, 1, 1  # its own is the listing's; one fork is left after LOOK
    assert len(seen[0]["descriptors"]) == 3 + main + forks + student_process.SPARES + own


def test_a_student_sees_itself_alone(seen):
    assert seen[0]["processes"] == ["1"]
    assert seen[0]["interfaces"] == ["lo"]
    assert seen[0]["here"] == "/student"
    assert {**seen[0]["environment"]} == launch.environment() | ENVIRONMENT | {
        key: value for key, value in seen[0]["environment"].items() if key in ("LC_CTYPE",)
    }


def test_the_files_are_the_list(seen):
    for package in ("mlpgrader", "mlpkit"):
        shown = [path.split("/")[1] for path in view.SHOWN if path.startswith(f"{package}/")]
        assert seen[0]["files"][package] == sorted(shown)
    assert not {"root", "home", "work", "mnt", "srv", "var"} & {*seen[0]["root"]} - visible_roots()
    assert seen[0]["devices"] == sorted([*view.DEVICES, "shm"])


def visible_roots():
    return {path.split("/")[1] for path in [*view.visible(), view.PACKAGES]}


def test_it_has_no_capability_and_a_filter(seen):
    status = dict(line.split(":", 1) for line in seen[0]["status"].splitlines())
    for kind in ("CapInh", "CapPrm", "CapEff"):
        assert int(status[kind], 16) == 0
    assert status["NoNewPrivs"].strip() == "1" and status["Seccomp"].strip() == "2"


def test_nothing_of_one_student_reaches_the_next(seen):
    assert [student["before"] for student in seen] == [False, False]


def test_the_namespaces_are_the_students_own(seen):
    for name, link in seen[0]["ns"].items():
        host = subprocess.run(["readlink", f"/proc/self/ns/{name}"], capture_output=True, text=True)
        assert link != host.stdout.strip()


JUDGES = """
import json, os, socket
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
assert [int(status[kind], 16) for kind in ("CapInh", "CapPrm", "CapEff")] == [0, 0, 0]
assert (status["NoNewPrivs"].strip(), status["Seccomp"].strip()) == ("1", "2")
for refused in (socket.socket, lambda: os.memfd_create("x"), lambda: open("/usr/x", "w")):
    try:
        refused()
    except OSError:
        continue
    raise AssertionError(refused)
assert double(1) == 2
"""


@pytest.mark.parametrize("tier", ["namespaces", "bwrap"])
def test_who_judges_has_no_rights_and_no_network(tier):
    if tier == "bwrap":
        path_of("bwrap", package="bubblewrap")
    text = JUDGES if tier == "namespaces" else JUDGES.replace(', lambda: open("/usr/x", "w")', "")
    tests = {"double": {"judges": (text, 1.0)}}
    plan = read_plan(json.dumps(mini.source(tests=tests)), "mini")
    worker = workers.Worker(plan, workers.WorkerOptions(timeout=10), tier)
    try:
        [verdict] = worker.grade(json.dumps(mini.submission())).verdicts
    finally:
        worker.close()
    assert (verdict.status, verdict.message) == ("passed", "")
