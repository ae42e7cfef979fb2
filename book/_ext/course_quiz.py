"""Questions that a reader answers in the page: the directive ``quiz``.

::

    ```{quiz}
    :name: quiz-dead-units
    Question, with $math$.

    - [ ] a wrong option
      Why it is wrong.
    - [x] the right option
      Why it is right.
    ```

A number is asked with ``- [=] 0.25 ± 0.005``, and ``- [ ] 0.5`` beside it is a wrong number that
readers often give. The page holds the options as a list and the answers folded below it;
``quiz.js`` makes radio buttons or a field of it, and says whether an answer is right.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

OPTION = re.compile(r"^- \[(?P<mark>.?)\]\s*(?P<text>.*)$")
NUMBER = re.compile(r"^[-−+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$")
MARKS = (" ", "x", "=")
LETTERS = "ABCDEFGH"
SCRIPT = "quiz.js"

logger = logging.getLogger(__name__)


@dataclass
class Option:
    """One answer that can be given.

    Attributes:
        mark: ``" "`` wrong, ``"x"`` right, ``"="`` the right number.
        text: what the reader chooses, Markdown.
        line: where it stands, counted from 0 in the body of the directive.
        reason: Markdown lines that say why it is right or wrong.
    """

    mark: str
    text: str
    line: int
    reason: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether this is the answer."""
        return self.mark in ("x", "=")

    @property
    def number(self) -> tuple[float, float] | None:
        """Value and tolerance of ``0.25 ± 0.005``, ``None`` for any other text."""
        value, _, tolerance = (part.strip() for part in self.text.partition("±"))
        if not all(NUMBER.match(part) for part in (value, tolerance or "0")):
            return None
        return float(value.replace("−", "-")), float(tolerance or 0)


@dataclass
class Quiz:
    """A question with its options.

    Attributes:
        question: Markdown lines.
        options: in the order in which they are shown.
        faults: what is wrong with the markup: line, counted from 0, and what it is.
    """

    question: list[str] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)

    @property
    def asks_number(self) -> bool:
        """Whether the answer is typed rather than chosen."""
        return any(option.mark == "=" for option in self.options)

    def numbers(self) -> list[tuple[float, float]]:
        """Value and tolerance of each option; wrong numbers without one share the answer's."""
        shared = next(option.number[1] for option in self.options if option.is_right)  # type: ignore[index]
        pairs = [option.number or (float("nan"), 0.0) for option in self.options]
        return [(value, tolerance or shared) for value, tolerance in pairs]


def parse(lines: Sequence[str]) -> Quiz:
    """Read the body of a quiz.

    Args:
        lines: the Markdown lines of the directive, without its options.

    Returns:
        The question. Its ``faults`` are empty where the markup is right.

    Examples:
        >>> quiz = parse(["How many?", "", "- [ ] one", "  One too few.", "- [x] two", "  Yes."])
        >>> quiz.question, [option.text for option in quiz.options], quiz.faults
        (['How many?', ''], ['one', 'two'], [])
        >>> parse(["How many?", "", "- [x] two", "  Yes."]).faults
        [(0, 'a quiz needs two options or more to choose from')]
    """
    quiz = Quiz()
    for i, line in enumerate(lines):
        match = OPTION.match(line)
        if match:
            quiz.options.append(Option(match["mark"], match["text"].strip(), i))
        elif not quiz.options:
            quiz.question.append(line)
        elif line.strip() and not line.startswith("  "):
            quiz.faults.append((i, "neither an option nor, indented by two spaces, its reason"))
        else:
            quiz.options[-1].reason.append(line[2:])
    quiz.faults += [*_faults_of_question(quiz), *_faults_of_options(quiz.options)]
    return quiz


def _faults_of_question(quiz: Quiz) -> list[tuple[int, str]]:
    """Say what is wrong with a quiz as a whole."""
    right = sum(option.is_right for option in quiz.options)
    few = len(quiz.options) < 2 and not quiz.asks_number
    rules = (
        (not any(map(str.strip, quiz.question)), "a quiz needs a question above its options"),
        (few, "a quiz needs two options or more to choose from"),
        (len(quiz.options) > len(LETTERS), f"a quiz has at most {len(LETTERS)} options"),
        (right != 1, f"exactly one option is right, [x] or [=], not {right}"),
    )
    faults = [(0, fault) for broken, fault in rules if broken]
    bad = [option for option in quiz.options if quiz.asks_number and option.number is None]
    return faults + [(option.line, f"{option.text!r} is not a number") for option in bad]


def _faults_of_options(options: list[Option]) -> list[tuple[int, str]]:
    """Say what is wrong with single options."""
    faults = []
    for option in options:
        if option.mark not in MARKS:
            fault = f"an option starts with [ ], [x] or [=], not [{option.mark}]"
            faults.append((option.line, fault))
        if not option.text:
            faults.append((option.line, "an option without a text"))
        if not any(map(str.strip, option.reason)):
            faults.append((option.line, "an option without a reason on the lines below it"))
    return faults


class quiz_block(nodes.General, nodes.Element):  # noqa: N801 (docutils names the visitor after it)
    """The box around a question."""


class quiz_answers(nodes.General, nodes.Element):  # noqa: N801
    """What folds below a question."""


class QuizDirective(SphinxDirective):
    """The directive ``quiz``."""

    has_content = True
    option_spec: ClassVar = {"name": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Make the nodes of a question, or say what is wrong with it."""
        quiz = parse(list(self.content))
        faults = [*quiz.faults, *self._faults_of_name()]
        for i, fault in faults:
            line = self.lineno + self.content_offset + i + 1
            logger.warning("quiz: %s", fault, location=(self.env.docname, line), type="quiz")
        return [] if faults else [self._block(quiz)]

    def _faults_of_name(self) -> list[tuple[int, str]]:
        if self.options.get("name", "").startswith("quiz-"):
            return []
        return [(0, "a quiz needs a name: `:name: quiz-…`")]

    def _block(self, quiz: Quiz) -> quiz_block:
        """Put question, options and answers into a box."""
        block = quiz_block(number=self._next_number(), spec=json.dumps(_spec(quiz)))
        self.add_name(block)
        self.set_source_info(block)
        question = nodes.container(classes=["quiz-question"], ids=[f"{block['ids'][0]}-question"])
        question += self._parsed(quiz.question, 0)
        block += question
        if not quiz.asks_number:
            texts = [self._parsed([option.text], option.line) for option in quiz.options]
            block += _lettered(texts, "quiz-options")
        answers = quiz_answers()
        reasons = [self._reason(option, quiz.asks_number) for option in quiz.options]
        answers += _lettered(reasons, "quiz-reasons", plain=quiz.asks_number)
        block += answers
        return block

    def _next_number(self) -> int:
        """Count the questions of a page."""
        number = int(self.env.temp_data.get("quiz_number", 0)) + 1
        self.env.temp_data["quiz_number"] = number
        return number

    def _reason(self, option: Option, asks_number: bool) -> list[nodes.Node]:
        """Say right or wrong, then why."""
        shown = [f"{option.text}: "] if asks_number else []
        verdict = nodes.strong(text="Right." if option.is_right else "Not quite.")
        parsed = self._parsed(option.reason, option.line + 1)
        first = parsed[0]
        if not isinstance(first, nodes.paragraph):
            first = nodes.paragraph()
            parsed.insert(0, first)
        first[:0] = [*map(nodes.Text, shown), verdict, nodes.Text(" ")]
        return parsed

    def _parsed(self, lines: Sequence[str], offset: int) -> list[nodes.Node]:
        """Parse Markdown lines of the body, of which the first is the line ``offset``."""
        holder = nodes.Element()
        self.state.nested_parse(StringList(list(lines)), self.content_offset + offset, holder)
        return list(holder.children)


def _spec(quiz: Quiz) -> dict[str, Any]:
    """Say to the script which option is right and, for numbers, which numbers the options are."""
    right = [option.is_right for option in quiz.options].index(True)
    return {"right": right} | ({"numbers": quiz.numbers()} if quiz.asks_number else {})


def _lettered(items: list[list[nodes.Node]], name: str, plain: bool = False) -> nodes.Element:
    """Make a list with letters, or with dots."""
    made = (
        nodes.bullet_list(classes=[name])
        if plain
        else nodes.enumerated_list(classes=[name], enumtype="upperalpha", prefix="", suffix=".")
    )
    made += [nodes.list_item("", *item) for item in items]
    return made


def visit_block(translator: Any, node: quiz_block) -> None:
    """Open the box of a question in HTML."""
    name = node["ids"][0]
    attributes = {"role": "group", "aria-labelledby": f"{name}-title", "data-quiz": node["spec"]}
    translator.body.append(translator.starttag(node, "div", CLASS="quiz", **attributes))
    title = f'<p class="quiz-title" id="{name}-title">Question {node["number"]}</p>\n'
    translator.body.append(title)


def depart_block(translator: Any, node: quiz_block) -> None:
    """Close the box of a question."""
    translator.body.append("</div>\n")


def visit_answers(translator: Any, node: quiz_answers) -> None:
    """Open the fold with the answers."""
    translator.body.append('<details class="quiz-answers"><summary>Answer</summary>\n')


def depart_answers(translator: Any, node: quiz_answers) -> None:
    """Close the fold with the answers."""
    translator.body.append("</details>\n")


def add_script(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Load the script on pages with questions."""
    if doctree and next(doctree.findall(quiz_block), None):
        app.add_js_file(SCRIPT, loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_node(quiz_block, html=(visit_block, depart_block))
    app.add_node(quiz_answers, html=(visit_answers, depart_answers))
    app.add_directive("quiz", QuizDirective)
    app.connect("html-page-context", add_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
