"""A term as a teacher has it, by the commands alone, each once, in the order of a term.

A set is proven and released. Hand-ins come with a platform's names. A machine grades them, and a
person the essay. A test turns out to be wrong and is mended; the class is graded again; a report is
written, pages go back, and grades go out. Then one student has more time, another one hands in once
more, their answers are alike, and one leaves the course.
"""

import csv
import io
import json
import zipfile

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from mlpgrader import cli
from tests.support import toy
from tests.support.course import cell, notebook, prose

pytestmark = pytest.mark.slow

ROSTER = (
    "Username,First name,Last name,Email address\nann,Ann,O'Lee,ann@x.org\nbob,Bob,Li,bob@x.org\n"
)
VARIANTS = '''"""Right and wrong answers to `half`."""

from mlpgrader.variants import right, wrong


@right("by a product")
def half(x):
    return 0.5 * x


@wrong("doubled, not halved", fails=["half-values"])
def half(x):
    return 2 * x
'''
DOUBLED = "def half(x):\n    return 2 * x"
WHOLE = "def half(x):\n    return x // 2"  # right for 4, the only number that the first test tries
ESSAY = 2.0
MENDED = f'{toy.HALF_TEST}\nassert half(3) == 1.5, "half(3): expected 1.5"'


class Term:
    """A course and its teacher."""

    def __init__(self, folder):
        self.course = toy.make_course(folder / "course")
        self.write_source(toy.HALF_TEST)
        variants = self.course / "variants" / "toy"
        variants.mkdir(parents=True)
        (variants / "half.py").write_text(VARIANTS)

    def source(self, half_test):
        cells = toy.source()["cells"]
        essay = cell("", "why", grade=True, solution=True, points=ESSAY)
        cells.append({**prose("Why?", "why"), "metadata": essay["metadata"]})
        for part in cells:
            if part["id"] == "half-values":
                part["source"] = half_test
        return notebook(cells)

    def write_source(self, half_test):
        path = self.course / "solutions" / "toy" / "toy.ipynb"
        path.write_text(json.dumps(self.source(half_test)))

    def run(self, verb, *words, code=0):
        """Type a command; give what it printed, messages left aside in `said`."""
        jobs = ["--jobs", "1"] if verb == "grade" else []
        command = [verb, *map(str, words), *jobs, "--course", str(self.course)]
        done = CliRunner().invoke(cli.main, command, prog_name="mlpgrader")
        assert done.exit_code == code, (command, done.stdout, done.stderr)
        self.said = done.stderr
        return done.stdout

    def archive(self, answers):
        """What Moodle gives for download."""
        path = self.course / "moodle.zip"
        released = (self.course / "exercises" / "toy" / "toy.ipynb").read_text()
        with zipfile.ZipFile(path, "w") as archive:
            for number, (name, half) in enumerate(answers.items(), start=11):
                book = json.loads(released)
                texts = {"double": "def double(x):\n    return 2 * x", "half": half, "why": name}
                for part in book["cells"]:
                    part["source"] = texts.get(part["id"], part["source"])
                inside = f"{name}_{number}_assignsubmission_file_/toy.ipynb"
                archive.writestr(inside, json.dumps(book))
        return path

    def scores(self):
        rows = csv.DictReader(io.StringIO(self.run("export", "toy")))
        return {row["student"]: float(row["score"]) for row in rows}

    def set_due_date(self, text):
        with Gradebook(f"sqlite:///{self.course / 'gradebook.db'}") as book:
            book.update_or_create_assignment("toy", duedate=text)

    def grade_by_hand(self, student, points):
        with Gradebook(f"sqlite:///{self.course / 'gradebook.db'}") as book:
            grade = book.find_grade("why", "toy", "toy", student)
            grade.manual_score, grade.needs_manual_grade = points, False
            book.db.commit()


def test_a_term(tmp_path):
    term = Term(tmp_path)

    term.run("verify", "toy")
    term.run("release", "toy")

    (term.course / "participants.csv").write_text(ROSTER)
    term.run("roster", term.course / "participants.csv")
    handed_in = {"Ann O'Lee": WHOLE, "Bob Li": DOUBLED, "Eve Stranger": WHOLE}
    term.run("import", "toy", term.archive(handed_in), code=1)
    assert "Eve Stranger" in term.said

    table = term.run("grade", "toy")
    assert "Ann O'Lee" in table and "doubled, not halved" in table
    term.grade_by_hand("ann", 1.5)
    term.grade_by_hand("bob", 2.0)
    before = term.scores()
    assert before == {"ann": 4.5, "bob": 4.0}

    term.write_source(MENDED)
    term.run("release", "toy")
    change = term.run("grade", "toy", code=1)
    assert "ann" in change and "half-values" in change and "--accept" in term.said
    assert term.scores() == before
    assert "half-values" in term.run("grade", "toy", "--diff", code=1)
    assert "by hand or by a penalty, for ann, bob;" in term.run("grade", "toy", "--accept")
    assert term.scores() == {"ann": 3.5, "bob": 4.0}

    term.run("report", "toy")
    term.run("feedback", "toy")
    pages = {name: term.course / "feedback" / name / "toy" / "toy.html" for name in before}
    assert all("Receipt" in page.read_text() for page in pages.values())
    assert "Ann O" in term.run("class")
    assert "toy" in term.run("student", "bob@x.org")

    term.run("restore")
    assert term.scores() == before

    term.set_due_date("2026-03-06 18:00 UTC")
    assert "ann" in term.run("extend", "toy", "ann", "--by", "2 days")
    late = {"Bob Li": WHOLE}
    term.run("import", "toy", term.archive(late), "--replace")
    said = term.run("watch", "toy", "--once", "--tries", 3, code=1)
    assert "ann: held back" in said and "bob: graded" in said  # her grade would change
    assert "ann, bob" in term.run("alike", "toy")
    term.run("export", "toy", "--gradescope", tmp_path / "gradescope")
    score = json.loads((tmp_path / "gradescope" / "bob.json").read_text())["score"]
    assert score == term.scores()["bob"]
    assert "bob" in term.run("forget", "bob", "--yes", "--hand-ins")
    assert term.scores().keys() == {"ann"} and not pages["bob"].exists()
