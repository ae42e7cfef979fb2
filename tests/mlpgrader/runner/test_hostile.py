"""The standing attacker: each submission of `tests/hostile/`, in each kind of sandbox there is.

All are graded together, with honest ones among them, by the commands that an instructor types; so
whoever stops a run, or takes something from a neighbor, shows at once. `tests/support/hostile.py`
says how a file looks.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support import hostile, hostile_run
from tests.support.programs import path_of

pytestmark = pytest.mark.slow

SANDBOXES = ["namespaces", "bwrap"]
if os.getuid() == 0:  # bubblewrap cannot hold root's processes
    SANDBOXES = ["namespaces", "namespaces other", "bwrap other"]
SUBMISSIONS = {set_name: hostile.submissions(set_name) for set_name in hostile.SETS}
EVERYBODY = [(set_name, name) for set_name, chosen in SUBMISSIONS.items() for name in chosen]
# what the commands may write
WRITTEN = {"results", "autograded", "feedback", "gradebook.db"}


class Graded:
    """The class, graded in a sandbox.

    Attributes:
        course: where it is.
        said: by command, its exit code and what it said.
        left: processes that were left.
        changed: files that are not as they were.
    """

    def __init__(self, course, sandbox):
        self.course = course
        before = tree(course)
        command = [sys.executable, "-m", hostile_run.__name__, str(course), *sandbox.split()]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        answer = json.loads(done.stdout)
        self.said = answer["said"]
        self.left = answer["left"]
        after = tree(course)
        changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
        self.changed = {path for path in changed if Path(path).parts[0] not in WRITTEN}

    def results(self, set_name):
        return json.loads((self.course / "results" / f"{set_name}.json").read_text())

    def rows(self, set_name):
        return {row["student"]: row for row in self.results(set_name)["submissions"]}

    def seen(self):
        """What came of each submission, by set and student."""
        said = "\n".join(text for _, text in self.said.values())
        found = {}
        for set_name in hostile.SETS:
            rows = self.rows(set_name)
            for name in SUBMISSIONS[set_name]:
                found[set_name, name] = hostile.Seen(self.course, rows[name], set_name, said)
        return found


def tree(folder):
    return {
        str(path.relative_to(folder)): path.lstat().st_mtime_ns
        for path in folder.rglob("*")
        if not path.is_dir()
    }


@pytest.fixture(scope="module", params=SANDBOXES)
def graded(request):
    if request.param.startswith("bwrap"):
        path_of("bwrap", package="bubblewrap")
    with tempfile.TemporaryDirectory() as folder:  # where other users may go, too
        course = hostile.make_course(Path(folder), SUBMISSIONS)
        if request.param.endswith("other"):
            give_away(folder, hostile_run.OTHER_USER)
        yield Graded(course, request.param)


def give_away(folder, user):
    for place, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            shutil.chown(os.path.join(place, name), user, user)


def submission(key):
    set_name, name = key
    return SUBMISSIONS[set_name][name]


def test_there_are_enough_of_them():
    assert len(EVERYBODY) >= 100


def test_each_says_what_it_tries_and_what_must_happen():
    silent = [key for key in EVERYBODY if "\n\n" not in (submission(key).module.__doc__ or "")]
    assert not silent


def test_each_gets_what_its_honest_part_is_worth(graded):
    wrong = {}
    for key, seen in graded.seen().items():
        expected = submission(key)
        if not expected.least <= seen.row["score"] <= expected.most:
            wrong[key] = seen.row
        if seen.row["status"] != expected.status:
            wrong[key] = seen.row
    assert not wrong


def test_nothing_hidden_shows_and_no_wall_gave_way(graded):
    leaks = []
    for key, seen in graded.seen().items():
        shown = seen.kept() + seen.page()
        leaks += [(key, secret) for secret in hostile.SECRETS if hostile.shows(shown, secret)]
        leaks += [key for _ in range(hostile.GAINED in seen.kept())]
    assert not leaks


def test_what_each_file_asks_for(graded):
    wrong = {}
    for key, seen in graded.seen().items():
        try:
            submission(key).says("check", lambda seen: None)(seen)
        except AssertionError as error:
            wrong[key] = f"{error}", seen.row
    assert not wrong


def test_nobody_ends_a_run(graded):
    assert not {what: said for what, said in graded.said.items() if said[0] not in (0, 1)}
    assert not [what for what, (_, said) in graded.said.items() if "Traceback" in said]


def test_nothing_that_is_printed_reaches_the_terminal_as_a_code(graded):
    assert not [what for what, (_, said) in graded.said.items() if "\x1b" in said]


def test_no_file_changes(graded):
    assert not graded.changed


def test_no_process_is_left(graded):
    assert not graded.left


def test_the_sandbox_is_the_one_that_was_asked_for(graded, request):
    sandbox = request.node.callspec.params["graded"].split()[0]
    assert graded.results("mini")["sandbox"].startswith(sandbox)
    assert graded.results("box")["forgeable_points"] == 5.0
