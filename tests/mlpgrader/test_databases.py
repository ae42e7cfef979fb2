"""A gradebook on PostgreSQL: every command does and says the same as with SQLite's file."""

import re
from contextlib import closing
from datetime import datetime

import pytest
from nbgrader.api import Base
from sqlalchemy import create_engine, select

from mlpgrader.course.folders import Course
from mlpgrader.recording import NO_COPY
from tests.support import toy
from tests.support.made_up import FAILED, PASSED, Class
from tests.support.postgresql import running_server

pytestmark = pytest.mark.slow

ROSTER = """Username,First name,Last name,Email address
ann,Ann,O'Lee,ann@x.org
bob,Bob,äpfel,bob@x.org
Cem,Cem,Zorn,cem@x.org
dan,Dan,"Apfel, der",dan@x.org
"""
LATE = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'
MENDED = {"ann": {"double": "failed"}, "bob": PASSED, "Cem": FAILED, "dan": PASSED}
CHANGING = re.compile(r"\d{4}-\d\d-\d\dT?[ \d:.]+(?:UTC|Z)")


class Term(Class):
    """What a teacher does in a term, by commands, with all that they say."""

    def __init__(self, folder, monkeypatch, db_url=""):
        course = toy.make_course(folder)
        config = toy.CONFIG + LATE + (f"c.CourseDirectory.db_url = {db_url!r}\n" if db_url else "")
        (course / "nbgrader_config.py").write_text(config)
        for student in ("ann", "bob", "Cem", "dan"):
            late = "2026-03-06 18:00:00 UTC" if student == "dan" else ""
            toy.submit(course, student, {"double": f"# {student}"}, late=late)
        super().__init__(course, monkeypatch)
        self.said = []

    def run(self, *words):
        done = super().run(*words)
        texts = [" ".join(words), done.stdout, done.stderr]
        self.said.append((done.exit_code, *map(self.same, texts)))
        return done

    def same(self, text):
        """A text without what is another one in each course: its place, and times."""
        return CHANGING.sub("TIME", text.replace(str(self.course), "COURSE"))

    def by_hand(self):
        """What a person gives in formgrader."""
        with self.gradebook() as book:
            book.find_assignment("toy").duedate = datetime(2026, 3, 5, 12)
            grade = book.find_grade("half-values", "toy", "toy", "bob")
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 0.5, 0.25, False
            book.find_comment("half", "toy", "toy", "bob").manual_comment = "nearly – ½ ✓"
            book.db.commit()

    def rows(self):
        """Each table's rows, without the keys that are drawn at random."""
        engine = create_engine(Course.open(self.course).db_url)
        with closing(engine.connect()) as connection:
            found = {
                table.name: sorted(map(told, connection.execute(select(table)).mappings()))
                for table in Base.metadata.sorted_tables
            }
        engine.dispose()
        return found

    def pages(self):
        files = [*self.course.glob("feedback/*/*/*.html"), *self.course.glob("results/*.html")]
        return {path.relative_to(self.course): self.same(path.read_text()) for path in files}


def told(row):
    """A row as text; ids of students and courses mean something, others do not."""
    kept = ("student_id", "lms_user_id", "course_id")
    values = {name: value for name, value in row.items() if name in kept or name[-3:] != "_id"}
    if "first_name" not in row:
        values.pop("id", None)
    return repr(sorted(values.items(), key=lambda pair: pair[0]))


def tell(term):
    """The term, with all that was recorded after each of its parts."""
    (term.course / "roster.csv").write_text(ROSTER)
    parts = [
        lambda: term.run("roster", str(term.course / "roster.csv")),
        lambda: term.grade(ann=PASSED, bob=FAILED, Cem=FAILED, dan={"half": "error"}),
        term.by_hand,
        lambda: term.run("extend", "toy", "Cem", "--by", "2d"),
        lambda: term.grade(ann=PASSED, bob=FAILED, Cem=FAILED, dan={"half": "error"}),
        lambda: term.grade(plan="mended", **MENDED),
        lambda: term.grade("--accept", plan="mended", **MENDED),
        lambda: [term.run(*words) for words in OUT],
        lambda: term.run("forget", "ann", "--yes"),
        lambda: term.run("export", "toy"),
    ]
    story = []
    for part in parts:
        part()
        story.append((term.rows(), term.pages()))
    return story


OUT = (
    ("feedback", "toy"),
    ("report", "toy"),
    ("export", "toy"),
    ("export", "toy", "--json"),
    ("class",),
    ("student", "bob@x.org"),
)


@pytest.fixture(scope="module")
def server():
    with running_server() as started:
        yield started


def test_a_term_is_the_same_as_in_a_file(tmp_path, monkeypatch, server):
    file = Term(tmp_path / "file", monkeypatch)
    term = Term(tmp_path / "server", monkeypatch, server.make_database("term"))
    for mine, theirs in zip(tell(term), tell(file), strict=True):
        assert mine == theirs
    assert [code for code, *_ in term.said] == [0, 1, 0, 1, 1, 0, *[0] * len(OUT), 1, 0]
    for mine, theirs in zip(term.said, file.said, strict=True):
        _, words, _, said = mine
        assert (NO_COPY in said) == ("--accept" in words)
        assert (*mine[:3], said.replace(f"main: {NO_COPY}\n", "")) == theirs


def test_nbgrader_reads_what_was_written(tmp_path, monkeypatch, server):
    term = Term(tmp_path / "course", monkeypatch, server.make_database("nbgraders"))
    term.grade(ann=PASSED, bob=FAILED, Cem=FAILED, dan=PASSED)
    term.by_hand()
    with term.gradebook() as book:
        scores = {row["student"]: row["score"] for row in book.submission_dicts("toy")}
    assert scores == {"ann": 3.0, "bob": 2.75, "Cem": 2.0, "dan": 3.0} == term.scores()


def test_copies_are_the_servers(tmp_path, monkeypatch, server):
    term = Term(tmp_path / "course", monkeypatch, server.make_database("copies"))
    term.grade(ann=PASSED)
    done = term.run("restore")
    assert done.exit_code == 2 and "its server keeps copies" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://course:secret@127.0.0.1:9/toy",
        "postgresql+asyncpg://course:secret@127.0.0.1:9/toy",  # a driver that is not installed
        "nosql://course:secret@127.0.0.1:9/toy",
    ],
)
def test_a_server_that_cannot_be_used_is_said_in_a_line(tmp_path, monkeypatch, address):
    term = Term(tmp_path / "course", monkeypatch, address)
    (term.course / "roster.csv").write_text(ROSTER)
    # the second one reaches the gradebook by nbgrader's own classes
    for done in (term.grade(ann=PASSED), term.run("roster", str(term.course / "roster.csv"))):
        assert done.exit_code == 3
        assert done.stderr.count("\n") == 1 and "the gradebook cannot be used" in done.stderr
        assert "secret" not in done.stdout + done.stderr
