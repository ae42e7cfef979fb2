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
    """

    kept: Path
    changed: list[str]


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
    _merge(old, new, problem_set)
    kept = _free_name(path, release_of(old))
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(new, file, indent=1, ensure_ascii=False)
        file.write("\n")
    path.rename(kept)
    os.replace(temporary, path)
    return Update(kept, _changed(old, problem_set))


def _merge(old: Notebook, new: dict[str, Any], problem_set: ProblemSet) -> None:
    """Put a student's answers, and free and added cells, into a new notebook."""
    answers, _ = sort_cells(old, problem_set)
    own = _own_cells(old, new)
    written = {cell.get("id") for cells in own.values() for cell in cells}
    cells = []
    for cell in new["cells"]:
        tidy = {"metadata": {}, **cell}
        name = _name(cell)
        if settings_of(tidy).get("solution") and name in answers:
            cell["source"] = answers[name]
        if settings_of(tidy) or cell.get("id") not in written:
            cells.append(cell)
        cells.extend(own.get(name, []))
    new["cells"] = [*own.get("", []), *cells]


def _own_cells(old: Notebook, new: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The free and added cells that a student wrote, by the cell of the set that they follow."""
    handed_out = {cell.get("id"): text_of(cell) for cell in new["cells"]}
    names = {_name(cell) for cell in new["cells"]}
    own: dict[str, list[dict[str, Any]]] = {}
    last = ""
    for cell in old.cells:
        if settings_of(cell) or _is_handed_out(cell, handed_out):
            last = _name(cell) if _name(cell) in names else last
        else:
            own.setdefault(last, []).append(cell)
    return own


def _name(cell: dict[str, Any]) -> Any:
    """What a cell of a set is called: nbgrader's name of it, else its id."""
    return grade_id_of({"metadata": {}, **cell}) or cell.get("id")


def _is_handed_out(cell: dict[str, Any], handed_out: dict[Any, str]) -> bool:
    """Whether a cell without a name is the set's own: its prose, or a free cell as it was."""
    identity = cell.get("id")
    if identity not in handed_out:
        return False
    return cell["cell_type"] != "code" or handed_out[identity] == text_of(cell)


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
