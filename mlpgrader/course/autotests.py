"""nbgrader's `### AUTOTEST` lines: what they become is found by running the reference solution.

nbgrader runs it in a kernel, which takes seconds, so what came of it is kept by a hash of all that
it depends on, in `results/plans/`.
"""

import contextlib
import hashlib
import json
import logging.handlers
import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbgrader.preprocessors import InstantiateTests

from mlpgrader.course.folders import Course, write
from mlpgrader.errors import UsageError

TEMPLATES = "autotests.yml"
MOST_SAID = 500  # characters of a reason


def expanded(course: Course, set_name: str, text: str) -> str:
    """A source notebook with its AUTOTEST lines as tests.

    Args:
        course: the course.
        set_name: the set, in whose folder the notebook lies.
        text: the notebook.

    Raises:
        UsageError: if there are no templates for them, or the reference does not run.
    """
    folder = course.source_folder(set_name)
    kept = course.plans_folder() / f"autotests-{_key(course, folder, text)}.ipynb"
    if kept.is_file():
        return kept.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    resources = {"metadata": {"path": str(folder)}}
    log = logging.Logger("autotests", logging.ERROR)
    messages = logging.handlers.BufferingHandler(capacity=100)
    log.addHandler(messages)
    try:
        with _in_folder(course.root):  # where nbgrader looks for templates
            InstantiateTests(config=course.config, log=log).preprocess(notebook, resources)
    except FileNotFoundError:
        raise UsageError(
            f"{set_name} has AUTOTEST lines, and there is no {TEMPLATES} in {folder} or in "
            f"{course.root}: `nbgrader quickstart --autotest` brings one"
        ) from None
    except Exception as error:  # nbgrader raises what the kernel and the templates give
        said = [record.getMessage() for record in messages.buffer]  # nbgrader's errors may be empty
        reason = " ".join((str(error) or "; ".join(said)).split())[:MOST_SAID]
        raise UsageError(
            f"the AUTOTEST lines of {set_name} cannot be made tests: "
            f"{type(error).__name__}: {reason}"
        ) from error
    made = nbformat.writes(notebook)
    write(kept, made)
    return made


def _key(course: Course, folder: Path, text: str) -> str:
    parts = [text, version("nbgrader"), repr(course.config.InstantiateTests)]
    for path in (folder / TEMPLATES, course.root / TEMPLATES):
        parts.append(path.read_text(encoding="utf-8") if path.is_file() else "")
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@contextlib.contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
