"""Masters: what nbgrader makes of the source notebooks of a set, into which submissions are put.

nbgrader is slow to import and takes a while over each, so what came of a source is kept in
`results/plans/` by a hash of all that it depends on.
"""

import contextlib
import functools
import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mlpgrader
from mlpgrader.assignment.plan import Plan
from mlpgrader.course.folders import Course, hash_of_files, write
from mlpgrader.course.rows import connected, notebooks_of
from mlpgrader.course.sources import plans_of, reference_of

Texts = dict[str, str]  # of notebooks, by name


def masters_of(course: Course, set_name: str) -> Texts:
    """The masters of the graded notebooks of a set, stored in the gradebook where they are new.

    Raises:
        UsageError: if one has other cells than when its first submission was recorded.
    """
    texts = {
        plan.set_name: _master_of(course, set_name, plan) for plan in plans_of(course, set_name)
    }
    wanted = {name: checksums(json.loads(text)) for name, text in texts.items()}
    stored = stored_checksums(course, set_name)
    if any(stored.get(name) != sums for name, sums in wanted.items()):
        from mlpgrader.course.gradebook import open_gradebook
        from mlpgrader.course.preprocessing import save_masters  # slow to import

        with contextlib.closing(open_gradebook(course)) as gradebook:
            save_masters(gradebook, course, set_name)
    return texts


def checksums(master: dict[str, Any]) -> dict[str, str]:
    """The checksum of each of nbgrader's cells by its `grade_id`."""
    settings = [cell["metadata"].get("nbgrader", {}) for cell in master["cells"]]
    return {row["grade_id"]: row["checksum"] for row in settings if "checksum" in row}


def stored_checksums(course: Course, set_name: str) -> dict[str, dict[str, str]]:
    """The checksums that the gradebook has of the cells of each notebook of a set."""
    with connected(course) as connection:
        if connection is None:
            return {}
        notebooks = notebooks_of(connection, set_name)
        return {name: notebook.checksums for name, notebook in notebooks.items()}


def _master_of(course: Course, set_name: str, plan: Plan) -> str:
    """The text of one master, made by nbgrader where it is not kept."""
    file = course.plans_folder() / f"master-{_key(course, set_name, plan)}.ipynb"
    if _depends_on_all_known(course) and file.is_file():
        return file.read_text(encoding="utf-8")
    from mlpgrader.course.preprocessing import made_master  # slow to import

    text = json.dumps(made_master(course, set_name, plan))
    if _depends_on_all_known(course):
        write(file, text)
    return text


def _depends_on_all_known(course: Course) -> bool:
    """Whether no file or program of the course's own takes part."""
    steps = course.config.GenerateAssignment.get("preprocessors", [])
    return not course.config.IncludeHeaderFooter and all(map(_is_known, steps))


def _is_known(step: Any) -> bool:
    return isinstance(step, str) and step.startswith(("nbgrader.", "mlpgrader."))


def _key(course: Course, set_name: str, plan: Plan) -> str:
    settings = {name: repr(section) for name, section in sorted(course.config.items()) if section}
    source = reference_of(course, set_name, plan)
    parts = [source, plan.set_name, settings, version("nbgrader"), _our_code()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@functools.cache
def _our_code() -> str:
    return hash_of_files(sorted(Path(mlpgrader.__file__).parent.rglob("*.py")))
