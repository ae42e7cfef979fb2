"""Prove a set before it is released: `mlpgrader verify`, and what `mlpgrader release` asks of it.

What is found is an *error*, which stops a release, or *advice*, which does not:

| rule              |        | what it says                                                        |
| ----------------- | ------ | ------------------------------------------------------------------- |
| `unfit`           | error  | the source cannot be graded: a name is bound twice, no Python, …    |
| `reference-fails` | error  | nobody can pass the test: the reference solution does not           |
| `stub-earns`      | error  | whoever writes nothing gets points                                  |
| `stock-reference` | error  | the same in stock nbgrader: the reference has not all points        |
| `stock-stub`      | error  | the stub has some there                                             |
| `random`          | error  | the reference fails in some states of the random generators         |
| `tells-hidden`    | error  | a message, or words for a mistake, hold a hidden literal            |
| `refuses-right`   | error  | a right answer fails                                                |
| `handed-out`      | advice | what students get passes a test inside, an empty cell does not      |
| `no-variants`     | advice | there are no answers to try the tests with                          |
| `refuses-none`    | advice | no wrong answer fails the test                                      |
| `surprise`        | advice | a wrong answer fails other tests than it says                       |
| `mutant`          | advice | a change of the reference gets full marks, and nobody says why      |
| `unused-reason`   | advice | a reason for a mutant that some test refuses                        |
| `zero-points`     | advice | the test is worth nothing                                           |
| `no-property`     | advice | the test has no docstring: whoever fails it is told its name alone  |
| `forgeable`       | advice | tests are judged inside the student's process                       |
| `slow`            | advice | the limit of `mlpgrader grade` leaves the test no margin of five    |
| `not-tried`       | advice | something could not be tried here                                   |
"""

import contextlib
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mlpgrader.assignment.literals import hidden_words, told_of
from mlpgrader.assignment.names import defined_names
from mlpgrader.assignment.plan import Cell, Plan
from mlpgrader.assignment.stub import emptied, stub_of
from mlpgrader.course.folders import Course
from mlpgrader.course.sources import plans_of, reference_of
from mlpgrader.errors import MachineError, UsageError
from mlpgrader.inside.messages import Verdict
from mlpgrader.named import keep_mistakes
from mlpgrader.results import Finding, JudgedAnswer, Level, VerifyResult
from mlpgrader.runner.examined import Examined
from mlpgrader.runner.mutants import JudgeOptions, judge_in, judge_mutants
from mlpgrader.runner.points import test_result
from mlpgrader.runner.pool import LocalPool, Pool
from mlpgrader.runner.ways import settle
from mlpgrader.runner.worker import TIMEOUT, WorkerOptions
from mlpgrader.variants import Variant, explained, read_equivalents, read_variants

RUNS = 10  # with other states of the random generators
MARGIN = 5  # that a limit leaves above what the reference takes
SHORT = TIMEOUT / MARGIN
MOST_STOCK_SECONDS = 60  # of a cell in stock nbgrader
MOST_START_SECONDS = 300  # of its kernel, on a busy machine
SEEDS = (
    '[__import__("random").seed(), __import__("numpy").random.seed(), __import__("torch").seed()]\n'
)
# what a student's own function gave back, which may be any number
GOT = re.compile(r"^ *(?:got|it is now) .*(?:\n {6,}.*)*", re.MULTILINE)

Step = Callable[[str], None]


@dataclass(frozen=True)
class VerifyOptions:
    """How thoroughly a set is proved.

    Attributes:
        quick: reference and stub alone, as before a release.
        jobs: how many submissions are judged side by side; the number of cores when None.
        progress: called with the name of each step.
    """

    quick: bool = False
    jobs: int | None = None
    progress: Step = lambda step: None


AS_USUAL = VerifyOptions()


def verify(course: Course, set_name: str, options: VerifyOptions = AS_USUAL) -> VerifyResult:
    """Prove a set.

    Raises:
        UsageError: if there is no such set, or a file of its answers raises.
        MachineError: if nothing can be run here.
    """
    result = VerifyResult(set_name)
    folder = course.root / "variants" / set_name
    answers = [] if options.quick else read_variants(folder)
    try:
        plans = plans_of(course, set_name)
        for plan in plans:
            _Proof(course, set_name, plan, options, result).run(answers, len(plans))
    except UsageError as error:
        if not course.source_folder(set_name).is_dir():
            raise
        result.add("error", "unfit", "", str(error))
        return result
    if not options.quick and not result.errors:
        options.progress("mutants")
        _try_mutants(course, set_name, folder, options, result)
    return result


class _Proof:
    """Proves one notebook of a set, step by step, and notes what it finds."""

    def __init__(
        self,
        course: Course,
        set_name: str,
        plan: Plan,
        options: VerifyOptions,
        result: VerifyResult,
    ):
        self.course = course
        self.set_name = set_name
        self.plan = plan
        self.options = options
        self.result = result
        self.reference = reference_of(course, set_name, plan)
        self.stub = stub_of(self.reference, plan.settings)
        self.messages: list[Verdict] = []  # of what failed: students read these

    def run(self, answers: Sequence[Variant], notebooks: int = 1) -> None:
        """Take all steps.

        Args:
            answers: right and wrong ones to the exercises of the set.
            notebooks: how many the set has.
        """
        self._read()
        self.options.progress("reference and stub")
        with self._pool(self.plan) as pool:
            self.plan = settle(self.course, self.plan, self.reference, pool)
            reference, stub = (pool.submit(text) for text in (self.reference, self.stub))
            self._look_at_reference(reference.result())
            self._look_at_stub(stub.result(), pool)
            if not self.options.quick and not self.result.errors:
                self._try_answers(pool, answers, notebooks)
        self._look_at_messages()
        if not self.options.quick and not self.result.errors:
            self.options.progress("a short limit")
            self._try_short_limit()
            self.options.progress("other random states")
            self._try_random_states()
            self.options.progress("stock nbgrader")
            self._try_stock()

    @contextlib.contextmanager
    def _pool(self, plan: Plan, timeout: float = TIMEOUT) -> Iterator[Pool]:
        hide = tuple(str(place) for place in self.course.places())
        jobs = self.options.jobs or len(os.sched_getaffinity(0))
        if self.options.quick:
            jobs = 1
        options = WorkerOptions(timeout=timeout, hide=hide)
        with contextlib.closing(LocalPool(plan, options, jobs)) as pool:
            yield pool

    def _add(self, level: Level, rule: str, cell: str, text: str) -> None:
        self.result.add(level, rule, cell, text)

    # --- what can be read ------------------------------------------------------------------

    def _read(self) -> None:
        self._find_names_bound_twice()
        for test in self.plan.tests:
            if not test.points:
                self._add("advice", "zero-points", test.grade_id, "the test is worth no points")
            if test.about == test.grade_id:
                text = "no docstring says what it tests: feedback names the cell alone"
                self._add("advice", "no-property", test.grade_id, text)

    def _find_names_bound_twice(self) -> None:
        """A function of two solution cells: the tests of the first may meet the second."""
        solutions = [cell for cell in self.plan.cells if cell.kind == "solution" and cell.is_code]
        binders: dict[str, str] = {}
        for cell in solutions:
            for name, kind in defined_names(cell.source).items():
                if kind == "function" and name in binders:
                    text = f"the cell {binders[name]} binds the name {name} as well"
                    self._add("error", "unfit", cell.grade_id, text)
                binders[name] = cell.grade_id

    # --- reference and stub ----------------------------------------------------------------

    def _look_at_reference(self, examined: Examined) -> None:
        self.result.max_score += self.plan.max_score
        self.result.seconds = round(self.result.seconds + examined.seconds, 3)
        if self.plan.inside:
            text = (
                f"{self.plan.forgeable_points:g} of {self.plan.max_score:g} points are judged "
                "inside the student's process, where a dishonest student could forge them, as in "
                f"stock nbgrader: {', '.join(sorted(self.plan.inside))}"
            )
            self._add("advice", "forgeable", "", text)
        for cell, verdict in zip(self.plan.tests, examined.verdicts, strict=True):
            result = test_result(cell, verdict)
            if cell.grade_id in self.plan.refused:
                self._add("error", "reference-fails", cell.grade_id, verdict.message)
            elif result.points < cell.points or verdict.status != "passed":
                text = f"the reference solution has {result.points:g} of {cell.points:g} points: "
                self._add("error", "reference-fails", cell.grade_id, text + verdict.message)

    def _look_at_stub(self, examined: Examined, pool: Pool) -> None:
        self.messages += examined.verdicts
        earned = self._points(examined)
        if not any(earned.values()):
            return
        earned_by_nothing = self._points(pool.submit(emptied(self.reference)).result())
        for cell in self.plan.tests:
            points = f"{earned[cell.grade_id]:g} of {cell.points:g} points"
            is_inside = cell.grade_id in self.plan.inside
            if is_inside and earned[cell.grade_id] > earned_by_nothing[cell.grade_id]:
                text = f"what students get has {points}: it looks at what stands there already"
                self._add("advice", "handed-out", cell.grade_id, text)
            elif earned[cell.grade_id] > 0:
                text = f"whoever writes nothing gets {points}"
                self._add("error", "stub-earns", cell.grade_id, text)

    def _points(self, examined: Examined) -> dict[str, float]:
        """The points of each test."""
        judged = zip(self.plan.tests, examined.verdicts, strict=True)
        return {cell.grade_id: test_result(cell, verdict).points for cell, verdict in judged}

    # --- right and wrong answers -----------------------------------------------------------

    def _try_answers(self, pool: Pool, answers: Sequence[Variant], notebooks: int) -> None:
        if not answers:
            text = f"no right and wrong answers lie in variants/{self.set_name}/"
            return self._add("advice", "no-variants", "", text)
        if notebooks > 1:
            text = f"answers are tried in a set of one notebook, and this one has {notebooks}"
            return self._add("advice", "not-tried", "", text)
        self.options.progress("right and wrong answers")
        judged, examined = judge_in(pool, self.plan, answers, lambda done, total: None)
        folder = self.course.root / "variants" / self.set_name
        keep_mistakes(self.course, folder, self.plan, answers, judged, examined)
        self.result.answers = len(judged)
        self.messages += [verdict for each in examined for verdict in each.verdicts]
        for answer in judged:
            self._look_at_answer(answer)
        self._find_idle_tests(judged)
        self._look_at_words(answers, judged)

    def _find_idle_tests(self, judged: list[JudgedAnswer]) -> None:
        refused = {test for answer in judged if answer.fails for test in answer.failed}
        for test in self.plan.tests:
            if test.grade_id not in refused and test.points:
                text = "it refuses none of the wrong answers"
                self._add("advice", "refuses-none", test.grade_id, text)

    def _look_at_answer(self, answer: JudgedAnswer) -> None:
        if not answer.fails and answer.failed:
            text = f"a right answer, {answer.how!r}, fails {', '.join(answer.failed)}"
            self._add("error", "refuses-right", answer.cell, text)
        elif answer.fails != answer.failed:
            failed = ", ".join(answer.failed) or "nothing"
            text = f"a wrong answer, {answer.how!r}, fails {failed}; it says otherwise"
            self._add("advice", "surprise", answer.cell, text)

    def _look_at_words(self, answers: Sequence[Variant], judged: Sequence[JudgedAnswer]) -> None:
        hidden = hidden_words(self.reference, self.plan)
        for answer, each in zip(answers, judged, strict=True):
            if told_of(hidden, answer.says):
                text = f"the words for students of {answer.how!r} hold a literal of a hidden part"
                self._add("error", "tells-hidden", each.cell, text)

    def _look_at_messages(self) -> None:
        hidden = hidden_words(self.reference, self.plan)
        told: dict[str, str] = {}  # by test, of the first message
        for verdict in self.messages:
            literal = told_of(hidden, GOT.sub("", verdict.message))
            if literal and verdict.status != "passed":
                told.setdefault(verdict.grade_id, literal)
        for name, literal in sorted(told.items()):
            text = f"a message to students holds {literal!r}, a literal of a hidden part"
            self._add("error", "tells-hidden", name, text)

    # --- a short limit ---------------------------------------------------------------------

    def _try_short_limit(self) -> None:
        with self._pool(self.plan, SHORT) as pool:
            examined = pool.submit(self.reference).result()
        for verdict in examined.verdicts:
            if verdict.status != "passed":
                text = (
                    f"the reference takes more than {SHORT:g} s of CPU time, a fifth of the usual "
                    "limit: grade with a longer --timeout"
                )
                self._add("advice", "slow", verdict.grade_id, text)

    # --- other states of the random generators ---------------------------------------------

    def _try_random_states(self) -> None:
        failed: Counter[str] = Counter()
        texts = {str(number): _with_seeds(self.reference, number) for number in range(RUNS)}
        with self._pool(_with_seeded_tests(self.plan)) as pool:
            for _, examined in pool.examine_all(texts):
                failed.update(v.grade_id for v in examined.verdicts if v.status != "passed")
        for name, count in sorted(failed.items()):
            text = f"the reference fails in {count} of {RUNS} runs with other random numbers"
            self._add("error", "random", name, text)

    # --- stock nbgrader --------------------------------------------------------------------

    def _try_stock(self) -> None:
        try:
            reference = stock_points(self.reference, self.plan)
            stub = stock_points(self.stub, self.plan)
        except Exception as error:  # of a kernel, or of nbgrader
            text = f"stock nbgrader: {type(error).__name__}: {error}"
            return self._add("advice", "not-tried", "", text)
        for cell in self.plan.tests:
            points = reference.get(cell.grade_id, 0.0)
            if points < cell.points:
                text = f"in stock nbgrader the reference has {points:g} of {cell.points:g} points"
                self._add("error", "stock-reference", cell.grade_id, text)
            if stub.get(cell.grade_id, 0.0) > 0:
                text = f"in stock nbgrader the stub has {stub[cell.grade_id]:g} points"
                self._add("error", "stock-stub", cell.grade_id, text)


def stock_points(text: str, plan: Plan) -> dict[str, float]:
    """The points by test that stock nbgrader gives to a notebook, which runs in a kernel here.

    The notebook is the instructor's own, and runs as such.
    """
    import nbformat  # slow to import, with nbgrader
    from nbgrader.preprocessors import Execute
    from nbgrader.utils import determine_grade, is_grade

    notebook = nbformat.reads(text, as_version=4)
    resources = {"metadata": {"path": plan.folder}, "nbgrader": {"notebook": plan.set_name}}
    execute = Execute(
        timeout=MOST_STOCK_SECONDS,
        startup_timeout=MOST_START_SECONDS,
        allow_errors=True,
        extra_arguments=["--log-level=ERROR"],
    )
    notebook, _ = execute(notebook, resources)
    names = {test.grade_id for test in plan.tests}
    graded = [cell for cell in notebook.cells if is_grade(cell)]
    return {
        cell.metadata.nbgrader.grade_id: determine_grade(cell)[0] or 0.0
        for cell in graded
        if cell.metadata.nbgrader.grade_id in names
    }


def _with_seeds(text: str, number: int) -> str:
    """A notebook whose first cell puts all generators into other states."""
    notebook: dict[str, Any] = json.loads(text)
    modules = {"random": "seed", "numpy": "random.seed", "torch": "manual_seed"}
    lines = [f'__import__("{name}").{seed}({number})' for name, seed in modules.items()]
    source = "\n".join([*lines, "None"])
    first = {"cell_type": "code", "metadata": {}, "source": source, "outputs": []}
    notebook["cells"].insert(0, {**first, "id": "seeds", "execution_count": None})
    return json.dumps(notebook)


def _with_seeded_tests(plan: Plan) -> Plan:
    """A plan whose test cells begin with other states of all generators."""

    def seeded(cell: Cell) -> Cell:
        return replace(cell, source=SEEDS + cell.source) if cell.kind == "test" else cell

    return replace(plan, cells=tuple(map(seeded, plan.cells)))


def _try_mutants(
    course: Course, set_name: str, folder: Path, options: VerifyOptions, result: VerifyResult
) -> None:
    try:
        judged = judge_mutants(course, set_name, JudgeOptions(jobs=options.jobs))
    except UsageError as error:  # several notebooks, or a reference that takes too long
        return result.add("advice", "not-tried", "", f"mutants: {error}")
    survivors, unused = explained(judged.survivors, read_equivalents(folder), set_name)
    result.mutants = judged.mutants
    for survivor in survivors:
        if not survivor.reason:
            text = f"line {survivor.line}: {survivor.before} → {survivor.after or 'left out'}"
            result.add("advice", "mutant", survivor.cell, f"{text}: gets full marks")
    for mutant in unused:
        text = f"{mutant.file}: some test refuses {mutant.before} → {mutant.after or 'left out'}"
        result.add("advice", "unused-reason", "", text)


def advice_before_release(course: Course, set_name: str) -> list[str]:
    """What the quick part of `verify` advises, a line each.

    Raises:
        UsageError: if the set is not fit to be released.
    """
    try:
        result = verify(course, set_name, VerifyOptions(quick=True))
    except MachineError as error:
        return [f"it is not proved, since nothing can be run here: {error}"]
    if result.errors:
        faults = "; ".join(map(_line, result.errors))
        raise UsageError(f"{set_name} is not fit to be released: {faults}")
    return [_line(finding) for finding in result.findings]


def _line(finding: Finding) -> str:
    return f"{finding.cell}: {finding.text}" if finding.cell else finding.text
