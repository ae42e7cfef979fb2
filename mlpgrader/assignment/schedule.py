"""What is to be done for one submission: its cells in order, and which process serves which tests.

Theory of operation. A test wants the state right after the cell that it tests, so a process has to
stay behind in that state, by a fork, while the cells after it run. A fork costs more than a test.
But where the cells that follow do nothing but define new names, the tests cannot see a difference
between the state before and after them, and one process serves the tests of them all.
So a fork comes only before a cell that may do more: run code of its own, or bind a name again that
a cell or a test before it uses.

This is a matter of cost alone. A test that fails where another function's tests have left something
behind is run again in a process of its own (`inside/checker/`), so nobody fails for another
function.

Tests that are judged inside have processes of their own, parked by the same rule. They run there
in order, as in a notebook. Where a later cell relies on what a test binds, the first process runs
the visible part of that test: it never gets a hidden line.
"""

from typing import Literal, NamedTuple

from mlpgrader.assignment.effects import ANYTHING, DYNAMIC_NAMES, Effects, effects
from mlpgrader.assignment.plan import STUDENTS, CellKind, Plan
from mlpgrader.assignment.submission import (
    SubmittedCell,
    refuse_other_notebook,
    submitted_cells,
    submitted_modules,
)
from mlpgrader.inside.messages import Step, StepKind

MOST_LOOKED_AT = 200_000  # characters of a submission


class ScheduledCell(NamedTuple):
    """A cell to run for a submission.

    `setup`, `given` and `test` cells have the plan's text, `solution` and `added` cells the
    student's.
    """

    kind: CellKind | Literal["added"]
    key: str
    text: str


class Schedule:
    """What a checker needs of one submission.

    Attributes:
        steps: what its first process is to do.
        fork_of_test: for each test, the number of the fork that serves it.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.fork_of_test: list[int] = []
        self._forks = 0
        self._unserved: list[int] = []  # the tests apart that the next fork is to serve
        self._unparked: list[int] = []  # the tests inside that wait for a process in this state
        self._carried: list[Step] = []  # visible parts of these on which later cells rely
        self._given: list[Step] = []  # the given cell, if there is one, that serves the next tests
        self._to_blame = ""  # the last cell that did more than define
        self._uses: set[str] = set()  # names that cells and tests so far use
        self._imports: dict[str, str | None] = {}  # what is known of names that they bind
        self._effects: dict[str, Effects] = {}
        self._left = MOST_LOOKED_AT

    def effects(self, text: str) -> Effects:
        """What running a cell of this submission does; where there is much code, anything."""
        if text not in self._effects:
            self._left -= len(text)
            self._effects[text] = effects(text) if self._left >= 0 else ANYTHING
        return self._effects[text]

    def add_test(self, text: str) -> None:
        """Have the next fork serve a test of this text."""
        self._have_wait(text, self._unserved)

    def add_inside_test(self, text: str) -> None:
        """Have the next parked process judge a test of this text."""
        self._have_wait(text, self._unparked)

    def _have_wait(self, text: str, waiting: list[int]) -> None:
        """Add a test to those that wait for a process in this state."""
        if self.given_may_have_changed():
            self.steps += self._given
        waiting.append(len(self.fork_of_test))
        self.fork_of_test.append(-1)
        self._uses |= self.effects(text).uses

    def carry(self, name: str, visible: str) -> None:
        """Have the first process run the visible part of a test on which later cells rely."""
        self._carried.append(Step("cell", name, visible))

    def add_cell(self, cell: ScheduledCell) -> None:
        """Have the first process run a cell, with a fork before it where that is needed."""
        if self._carried or (self._unparked and self.may_show(cell)):
            self.finish_state()
        if self.tests_wait() and self.may_show(cell):
            self.leave_fork()
        does = self.effects(cell.text)
        step = Step("define" if does.defines_only else "cell", cell.key, cell.text)
        self.steps.append(step)
        if cell.kind == "given":
            self._given = [step]
        elif cell.kind != "added":  # the next cell of the plan ends the given cell's turn
            self._given = []
        if does.defines_only:
            self._imports |= does.binds
        else:
            self._to_blame = cell.key
            # it may have bound these names to anything: forget where they came from
            self._imports |= dict.fromkeys(does.uses)
        self._uses |= does.uses

    def leave_fork(self) -> None:
        """Have a process stay behind that serves the tests since the last one."""
        self._leave("fork", self._unserved)
        self._unserved = []

    def finish_state(self) -> None:
        """Park a process in this state for tests inside; then run what later cells rely on."""
        if self._unparked:
            self._leave("park", self._unparked)
            self._unparked = []
        if self._carried:
            if self.tests_wait():
                self.leave_fork()
            self.steps += self._carried
            self._to_blame = self._carried[-1].key
            self._carried = []

    def end(self) -> None:
        """Have processes stay behind for the tests that are left."""
        self.finish_state()
        if self.tests_wait():
            self.leave_fork()

    def _leave(self, kind: StepKind, tests: list[int]) -> None:
        self.steps.append(Step(kind, self._to_blame, ""))
        for number in tests:
            self.fork_of_test[number] = self._forks
        self._forks += 1

    def may_show(self, cell: ScheduledCell) -> bool:
        """Whether running a cell could change what the waiting tests see."""
        does = self.effects(cell.text)
        return not does.defines_only or self._binds_again(does.binds)

    def given_may_have_changed(self) -> bool:
        """Whether a cell came after the given one: an added cell may have put another in its place.

        Then the given cell runs once more.
        """
        return bool(self._given) and self.steps[-1:] != self._given

    def tests_wait(self) -> bool:
        """Whether there are tests apart that no fork serves yet."""
        return bool(self._unserved)

    def _binds_again(self, binds: dict[str, str | None]) -> bool:
        """Whether a name in use gets another meaning; repeating the same import does not count."""
        if self._uses & DYNAMIC_NAMES:
            return bool(binds)
        return any(
            name in self._uses and not self._is_imported_already(name, what)
            for name, what in binds.items()
        )

    def _is_imported_already(self, name: str, what: str | None) -> bool:
        return what is not None and self._imports.get(name) == what


def schedule_of(plan: Plan, text: str) -> Schedule:
    """What is to be done for the text of one submission.

    Raises:
        UnreadableError: if the text is no notebook, or one of something else.
    """
    submitted = submitted_cells(plan, text)
    refuse_other_notebook(plan, submitted)
    schedule = Schedule()
    for name, module in submitted_modules(text).items():
        schedule.add_cell(ScheduledCell("added", name, f"%%writefile {name}\n{module}"))
    tests = {cell.grade_id: cell for cell in plan.tests}
    cells = cells_to_run(plan, submitted)
    carried = _carried_tests(plan, cells, schedule)
    for cell in cells:
        if cell.kind != "test":
            schedule.add_cell(cell)
            continue
        if cell.key in plan.inside:
            schedule.add_inside_test(cell.text)
        else:
            schedule.add_test(cell.text)
        if cell.key in carried:
            schedule.carry(cell.key, tests[cell.key].visible_source)
    schedule.end()
    return schedule


def _carried_tests(plan: Plan, cells: list[ScheduledCell], schedule: Schedule) -> frozenset[str]:
    """The tests whose visible part the first process is to run, since later cells rely on it.

    Where all tests are apart, no test cell runs in a student's process.
    """
    if not plan.inside:
        return frozenset()
    last_act = max(
        (
            number
            for number, cell in enumerate(cells)
            if cell.kind != "test" and not schedule.effects(cell.text).defines_only
        ),
        default=-1,
    )
    seeding = {
        cell.key
        for number, cell in enumerate(cells)
        if cell.key in plan.seeding_tests and number < last_act
    }
    return plan.carried_tests | seeding


def cells_to_run(plan: Plan, submitted: list[SubmittedCell]) -> list[ScheduledCell]:
    """The cells to run for a submission, in order.

    That is the plan's order; added cells come right after the cell of the plan that precedes them
    in the submission, and earlier parts of a solution cell right before it.
    """
    texts = {cell.grade_id: cell.text for cell in submitted if cell.grade_id}
    added = _added_cells(submitted)
    parts = _earlier_parts(submitted)
    cells = added.get("", [])
    for cell in plan.cells:
        cells += parts.get(cell.grade_id, [])
        if cell.is_code:
            text = texts.get(cell.grade_id, "") if cell.kind in STUDENTS else cell.source
            cells.append(ScheduledCell(cell.kind, cell.grade_id, text))
        cells += added.get(cell.grade_id, [])
    return cells


def _added_cells(submitted: list[SubmittedCell]) -> dict[str, list[ScheduledCell]]:
    """A student's own code cells by the `grade_id` of the cell before them; "" at the start."""
    added: dict[str, list[ScheduledCell]] = {}
    place = ""
    for cell in submitted:
        if cell.grade_id:
            place = cell.grade_id
        elif _runs(cell) and not cell.part_of:
            added.setdefault(place, []).append(ScheduledCell("added", cell.key, cell.text))
    return added


def _earlier_parts(submitted: list[SubmittedCell]) -> dict[str, list[ScheduledCell]]:
    """The parts of solution cells that an editor has split, or copied, but for their last."""
    parts: dict[str, list[ScheduledCell]] = {}
    for cell in submitted:
        if _runs(cell) and cell.part_of:
            parts.setdefault(cell.part_of, []).append(ScheduledCell("added", cell.key, cell.text))
    return parts


def _runs(cell: SubmittedCell) -> bool:
    return cell.cell_type == "code" and bool(cell.text.strip())
