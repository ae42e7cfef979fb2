"""Into nbgrader: the gradebook's rows and the autograded notebooks of a graded set.

Theory of operation. nbgrader's own preprocessors make the *master* of a set: what a student gets,
hidden tests still in. Each submission becomes a copy of the master with the student's text in the
solution cells, the cells the student added, what those cells printed, and for each test cell an
output from which nbgrader's `determine_grade` reads the points that the checker gave. Scores,
comments and late penalties are then computed by nbgrader's functions on that copy and stored
through nbgrader's classes. Only the commits differ: one for a whole class, not several per cell.

One process writes the gradebook. No student code runs here.
"""

import contextlib
import json
import textwrap
import uuid
from datetime import datetime
from pathlib import Path

import nbformat
import nbgrader.api
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from nbformat import NotebookNode, from_dict
from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import _temp_alembic_ini
from nbgrader.preprocessors import AssignLatePenalties, SaveCells
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, parse_utc
from sqlalchemy.orm import selectinload
from traitlets.config import Config, PyFileConfigLoader

from mlpgrader.assignment.plan import Plan, read_plan
from mlpgrader.assignment.submission import SubmittedCell, submitted_cells
from mlpgrader.clean import clean_outputs, plain
from mlpgrader.course.folders import read_submitted, write
from mlpgrader.errors import UnreadableError, UsageError

FOLDERS = {"source_directory": "solutions", "release_directory": "exercises"}


def course_directory(course: Path) -> CourseDirectory:
    """The folders and the database of a course, as its nbgrader_config.py names them."""
    config = Config(CourseDirectory=Config(FOLDERS))
    if (Path(course) / "nbgrader_config.py").is_file():
        try:
            config.merge(PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config())
        except Exception as error:
            raise UsageError(f"nbgrader_config.py cannot be used: {error}") from error
    return CourseDirectory(config=config, root=str(Path(course).resolve()))


def schema_version() -> str:
    """The newest version of nbgrader's tables; nbgrader itself runs a command to learn it."""
    with _temp_alembic_ini("sqlite://") as settings:
        return ScriptDirectory.from_config(AlembicConfig(settings)).get_current_head()


def open_gradebook(folders: CourseDirectory) -> Gradebook:
    """The gradebook of a course, made if there is none."""
    nbgrader.api.get_alembic_version = schema_version
    return Gradebook(folders.db_url, folders.course_id)


def record(course: Path, result, *, progress=None) -> None:
    """Write a graded set into the gradebook and into autograded/.

    Sets `late_seconds` of each submission, which only the gradebook knows (due date, extension).

    Args:
        course: the course folder.
        result: a SetResult.
        progress: called with the number of notebooks written and of all.
    """
    folders = course_directory(course)
    with contextlib.closing(open_gradebook(folders)) as gradebook:
        master = save_master(gradebook, folders, result.set)
        plan = read_plan(json.dumps(master), result.set)
        pages = {}
        for submission in result.submissions:
            written = student_cells(folders, plan, submission)
            pages[submission.student] = autograded(master, submission, written)
            write_autograded(folders, result.set, submission.student, pages[submission.student])
            progress and progress(len(pages), len(result.submissions))
        save_rows(gradebook, folders, result, pages)


def student_cells(folders: CourseDirectory, plan: Plan, submission) -> list[SubmittedCell]:
    """The cells that a student wrote; none if the submission cannot be read (any more)."""
    try:
        name = plan.set_name
        text = read_submitted(folders.root, submission.student, name, f"{name}.ipynb")
        return submitted_cells(plan, text)
    except UnreadableError:
        return []


def save_master(gradebook: Gradebook, folders: CourseDirectory, name: str):
    """The master of a set; stored in the gradebook where it is new or changed."""
    gradebook.update_or_create_assignment(name)
    source = folders.format_path(folders.source_directory, ".", name)
    notebook = nbformat.read(Path(source) / f"{name}.ipynb", as_version=4)
    where = {"notebook": name, "assignment": name, "db_url": folders.db_url}
    steps = GenerateAssignment(coursedir=folders, config=folders.config).preprocessors
    for step in steps[: steps.index(SaveCells)]:
        notebook, _ = step(config=folders.config)(notebook, {"nbgrader": where})
    if checksums(notebook) != stored_checksums(gradebook, name):
        try:
            SaveCells(config=folders.config)(notebook, {"nbgrader": where})
        except RuntimeError as error:
            raise UsageError(f"{error}: export the grades, then remove the assignment") from error
        gradebook.db.expire_all()
    return notebook


def checksums(notebook) -> dict[str, str]:
    """The checksum of each of nbgrader's cells by its id."""
    settings = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    return {each["grade_id"]: each["checksum"] for each in settings if "checksum" in each}


def stored_checksums(gradebook: Gradebook, name: str) -> dict[str, str]:
    """The checksums that the gradebook has of a set's cells."""
    try:
        cells = gradebook.find_notebook(name, name).source_cells
    except MissingEntry:
        return {}
    return {cell.name: cell.checksum for cell in cells}


def autograded(master, submission, written: list[SubmittedCell]):
    """The master filled with what one student wrote, with outputs that carry the verdicts.

    Args:
        master: what `save_master` gives.
        submission: a SubmissionResult.
        written: the student's cells, as `submitted_cells` reads them.
    """
    texts = {entry.grade_id: entry.text for entry in written if entry.grade_id}
    added = added_cells(master, written, submission.outputs)
    cells = added.pop("", [])
    for cell in master.cells:
        if grade_id(cell) or cell.cell_type != "code":
            cells.append(filled(cell, texts, submission))
        cells += added.pop(grade_id(cell) or cell.source, ())
    return NotebookNode({**master, "cells": cells})


def grade_id(cell) -> str | None:
    """The name nbgrader has for a cell, None if it has none."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def added_cells(master, written: list[SubmittedCell], outputs: dict) -> dict[str, list]:
    """The cells a student added, by the name or the text of the master's cell they follow.

    The master's own prose comes back with each submission; it only marks a place.
    """
    unnamed = {cell.source: cell.cell_type for cell in master.cells if not grade_id(cell)}
    added, place = {}, ""
    for entry in written:
        place = entry.grade_id or (entry.text if entry.text in unnamed else place)
        if not entry.grade_id and unnamed.get(entry.text) != "markdown":
            cell = added_cell(entry.cell_type, entry.text, outputs.get(entry.key))
            added.setdefault(place, []).append(cell)
    return added


def filled(cell, texts: dict, submission):
    """A cell of the master with the student's text and outputs, or a test's verdict."""
    if cell.cell_type != "code":
        return cell
    source = texts.get(grade_id(cell), "") if is_solution(cell) else cell.source
    return NotebookNode({**cell, "source": source, "outputs": cell_outputs(cell, submission)})


def cell_outputs(cell, submission, key: str = "") -> list[NotebookNode]:
    """What a student's cell printed, made safe, or a test's verdict; `key` is an added cell's."""
    name = grade_id(cell)
    if not is_grade(cell):
        return from_dict(clean_outputs(submission.outputs.get(name, submission.outputs.get(key))))
    test = next((test for test in submission.tests if test.grade_id == name), None)
    return from_dict(verdict_outputs(test, submission, cell.metadata.nbgrader.points))


def added_cell(kind: str, text: str, outputs) -> NotebookNode:
    """The cell that the student added; prose is shown as it was typed, never rendered."""
    # nbformat's own makers validate each cell, which took longer than all the rest
    cell = {"id": uuid.uuid4().hex[:8], "cell_type": kind, "metadata": {}}
    if kind == "code":
        cell |= {"source": text, "outputs": clean_outputs(outputs), "execution_count": None}
    else:
        cell["source"] = textwrap.indent(text, "    ", lambda line: True)
    return from_dict(cell)


def verdict_outputs(test, submission, max_points: float) -> list[dict]:
    """Outputs for a test cell from which nbgrader's determine_grade reads the points given.

    None are full marks, a number is partial credit, an error is zero.
    """
    if test is None:
        return [error_output("NotGraded", submission.message)]
    if test.points >= max_points:
        return []
    if test.points > 0:
        data = {"text/plain": repr(float(test.points))}
        more = {"execution_count": None, "metadata": {}}
        return [{"output_type": "execute_result", "data": data, **more}]
    return [error_output(test.status.capitalize(), test.message)]


def error_output(name: str, message: str) -> dict:
    """An error as a notebook stores it."""
    message = plain(message)
    trace = [f"{name}: {message}"]
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": trace}


def save_rows(gradebook: Gradebook, folders: CourseDirectory, result, pages: dict) -> None:
    """Store students, submissions, grades, comments and late penalties in one transaction."""
    assignment = gradebook.find_assignment(result.set)
    rows = {row.student_id: row for row in stored_submissions(gradebook, assignment)}
    students = {student.id for student in gradebook.students}
    with gradebook.db.no_autoflush:
        for submission in result.submissions:
            student = submission.student
            if student not in students:
                gradebook.db.add(Student(id=student))
            row = rows.get(student) or new_row(gradebook, assignment, student)
            row.timestamp = timestamp(timestamp_text(folders, result.set, student))
            for notebook in row.notebooks:
                save_scores(notebook, submission, pages[student])
            submission.late_seconds = row.total_seconds_late
    gradebook.db.flush()
    penalties(gradebook, folders, assignment)
    gradebook.db.commit()


def stored_submissions(gradebook: Gradebook, assignment) -> list[SubmittedAssignment]:
    """The submissions that the gradebook has of an assignment, with all below them."""
    notebooks = selectinload(SubmittedAssignment.notebooks)
    parts = SubmittedNotebook.grades, SubmittedNotebook.comments
    query = gradebook.db.query(SubmittedAssignment)
    query = query.options(*[notebooks.selectinload(part) for part in parts])
    return query.filter_by(assignment_id=assignment.id).all()


def new_row(gradebook: Gradebook, assignment, student: str) -> SubmittedAssignment:
    """A submission with an empty grade or comment for each cell, as nbgrader makes it."""
    row = SubmittedAssignment(assignment=assignment, student_id=student)
    for notebook in assignment.notebooks:
        page = SubmittedNotebook(notebook=notebook, assignment=row)
        page.grades = [Grade(cell_id=cell.id) for cell in notebook.grade_cells]
        page.comments = [Comment(cell_id=cell.id) for cell in notebook.solution_cells]
    gradebook.db.add(row)
    return row


def save_scores(row: SubmittedNotebook, submission, page) -> None:
    """Put the scores of an autograded notebook into its rows; what a person gave stays."""
    names = {cell.id: cell.name for cell in row.notebook._base_cells}
    cells = {grade_id(cell): cell for cell in page.cells}
    pending = {test.grade_id for test in submission.tests if test.status == "error"}
    for grade in row.grades:
        name = names[grade.cell_id]
        score = None if name in pending else determine_grade(cells[name])[0]
        if grade.needs_manual_grade is None or score != grade.auto_score:
            grade.needs_manual_grade = score is None or grade.manual_score is not None
        grade.auto_score = score
    for comment in row.comments:
        cell = cells[names[comment.cell_id]]
        untouched = cell.metadata.nbgrader.checksum == compute_checksum(cell)
        comment.auto_comment = "No response." if untouched else None


def penalties(gradebook: Gradebook, folders: CourseDirectory, assignment) -> None:
    """Late penalties by the course's plugin, as nbgrader's AssignLatePenalties gives them."""
    assigner = AssignLatePenalties(config=folders.config)
    assigner.init_plugin()
    price = assigner.plugin_inst.late_submission_penalty
    for row in assignment.submissions:
        for notebook in row.notebooks:
            late, points = row.total_seconds_late, None
            if late > 0:
                points = price(row.student_id, notebook.score, late)
            if points is not None:
                points = assigner._check_late_penalty(notebook, points)
            notebook.late_submission_penalty = points


def stored_marks(folders: CourseDirectory, name: str) -> dict[str, dict]:
    """What the gradebook says of each submission of a set, manual grades and comments included."""
    with contextlib.closing(open_gradebook(folders)) as gradebook:
        try:
            assignment = gradebook.find_assignment(name)
        except MissingEntry:
            return {}
        rows = stored_submissions(gradebook, assignment)
        return {row.student_id: marks(row) for row in rows}


def stored_students(folders: CourseDirectory) -> list[str]:
    """The ids of all students that the gradebook knows."""
    with contextlib.closing(open_gradebook(folders)) as gradebook:
        return [student.id for student in gradebook.students]


def marks(row: SubmittedAssignment) -> dict:
    """The points and comments of one submission by `grade_id`, and what is taken off."""
    [notebook] = row.notebooks
    names = {cell.id: cell.name for cell in notebook.notebook._base_cells}
    points = {names[grade.cell_id]: grade.score for grade in notebook.grades}
    comments = {names[comment.cell_id]: comment.comment for comment in notebook.comments}
    taken = notebook.late_submission_penalty or 0.0
    return {"score": sum(points.values()), "penalty": taken, "points": points, "comments": comments}


def timestamp(text: str) -> datetime | None:
    """The time in UTC that nbgrader reads in a text, None if it is none."""
    with contextlib.suppress(ValueError, OverflowError):
        return parse_utc(text) if text else None
    return None


def timestamp_text(folders: CourseDirectory, name: str, student: str) -> str:
    """When a submission was handed in, as its timestamp.txt says; nothing if none is readable."""
    with contextlib.suppress(UnreadableError):
        return read_submitted(folders.root, student, name, "timestamp.txt")[:100].strip()
    return ""


def write_autograded(folders: CourseDirectory, name: str, student: str, notebook) -> None:
    """Put an autograded notebook where nbgrader and formgrader look for it."""
    folder = Path(folders.format_path(folders.autograded_directory, student, name))
    write(folder / f"{name}.ipynb", json.dumps(notebook, ensure_ascii=False))
    if text := timestamp_text(folders, name, student):
        write(folder / "timestamp.txt", text)
