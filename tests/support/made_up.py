"""A course of the toy set that is graded by the commands, with verdicts that are made up."""

import hashlib
import json
from contextlib import closing

from click.testing import CliRunner
from nbgrader.api import Gradebook

from mlpgrader import cli
from mlpgrader.course.folders import Course
from mlpgrader.runner import grade as runner
from tests.support import toy

PASSED, FAILED = {}, {"half": "failed"}


class Class:
    """A course whose verdicts are made up: how each student's tests ended."""

    def __init__(self, course, monkeypatch):
        self.course = course
        self.monkeypatch = monkeypatch

    def run(self, *words):
        return CliRunner().invoke(cli.main, [*words, "--course", str(self.course)])

    def grade(self, *options, plan="first", versions="1", **verdicts):
        result = toy.of_set(*[toy.graded(name, **how) for name, how in verdicts.items()])
        result.versions = {"torch": versions}
        for row in result.submissions:
            row.hand_in, row.plan = sha256(self.hand_in(row.student)), plan
            row.receipt = sha256(f"{row.hand_in}{plan}{versions}".encode())
        self.monkeypatch.setattr(runner, "grade_set", lambda *_, **__: result)
        return self.run("grade", "toy", *options)

    def hand_in(self, student):
        return (self.course / "submitted" / student / "toy" / "toy.ipynb").read_bytes()

    def scores(self):
        rows = json.loads(self.run("export", "toy", "--json").stdout)["grades"]
        return {row["student"]: float(row["score"]) for row in rows}

    def page(self, student):
        assert self.run("feedback", "toy").exit_code == 0
        return (self.course / "feedback" / student / "toy" / "toy.html").read_text()

    def gradebook(self):
        return closing(Gradebook(Course.open(self.course).db_url, "toy"))


def sha256(content):
    return hashlib.sha256(content).hexdigest()
