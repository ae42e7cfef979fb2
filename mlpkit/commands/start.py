"""Hand out problem sets, and bring a corrected release to a student without losing a word."""

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlpkit.commands.check import sort_cells
from mlpkit.commands.errors import CommandError
from mlpkit.commands.notebooks import Notebook, grade_id_of, read_notebook, settings_of, text_of
from mlpkit.commands.sets import ProblemSet, release_of


@dataclass(frozen=True)
class Update:
    """What `update` did to a student's notebook.

    Attributes:
        kept: where the notebook as it was is now.
        changed: the named cells whose text is another in the new release.
        moved: free cells that found no neighbor and stand at the end.
    """

    kept: Path
    changed: list[str]
    moved: int


def start(problem_set: ProblemSet, work: Path) -> Path | None:
    """Copy a problem set to ``work/<set>/``; None if there is a notebook already.

    Args:
        problem_set: what is handed out.
        work: the student's folder.
    """
    target = work / problem_set.name / problem_set.path.name
    if target.exists():
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    for path in sorted(problem_set.path.parent.iterdir()):
        beside = target.parent / path.name
        if path.is_file() and not beside.exists():
            shutil.copy(path, beside)
    return target


def start_again(problem_set: ProblemSet, work: Path) -> tuple[Path, Path | None]:
    """Copy a problem set anew; a notebook that is there is kept under another name.

    Returns:
        The new notebook, and where the old one is now.
    """
    target = work / problem_set.name / problem_set.path.name
    kept = None
    if target.exists():
        kept = _free_name(target, release_of(read_notebook(target)))
        target.rename(kept)
    start(problem_set, work)
    return target, kept


def update(problem_set: ProblemSet, path: Path) -> Update:
    """Take a student's answers over into the present release of the set.

    Answers are found by the name of their cell, else by what they define. Free and added cells
    stay behind the cell that they followed.

    Raises:
        CommandError: if the notebook cannot be read.
    """
    old = read_notebook(path)
    new = json.loads(problem_set.path.read_text(encoding="utf-8"))
    moved = _merge(old, new, problem_set)
    kept = _free_name(path, release_of(old))
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(new, file, indent=1, ensure_ascii=False)
        file.write("\n")
    path.rename(kept)
    os.replace(temporary, path)
    return Update(kept, _changed(old, problem_set), moved)


def _merge(old: Notebook, new: dict[str, Any], problem_set: ProblemSet) -> int:
    """Put a student's cells into a new notebook; gives how many had no place in it."""
    answers, _ = sort_cells(old, problem_set)
    followers, homeless = _free_cells(old, new)
    cells = []
    for cell in new["cells"]:
        tidy = {"metadata": {}, **cell}
        name = grade_id_of(tidy) or cell.get("id")
        if settings_of(tidy).get("solution") and name in answers:
            cell["source"] = answers[name]
        if not (cell.get("id") in followers.taken and not settings_of(tidy)):
            cells.append(cell)
        cells.extend(followers.behind.get(name, []))
    new["cells"] = [*followers.behind.get("", []), *cells, *homeless]
    return len(homeless)


@dataclass(frozen=True)
class _Followers:
    """The student's own cells: by the cell they follow, and the ids of free cells among them."""

    behind: dict[Any, list[dict[str, Any]]]
    taken: set[Any]


def _free_cells(old: Notebook, new: dict[str, Any]) -> tuple[_Followers, list[dict[str, Any]]]:
    """The cells of a student that are neither named nor text of the set, with their places."""
    handed_out = {cell.get("id"): text_of(cell) for cell in new["cells"]}
    names = {grade_id_of({"metadata": {}, **cell}) or cell.get("id") for cell in new["cells"]}
    behind: dict[Any, list[dict[str, Any]]] = {}
    taken: set[Any] = set()
    homeless: list[dict[str, Any]] = []
    last: Any = ""
    for cell in old.cells:
        if settings_of(cell):
            name = grade_id_of(cell)
            last = name if name in names else last
            continue
        identity = cell.get("id")
        if cell["cell_type"] != "code" and identity in handed_out:
            last = identity
            continue  # the prose of the set is the new one's
        if handed_out.get(identity) == text_of(cell):
            last = identity
            continue
        if identity in handed_out:
            taken.add(identity)
        if last in names or last == "":
            behind.setdefault(last, []).append(cell)
        else:
            homeless.append(cell)
    return _Followers(behind, taken), homeless


def _changed(old: Notebook, problem_set: ProblemSet) -> list[str]:
    """The locked cells of a set whose text a student's notebook has otherwise."""
    texts = {grade_id_of(cell): text_of(cell) for cell in old.cells}
    return [
        cell.grade_id
        for cell in problem_set.cells
        if cell.kind != "solution" and texts.get(cell.grade_id, "").strip() != cell.source.strip()
    ]


def _free_name(path: Path, release: str) -> Path:
    """A name beside a notebook that no file has."""
    for number in range(1, 1000):
        label = release or "earlier"
        ending = f".{label}" if number == 1 else f".{label}-{number}"
        kept = path.with_name(f"{path.stem}{ending}{path.suffix}")
        if not kept.exists():
            return kept
    raise CommandError(f"there are too many old copies beside {path}")
