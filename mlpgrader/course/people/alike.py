"""Hand-ins that are equal but for names, comments and layout, and how much that says.

It is a list for a teacher, and no accusation. Short answers are equal by chance, and so is what
half a class writes. What the set's author wrote down in variants/, right or wrong, is known to be
usual and is left out. Only cells of students are compared, by `assignment/normal_form.py`.
"""

import contextlib
import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mlpgrader.assignment.names import defined_names
from mlpgrader.assignment.normal_form import normal_form
from mlpgrader.assignment.plan import Cell, Plan, file_of
from mlpgrader.assignment.stub import cleared
from mlpgrader.assignment.submission import submitted_cells
from mlpgrader.course.folders import Course, students
from mlpgrader.course.sources import plans_of
from mlpgrader.course.submitted import read_notebook
from mlpgrader.errors import UnreadableError

Meaning = Literal["short", "usual", "worth a look"]
Answers = Mapping[str, Iterable[str]]  # texts by the name of their file in variants/

SHORT = 40  # tokens, beyond those of the stub, up to which chance is enough
MANY = 4  # students from which a form is usual, if they are also a fifth of the class
SHARE = 0.2
TOKEN = re.compile(r"\$?\w+|[^\w\s]")


@dataclass(frozen=True)
class Group:
    """Students whose answers to one exercise have one normal form.

    Attributes:
        cell: the `grade_id` of the exercise.
        students: who, in order.
        tokens: how many words and signs the form has that the stub has not.
        others: how many other forms the class has of it.
        to_the_letter: whether comments, names and spaces are equal, too.
        meaning: `short` and `usual` say little.
    """

    cell: str
    students: list[str]
    tokens: int
    others: int
    to_the_letter: bool
    meaning: Meaning


@dataclass(frozen=True)
class Pair:
    """Two students with equal answers to several exercises, of those that are worth a look.

    Attributes:
        students: the two.
        cells: the exercises.
        tokens: the words and signs of all of them.
    """

    students: tuple[str, str]
    cells: list[str]
    tokens: int


@dataclass(frozen=True)
class Alike:
    """What is equal in a class.

    Attributes:
        set: the set.
        handed_in: how many hand-ins could be read.
        groups: those with the most tokens first, and what says little last.
        pairs: those with the most tokens first.
    """

    set: str
    handed_in: int
    groups: list[Group]
    pairs: list[Pair]

    def to_json(self) -> dict[str, Any]:
        """What `mlpgrader alike --json` prints."""
        return {
            "set": self.set,
            "handed_in": self.handed_in,
            "groups": [vars(group) for group in self.groups],
            "pairs": [vars(pair) for pair in self.pairs],
        }


def alike(course: Course | Path, set_name: str, known: Answers | None = None) -> Alike:
    """Which students of a class have equal answers.

    Args:
        course: the course, or its folder.
        set_name: the set.
        known: answers that are usual, right and wrong ones, by exercise.

    Raises:
        UsageError: if the set or the course is at fault.
    """
    course = Course.open(course)
    names = students(course, set_name)
    plans = plans_of(course, set_name)
    groups: list[Group] = []
    readable: set[str] = set()
    for plan in plans:
        texts = _texts(course, set_name, plan, names)
        readable |= texts.keys()
        prefix = f"{plan.set_name}/" if len(plans) > 1 else ""
        for cell in _solutions(plan):
            usual = (known or {}).get(file_of(set_name, cell.grade_id), ())
            answers = {name: cells.get(cell.grade_id, "") for name, cells in texts.items()}
            stub = cleared(cell.source, plan.settings)
            groups += groups_of(prefix + cell.grade_id, cell, answers, stub, usual)
    groups.sort(key=lambda group: (group.meaning != "worth a look", -group.tokens, group.cell))
    return Alike(set_name, len(readable), groups, pairs_of(groups))


def _solutions(plan: Plan) -> list[Cell]:
    return [cell for cell in plan.cells if cell.kind == "solution" and cell.is_code]


def groups_of(
    label: str, cell: Cell, answers: Mapping[str, str], stub: str, usual: Iterable[str]
) -> list[Group]:
    """The groups of one exercise: two or more students, and a form that nobody wrote down before.

    Args:
        label: what the exercise is called.
        cell: its cell in the plan.
        answers: the text of each student.
        stub: the text that was handed out.
        usual: answers that are known, besides the reference.
    """
    keep = frozenset(defined_names(cell.source))
    known = {normal_form(text, keep) for text in (stub, cell.source, *usual)} | {""}
    forms: dict[str, list[str]] = {}
    for student, text in sorted(answers.items()):
        forms.setdefault(normal_form(text, keep), []).append(student)
    unchanged = len(forms.get(normal_form(stub, keep), ())) + len(forms.get("", ()))
    handed_out = len(TOKEN.findall(normal_form(stub, keep)))
    others = len(forms.keys() - {"", normal_form(stub, keep)}) - 1
    groups = []
    for form, group in forms.items():
        tokens = len(TOKEN.findall(form)) - handed_out
        if len(group) > 1 and form not in known and tokens > 0:
            groups.append(
                Group(
                    cell=label,
                    students=group,
                    tokens=tokens,
                    others=others,
                    to_the_letter=len({answers[student].strip() for student in group}) == 1,
                    meaning=_meaning(tokens, len(group), len(answers) - unchanged),
                )
            )
    return groups


def pairs_of(groups: Iterable[Group]) -> list[Pair]:
    """The pairs of students that two or more groups have in common, of those worth a look."""
    shared: dict[tuple[str, str], list[Group]] = {}
    for group in groups:
        if group.meaning == "worth a look":
            for one, other in itertools.combinations(group.students, 2):
                shared.setdefault((one, other), []).append(group)
    several = {pair: found for pair, found in shared.items() if len(found) > 1}
    pairs = [_pair(pair, found) for pair, found in several.items()]
    return sorted(pairs, key=lambda pair: (-pair.tokens, pair.students))


def _pair(students: tuple[str, str], groups: Iterable[Group]) -> Pair:
    tokens = {group.cell: group.tokens for group in groups}
    return Pair(students, [*tokens], sum(tokens.values()))


def _meaning(tokens: int, count: int, answered: int) -> Meaning:
    """How much it says that some of those who answered wrote the same."""
    if tokens <= SHORT:
        return "short"
    return "usual" if count >= MANY and count >= SHARE * answered else "worth a look"


def _texts(
    course: Course, set_name: str, plan: Plan, names: Iterable[str]
) -> dict[str, dict[str, str]]:
    """What each student wrote in each cell of a notebook, of those that can be read."""
    texts = {}
    for student in names:
        with contextlib.suppress(UnreadableError):
            text = read_notebook(course, student, set_name, plan.set_name).text
            cells = submitted_cells(plan, text)
            texts[student] = {cell.grade_id: cell.text for cell in cells if cell.grade_id}
    return texts
