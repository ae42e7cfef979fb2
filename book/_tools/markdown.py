"""Turn the book's Markdown, with its directives and roles, into Markdown that Jupyter shows.

Jupyter knows headings, lists, tables, code and formulas. A box becomes a quotation, a dropdown a
``<details>`` element, included code a code block, a reference the name of what it points at, a
glued number the number itself. What only a built page can show, such as an interactive figure, is
replaced by a line that says so.
"""

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from course_listings import without_docstrings
from course_quiz import LETTERS, parse
from myst_nb.core.variables import format_plain_text

from mlpkit.readable import readable

FENCE = re.compile(r"^(?P<fence>`{3,}|:{3,}|~{3,})\{(?P<name>[\w:+-]+)\}[ \t]*(?P<argument>.*)$")
CODE_FENCE = re.compile(r"^\s*(`{3,})")
OPTION = re.compile(r"^:(?P<name>[\w-]+):\s*(?P<value>.*)$")
ROLE = re.compile(r"\{(?P<name>[a-zA-Z][\w:+-]*)\}(?P<tick>`+)(?P<text>.+?)(?P=tick)", re.DOTALL)
WITH_TITLE = re.compile(r"^(?P<title>.*?)\s*<(?P<target>[^<>]+)>$", re.DOTALL)
TARGET = re.compile(r"^\(([\w-]+)\)=$", re.MULTILINE)
EQUATION_LABEL = re.compile(r"\$\$[ \t]*\((?P<label>[\w-]+)\)")
DROPPED = {"bibliography", "toctree", "tableofcontents", "eval-rst", "index", "glue:figure"}
CODE = {"code-block", "code", "sourcecode", "literalinclude"}
FIGURES = {"figure", "image"}
CLOSED = {"dropdown", "solution", "toggle"}
TITLED_BY_ARGUMENT = {
    "admonition",
    "card",
    "container",
    "div",
    "dropdown",
    "grid",
    "grid-item-card",
    "tab-item",
    "tab-set",
    "table",
}
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
ON_THE_PAGE = "*On the page of the book there is an interactive figure here.*"


@dataclass
class Names:
    """What references of a page resolve to.

    Attributes:
        titles: label or document path to the title of what it names.
        numbers: label of a figure, table or equation of this page to its number.
        glued: name of a glued result to its plain text.
        cited: citation key to ``Author (year)``.
    """

    titles: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    glued: dict[str, str] = field(default_factory=dict)
    cited: dict[str, str] = field(default_factory=dict)


@dataclass
class Directive:
    """One directive: its name, argument, options and content."""

    name: str
    argument: str
    options: dict[str, str]
    body: str


def plain(text: str, names: Names, folder: Path) -> str:
    """Rewrite one Markdown cell.

    Args:
        text: MyST Markdown.
        names: what its references resolve to.
        folder: the folder that paths in it are relative to.

    Returns:
        Markdown for Jupyter.
    """
    plain_lines: list[str] = []
    lines = iter(text.splitlines())
    for line in lines:
        match = FENCE.match(line)
        if match:
            directive = _read(match, lines)
            plain_lines += _rewrite(directive, names, folder).splitlines()
        elif code := CODE_FENCE.match(line):
            plain_lines += [line, *_until(code[1], lines)]
        elif not line.startswith("% "):
            plain_lines.append(line)
    return _inline("\n".join(plain_lines), names).strip("\n")


def _until(fence: str, lines: Iterator[str]) -> list[str]:
    """Take lines up to and with the closing fence."""
    taken = []
    for line in lines:
        taken.append(line)
        if line.strip() == fence:
            break
    return taken


def _read(match: re.Match[str], lines: Iterator[str]) -> Directive:
    """Read a directive whose first line matched; its lines are used up."""
    body = _until(match["fence"], lines)
    if body and body[-1].strip() == match["fence"]:
        body.pop()
    options: dict[str, str] = {}
    while body:
        option = OPTION.match(body[0])
        if option is None:
            break
        options[option["name"]] = option["value"]
        body.pop(0)
    text = textwrap.dedent("\n".join(body)).strip("\n")
    return Directive(match["name"], match["argument"].strip(), options, text)


def _rewrite(directive: Directive, names: Names, folder: Path) -> str:
    """Write one directive as Markdown."""
    name = directive.name
    if name in DROPPED:
        return ""
    if name == "raw":
        return ON_THE_PAGE
    if name in CODE:
        return _code(directive, folder)
    if name == "math":
        return _formula(directive)
    if name in FIGURES:
        alt = directive.options.get("alt", "Figure")
        return f"*{alt}* (see the page of the book). {directive.body}"
    if name == "quiz":
        return "\n\n".join(quiz_parts(directive.body, names, folder))
    if name == "list-table":
        return _table(directive, names, folder)
    if name == "glossary":
        return re.sub(r"^(\S.*)$", r"**\1**", directive.body, flags=re.MULTILINE)
    return _box(directive, names, folder)


def quiz_parts(body: str, names: Names, folder: Path) -> tuple[str, str]:
    """Write a question with its options, and the answers, which unfold.

    Args:
        body: the content of a quiz, without the lines of its options.
        names: what its references resolve to.
        folder: the folder that paths in it are relative to.

    Returns:
        Two pieces of Markdown. In the first only the options of a choice are listed.
    """
    quiz = parse(body.splitlines())
    asked = plain("\n".join(quiz.question), names, folder)
    options, reasons = [], []
    for letter, option in zip(LETTERS, quiz.options, strict=False):
        text = plain(option.text, names, folder)
        verdict = "**Right.**" if option.is_right else "**Not quite.**"
        name = text if quiz.asks_number else letter
        reason = textwrap.indent(plain("\n".join(option.reason), names, folder), "  ")
        options.append(f"- {letter}. {text}")
        reasons.append(f"- {name}: {verdict} {reason.lstrip()}")
    if not quiz.asks_number:
        asked += "\n\n" + "\n".join(options)
    answers = "\n".join(reasons)
    return asked, f"<details><summary>Answer</summary>\n\n{answers}\n\n</details>"


def find(text: str, name: str) -> Iterator[Directive]:
    """Read the directives of one name that stand in a page, outside of others.

    Args:
        text: MyST Markdown.
        name: name of the directive.

    Yields:
        The directives, in order.
    """
    lines = iter(text.splitlines())
    for line in lines:
        match = FENCE.match(line)
        if match:
            directive = _read(match, lines)
            if directive.name == name:
                yield directive
        elif code := CODE_FENCE.match(line):
            _until(code[1], lines)


def _formula(directive: Directive) -> str:
    """Write a formula; a label behind it becomes its number later."""
    label = directive.options.get("label")
    formula = f"$$\n{directive.body}\n$$"
    return f"{formula} ({label})" if label else formula


def _box(directive: Directive, names: Names, folder: Path) -> str:
    """Write a note or the like as a quotation, and what opens on a click as ``<details>``."""
    body = plain(directive.body, names, folder)
    title = _title(directive)
    if directive.name in CLOSED or "dropdown" in directive.options.get("class", ""):
        return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
    content = f"**{title}**\n\n{body}" if title else body
    return textwrap.indent(content, "> ", lambda line: True)


def _title(directive: Directive) -> str:
    """Name a box: what it says of itself, with its kind where that says more."""
    if directive.name in TITLED_BY_ARGUMENT:
        return directive.argument
    if directive.name == "solution":
        return "Solution"
    kind = directive.name.rsplit(":", 1)[-1].replace("-start", "").capitalize()
    return f"{kind}: {directive.argument}" if directive.argument else kind


def _code(directive: Directive, folder: Path) -> str:
    """Write a code block, or the part of a file that the directive includes."""
    if directive.name != "literalinclude":
        return f"```{directive.argument}\n{directive.body}\n```"
    source = (folder / directive.argument).resolve().read_text(encoding="utf-8")
    if "pyobject" in directive.options:
        source = without_docstrings(pyobject(source, directive.options["pyobject"]))
    return f"```{directive.options.get('language', 'python')}\n{source.rstrip()}\n```"


def pyobject(source: str, name: str) -> str:
    """Cut one function or class out of a module, with its decorators."""
    first, *inner = name.split(".")
    node = _definition(ast.parse(source), first)
    for part in inner:
        node = _definition(node, part)
    start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return textwrap.dedent("\n".join(source.splitlines()[start - 1 : node.end_lineno]))


def _definition(around: ast.Module | Definition, name: str) -> Definition:
    """Find the function or class of a name in a module, a class or a function."""
    for node in around.body:
        if isinstance(node, Definition) and node.name == name:
            return node
    raise KeyError(f"no function or class {name!r} to include")


def _table(directive: Directive, names: Names, folder: Path) -> str:
    """Write a list of lists as a table with a header row."""
    rows: list[list[str]] = []
    for line in directive.body.splitlines():
        first = re.match(r"^[*-] +- ?(.*)$", line)
        further = re.match(r"^ +- ?(.*)$", line)
        if first:
            rows.append([first[1]])
        elif further:
            rows[-1].append(further[1])
        elif line.strip():
            rows[-1][-1] += " " + line.strip()
    table = ["| " + " | ".join(row) + " |" for row in rows]
    table.insert(1, "|" + " --- |" * len(rows[0]))
    title = f"**{directive.argument}**\n\n" if directive.argument else ""
    return title + plain("\n".join(table), names, folder)


def _inline(text: str, names: Names) -> str:
    """Rewrite targets, equation labels and roles, outside code blocks."""
    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    for i in range(0, len(parts), 2):  # every second part is a code block
        part = TARGET.sub("", parts[i])
        part = EQUATION_LABEL.sub(lambda match: _tag(match["label"], names), part)
        parts[i] = ROLE.sub(lambda match: _role(match["name"], match["text"], names), part)
    return "".join(parts)


def _tag(label: str, names: Names) -> str:
    """Close a formula with its number."""
    if label not in names.numbers:
        return "$$"
    return f"\\tag{{{names.numbers[label]}}}\n$$"


def _role(name: str, text: str, names: Names) -> str:
    """Write one role as text: ``{name}`text` ``."""
    if name.startswith("cite"):
        return _citation(name, text, names)
    match name:
        case "glue:text":
            return glued(text, names.glued)
        case "math":
            return f"${text}$"
        case "code" | "kbd":
            return f"`{text}`"
        case "sub" | "sup":
            return f"<{name}>{text}</{name}>"
        case _:
            return _reference(name, text, names)


def _citation(name: str, text: str, names: Names) -> str:
    """Write the works that a role cites, in brackets unless they are part of the sentence."""
    keys = [key.strip() for key in text.split(",")]
    works = "; ".join(names.cited.get(key, key) for key in keys)
    return works if name.endswith(":t") else f"({works})"


def _reference(name: str, text: str, names: Names) -> str:
    """Write a reference to a section, a figure, a formula or a term."""
    match = WITH_TITLE.match(text)
    title = match["title"] if match else ""
    target = match["target"] if match else text
    target = target.lstrip("/")
    heading = names.titles.get(target)
    if name == "numref":
        return _numref(title, target, names)
    if name == "eq":
        return f"({names.numbers.get(target) or heading or target})"
    return title or heading or target


def _numref(title: str, target: str, names: Names) -> str:
    """Name a figure by its number here, or by the chapter that holds it."""
    number = names.numbers.get(target)
    if number is None:
        elsewhere = names.titles.get(target, "a figure of another chapter")
        return title.replace(" %s", "") or elsewhere
    if "%s" in title:
        return title.replace("%s", number)
    return title or f"Figure {number}"


def glued(text: str, values: dict[str, str]) -> str:
    """Write a glued result, formatted if the role says how (``name:.2f``)."""
    name, _, spec = text.partition(":")
    if name not in values:
        raise KeyError(f"no cell of this page glues {name!r}")
    return readable(format_plain_text(values[name], spec))
