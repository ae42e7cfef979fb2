"""Tests that are judged inside, and hand-ins that want more than points.

A verdict inside can be forged, as in stock nbgrader. But nobody learns a hidden line, changes
anything outside, stops what comes after, or gains a point of a test that is judged apart.
"""

import json

import pytest

from mlpgrader.runner.grade import GradeOptions, grade_set
from tests.support import mini
from tests.support.waiting import until
from tests.support.zygotes import zygotes

pytestmark = pytest.mark.slow
SECRET = "xyzzy-4321"
TESTS = {
    "box": {
        "box-value": (
            '"""a box keeps what it is given"""\nassert Box(3).value == 3, "not 3"\n'
            f"{mini.HIDE}\nsecret_word = '{SECRET}'\n"
            f"assert Box(secret_word).value == secret_word\n{mini.SHOW}",
            2.0,
        ),
        "box-points": ("Box(0.5).value + Box(0.5).value", 1.0),
        "box-last": (f"{mini.HIDE}\nassert Box('{SECRET}2').value[-1] == '2'\n{mini.SHOW}", 1.0),
    },
    "alone": {
        "alone-here": (
            "import os\npids = [name for name in os.listdir('/proc') if name.isdigit()]\n"
            "assert len(pids) == 2 and alone",  # that of the test, and its ancestor
            1.0,
        ),
    },
    "half": {"half-value": ("assert half(4) == 2", 1.0)},
}
RIGHT = {
    "box": "class Box:\n    def __init__(self, value):\n        self.value = value",
    "alone": "alone = True",
    "half": "def half(x):\n    return x / 2",
}
# leaves a process behind that looks for the secret in all others; a rerun would print what it found
SNOOP = """
import os, time
def look():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
                for line in maps:
                    start, end = (int(x, 16) for x in line.split()[0].split("-"))
                    if "rw" in line and end - start < 1 << 26:
                        memory.seek(start)
                        if b"xyz" + b"zy-" in memory.read(end - start):
                            open("/student/found", "w").write("seen")
        except OSError:
            pass
if os.fork() == 0:
    os.setsid()
    for _ in range(200):
        look()
        time.sleep(0.01)
    os._exit(0)
try:
    print(open("/student/found").read())
except OSError:
    pass
"""
LEAK = """
class Box:
    def __init__(self, value):
        self.value = value
        print("LEAK", value)
        open("/student/found", "a").write(str(value))
        if value != 3:
            raise ValueError(f"LEAK {value}")
"""
END = "class Box:\n    def __init__(self, value):\n        import os, signal\n        {}"
FORGER = """
import msgpack
from mlpgrader.inside import messages
messages.Ending.plain = lambda self: ["ended", {!r}, "", "", 0, False]
class Box:
    value = 0
"""
BOMB = """
import os, time
def breed():
    while True:
        try:
            if os.fork() == 0:
                os.setsid()
        except OSError:
            time.sleep(0.001)
if os.fork() == 0:
    breed()
"""
HANDED_IN = {
    "right": ({}, ""),
    "stub": ({"box": "raise NotImplementedError()", "half": "raise NotImplementedError()"}, ""),
    "snoop": ({"box": LEAK}, SNOOP),
    "leak": ({"box": LEAK}, ""),
    "exits": ({"box": END.format("os._exit(0)")}, ""),
    "kills": ({"box": END.format("os.kill(-1, signal.SIGKILL)")}, ""),
    "hangs": ({"box": END.format("while True: pass")}, ""),
    "forges": ({"box": FORGER.format("1e9"), "half": "def half(x):\n    return x"}, ""),
    "no number": ({"box": FORGER.format("nan"), "half": "def half(x):\n    return x"}, ""),
    "bomb": ({}, BOMB),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    course = tmp_path_factory.mktemp("hostile")
    books = {}
    for student, (answers, added) in HANDED_IN.items():
        cells = mini.source(tests={}, right=RIGHT | answers)["cells"]
        if added:
            cells.append(mini.cell(added))
        books[student] = mini.notebook(cells)
    mini.course(course, books, mini.source(tests=TESTS, right=RIGHT))
    before = zygotes()
    files = {path for path in course.rglob("*") if path.is_file()}
    result = grade_set(course, "mini", GradeOptions(jobs=2, timeout=2))
    until(lambda: zygotes() <= before)
    return course, files, result, {row.student: row for row in result.submissions}


def points(row):
    return {test.grade_id: test.points for test in row.tests}


def test_the_tests_of_objects_are_judged_inside_and_it_is_said(graded):
    _, _, result, rows = graded
    ways = {test.grade_id: test.judged for test in rows["right"].tests}
    assert ways.pop("half-value") == "apart" and set(ways.values()) == {"inside"}
    assert result.forgeable_points == 5.0
    assert rows["right"].score == 6.0 and rows["stub"].score == 1.0


def test_nothing_hidden_is_learned_from_tests_inside(graded):
    course, _, result, rows = graded
    shown = json.dumps(result.to_json()) + json.dumps([row.outputs for row in result.submissions])
    for path in (course / "results" / "mini").iterdir():
        shown += path.read_text()
    assert SECRET not in shown and "seen" not in shown
    assert "LEAK 0.5" in shown  # of a test of which every line is visible
    told = {test.grade_id: test.message for test in rows["leak"].tests}
    assert told["box-value"] == "a box keeps what it is given: failed"


def test_a_hidden_test_runs_when_all_others_of_the_submission_are_killed(graded):
    for student in ("snoop", "bomb"):
        assert points(graded[3][student])["alone-here"] == 1.0, student
    assert graded[3]["bomb"].score == 6.0


def test_a_visible_failure_inside_is_told(graded):
    message = graded[3]["stub"].tests[0].message
    assert "NotImplementedError" in message or "Box" in message


def test_what_ends_the_process_costs_the_tests_that_it_touches(graded):
    # who kills all others lives on, and has no value
    for student, status in (("exits", "crashed"), ("kills", "failed"), ("hangs", "timeout")):
        row = graded[3][student]
        assert points(row)["half-value"] == 1.0, student
        assert {row.tests[number].status for number in range(3)} == {status}, student


def test_a_forged_number_is_no_more_than_the_test_is_worth(graded):
    rows = graded[3]
    assert points(rows["forges"])["box-points"] <= 1.0
    assert points(rows["forges"])["half-value"] == 0.0  # judged apart: out of reach
    by_name = {test.grade_id: test for test in rows["no number"].tests}
    assert by_name["box-points"].status == "error" and by_name["box-points"].points == 0.0


def test_processes_left_behind_change_nothing_outside(graded):
    course, files, _, _ = graded
    now = {path for path in course.rglob("*") if path.is_file()}
    assert {path for path in now - files if "results" not in path.parts} == set()
