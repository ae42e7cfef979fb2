"""The source of a set: its notebooks as plans, and the files beside them."""

import fnmatch
import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlpgrader.assignment.plan import DEFAULTS, Plan, Settings, read_plan, text_of
from mlpgrader.course.folders import Course, is_name, setting
from mlpgrader.errors import UsageError

# what nbgrader leaves out of a release unless a course says otherwise, and what is never shown
IGNORED = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback"]
NEVER_SHOWN = (".*", "*.ipynb")
STUBS = {"python": DEFAULTS.stub}
CHUNK = 1 << 20  # bytes
SCHEMA = 3  # of nbgrader's metadata, since its version 0.6
OUR_SECTION = "Mlpgrader"  # of a course's configuration: `c.Mlpgrader.apart_only = True`


def source_notebooks(course: Course, set_name: str) -> list[Path]:
    """The source notebooks of a set.

    Raises:
        UsageError: if there is none.
    """
    folder = course.source_folder(set_name)
    paths = sorted(folder.glob("*.ipynb")) if is_name(set_name) else []
    if not paths:
        raise UsageError(f"there is no set {set_name!r}: {folder} holds no notebook")
    return paths


def plan_of(course: Course, set_name: str) -> Plan:
    """The plan of a set that is one notebook.

    Raises:
        UsageError: if there is no such set, it cannot be graded, or it is more than one notebook.
    """
    plans = plans_of(course, set_name)
    if len(plans) > 1:
        raise UsageError(f"{set_name} has {len(plans)} notebooks: this works on sets of one")
    return plans[0]


def plans_of(course: Course, set_name: str) -> list[Plan]:
    """The plans of all notebooks of a set that have graded cells, in the order of their names.

    Raises:
        UsageError: if there is no such set, or a notebook of it cannot be graded.
    """
    settings = settings_of(course, set_name)
    paths = source_notebooks(course, set_name)
    graded = [path for path in paths if len(paths) == 1 or _is_graded(path)]
    if not graded:
        raise UsageError(f"no notebook of {set_name} has a graded cell")
    files = files_beside(course, set_name)
    folder = str(course.source_folder(set_name).resolve())
    return [
        replace(
            read_plan(source_text(course, set_name, path), path.stem, settings),
            files=files,
            folder=folder,
        )
        for path in graded
    ]


def reference_of(course: Course, set_name: str, plan: Plan) -> str:
    """The text of a notebook with the reference solutions, as its plan was read from it."""
    path = course.source_folder(set_name) / f"{plan.set_name}.ipynb"
    return source_text(course, set_name, path)


def settings_of(course: Course, set_name: str) -> Settings:
    """What a course's configuration says of the text of its sources, and of judging it."""
    config = course.config
    hidden = config.ClearHiddenTests
    solution = config.ClearSolutions
    ours = config[OUR_SECTION]
    return Settings(
        hidden=(
            setting(hidden, "begin_test_delimeter", DEFAULTS.hidden[0]),
            setting(hidden, "end_test_delimeter", DEFAULTS.hidden[1]),
        ),
        solution=(
            setting(solution, "begin_solution_delimeter", DEFAULTS.solution[0]),
            setting(solution, "end_solution_delimeter", DEFAULTS.solution[1]),
        ),
        stub=_python_stub(setting(solution, "code_stub", STUBS)),
        apart_only=_holds_for(ours.get("apart_only", False), set_name),
        inside_fallback=_holds_for(ours.get("inside_fallback", False), set_name),
    )


def _python_stub(stub: Any) -> str:
    """The stub of code cells, which a configuration may give for several languages."""
    return str(stub.get("python", DEFAULTS.stub) if isinstance(stub, dict) else stub)


def names_mistakes(course: Course, set_name: str) -> bool:
    """Whether known mistakes are named in a set, as they are where nothing is said."""
    return _holds_for(course.config[OUR_SECTION].get("name_mistakes", True), set_name)


def is_canonical(course: Course, set_name: str) -> bool:
    """Whether a course wants a set stored in canonical form: `c.Mlpgrader.canonical = True`."""
    return _holds_for(course.config[OUR_SECTION].get("canonical", False), set_name)


def _holds_for(setting: Any, set_name: str) -> bool:
    """Whether a setting that is True, or a list of sets, holds for a set."""
    return set_name in setting if isinstance(setting, list | tuple | set) else bool(setting)


def source_text(course: Course, set_name: str, path: Path) -> str:
    """The text of a source notebook; nbgrader's AUTOTEST lines are the tests that they become.

    Raises:
        UsageError: if it is no notebook that nbgrader could read.
    """
    text = path.read_text(encoding="utf-8-sig")
    notebook = _notebook(text, path)
    for cell in notebook["cells"]:
        _refuse_old_marks(cell, path)
    delimiter = course.config.InstantiateTests.get("autotest_delimiter", "AUTOTEST")
    if any(
        cell["cell_type"] == "code" and delimiter in text_of(cell) for cell in notebook["cells"]
    ):
        from mlpgrader.course.autotests import expanded  # slow to import

        return expanded(course, set_name, text)
    return text


def _notebook(text: str, path: Path) -> dict[str, Any]:
    try:
        notebook = json.loads(text)
        if notebook.get("nbformat", 4) != 4:
            raise UsageError(
                f"{path} is in nbformat {notebook['nbformat']}: open and save it in JupyterLab, "
                f"or run `jupyter nbconvert --to notebook --inplace {path}`"
            )
        _ = [(cell["cell_type"], cell["metadata"].get("nbgrader")) for cell in notebook["cells"]]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise UsageError(f"the source notebook {path} cannot be read: {reason}") from None
    return dict(notebook)


def _refuse_old_marks(cell: dict[str, Any], path: Path) -> None:
    marks = cell["metadata"].get("nbgrader") or {}
    version = marks.get("schema_version", 0 if marks else SCHEMA)
    if version == SCHEMA:
        return
    if isinstance(version, int) and version > SCHEMA:
        raise UsageError(f"{path} was made by a newer nbgrader (schema {version}): update nbgrader")
    raise UsageError(
        f"{path} has nbgrader's metadata of an old version ({version}): "
        f"run `nbgrader update {path}`"
    )


def _is_graded(path: Path) -> bool:
    cells = _notebook(path.read_text(encoding="utf-8-sig"), path)["cells"]
    marks = [cell["metadata"].get("nbgrader") or {} for cell in cells]
    return any(mark.get("grade") or mark.get("task") for mark in marks)


def files_beside(course: Course, set_name: str) -> tuple[tuple[str, str], ...]:
    """The names of what lies beside the notebooks of a set, each with a hash of its content.

    It is what nbgrader gives to students: all but notebooks, hidden files, Python's caches, and
    what the course tells nbgrader to leave out.
    """
    paths = sorted(course.source_folder(set_name).iterdir())
    return tuple((path.name, _hash(path)) for path in paths if _is_given(course, path))


def _is_given(course: Course, path: Path) -> bool:
    section = course.config.CourseDirectory
    ignored = [*setting(section, "ignore", IGNORED), *NEVER_SHOWN]
    if _is_one_of(path.name, ignored):
        return False
    return path.is_dir() or _is_one_of(path.name, setting(section, "include", ["*"]))


def _is_one_of(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def _hash(path: Path) -> str:
    """A hash of a file's content, or of all files in a folder."""
    content = hashlib.sha256()
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    for file in files:
        content.update(str(file.relative_to(path.parent)).encode())
        if file.is_file():
            with open(file, "rb") as stream:
                while chunk := stream.read(CHUNK):
                    content.update(chunk)
    return content.hexdigest()
