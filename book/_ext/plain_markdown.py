"""Turn the book's Markdown, with its directives and roles, into Markdown that Jupyter shows.

Jupyter knows headings, lists, tables, code and formulas. A box becomes a quotation, a dropdown a
``<details>`` element, included code a code block, a reference the name of what it points at, a
glued number the number itself. What only a built page can show, such as an interactive figure, is
replaced by a line that says so.
"""

import ast
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from myst_nb.core.variables import format_plain_text

FENCE = re.compile(r"^(?P<fence>`{3,}|:{3,}|~{3,})\{(?P<name>[\w:+-]+)\}[ \t]*(?P<argument>.*)$")
ROLE = re.compile(r"\{(?P<name>[a-zA-Z][\w:+-]*)\}(?P<tick>`+)(?P<text>.+?)(?P=tick)", re.DOTALL)
WITH_TITLE = re.compile(r"^(?P<title>.*?)\s*<(?P<target>[^<>]+)>$", re.DOTALL)
TARGET = re.compile(r"^\(([\w-]+)\)=$", re.MULTILINE)
EQUATION_LABEL = re.compile(r"\$\$[ \t]*\((?P<label>[\w-]+)\)")
DROPPED = {"bibliography", "toctree", "tableofcontents", "eval-rst", "index", "glue:figure"}
CODE = {"code-block", "code", "sourcecode", "literalinclude"}
CLOSED = {"dropdown", "solution", "toggle"}
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
    out: list[str] = []
    lines = iter(text.splitlines())
    for line in lines:
        match = FENCE.match(line)
        if match:
            directive = _read(match, lines)
            out += _directive(directive, names, folder).splitlines()
        elif line.lstrip().startswith("```"):
            out += [line, *_until(line.strip()[:3], lines)]
        elif not line.startswith("% "):
            out.append(line)
    return _inline("\n".join(out), names).strip("\n")


def _until(fence: str, lines: Iterator[str]) -> list[str]:
    """Take lines up to and with the closing fence."""
    taken = []
    for line in lines:
        taken.append(line)
        if line.strip() == fence:
            break
    return taken


def _read(match: re.Match, lines: Iterator[str]) -> Directive:
    """Read a directive whose first line matched; its lines are used up."""
    fence, body = match["fence"], []
    for line in lines:
        if line.strip() == fence:
            break
        body.append(line)
    options: dict[str, str] = {}
    while body and (option := re.match(r"^:([\w-]+):\s*(.*)$", body[0])):
        options[option[1]] = option[2]
        body.pop(0)
    text = textwrap.dedent("\n".join(body)).strip("\n")
    return Directive(match["name"], match["argument"].strip(), options, text)


def _directive(d: Directive, names: Names, folder: Path) -> str:
    """Write one directive as Markdown."""
    if d.name in DROPPED:
        return ""
    if d.name == "raw":
        return ON_THE_PAGE
    if d.name in CODE:
        return _code(d, folder)
    if d.name == "math":
        label = d.options.get("label")
        return f"$$\n{d.body}\n$$" + (f" ({label})" if label else "")
    if d.name in {"figure", "image"}:
        return f"*{d.options.get('alt', 'Figure')}* (see the page of the book). {d.body}"
    if d.name == "list-table":
        return _table(d, names, folder)
    if d.name == "glossary":
        return re.sub(r"^(\S.*)$", r"**\1**", d.body, flags=re.MULTILINE)
    body = plain(d.body, names, folder)
    title = _title(d)
    if d.name in CLOSED or "dropdown" in d.options.get("class", ""):
        return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
    content = f"**{title}**\n\n{body}" if title else body
    return textwrap.indent(content, "> ", lambda line: True)


def _title(d: Directive) -> str:
    """Name a box: what it says of itself, with its kind where that says more."""
    kind = d.name.rsplit(":", 1)[-1].replace("-start", "").capitalize()
    if d.name in {"admonition", "dropdown", "tab-item", "card", "grid-item-card"}:
        return d.argument
    if d.name in {"tab-set", "grid", "table", "div", "container"}:
        return d.argument
    if d.name == "solution":
        return "Solution"
    return f"{kind}: {d.argument}" if d.argument else kind


def _code(d: Directive, folder: Path) -> str:
    """Write a code block, or the part of a file that the directive includes."""
    if d.name != "literalinclude":
        return f"```{d.argument}\n{d.body}\n```"
    source = (folder / d.argument).resolve().read_text(encoding="utf-8")
    if "pyobject" in d.options:
        source = pyobject(source, d.options["pyobject"])
    return f"```{d.options.get('language', 'python')}\n{source.rstrip()}\n```"


def pyobject(source: str, name: str) -> str:
    """Cut one function or class out of a module, with its decorators."""
    body: list[ast.stmt] = ast.parse(source).body
    for part in name.split("."):
        node = next((n for n in body if getattr(n, "name", None) == part), None)
        if node is None:
            raise KeyError(f"no function or class {name!r} to include")
        body = getattr(node, "body", [])
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return textwrap.dedent("\n".join(source.splitlines()[first - 1 : node.end_lineno]))


def _table(d: Directive, names: Names, folder: Path) -> str:
    """Write a list of lists as a table with a header row."""
    rows: list[list[str]] = []
    for line in d.body.splitlines():
        if match := re.match(r"^[*-] +- ?(.*)$", line):
            rows.append([match[1]])
        elif match := re.match(r"^ +- ?(.*)$", line):
            rows[-1].append(match[1])
        elif line.strip():
            rows[-1][-1] += " " + line.strip()
    table = ["| " + " | ".join(row) + " |" for row in rows]
    table.insert(1, "|" + " --- |" * len(rows[0]))
    title = f"**{d.argument}**\n\n" if d.argument else ""
    return title + plain("\n".join(table), names, folder)


def _inline(text: str, names: Names) -> str:
    """Rewrite targets, equation labels and roles, outside code blocks."""
    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    for i in range(0, len(parts), 2):
        part = TARGET.sub("", parts[i])
        part = EQUATION_LABEL.sub(lambda m: _tag(m["label"], names), part)
        parts[i] = ROLE.sub(lambda m: _role(m["name"], m["text"], names), part)
    return "".join(parts)


def _tag(label: str, names: Names) -> str:
    """Close a formula with its number."""
    return f"\\tag{{{names.numbers[label]}}}\n$$" if label in names.numbers else "$$"


def _role(name: str, text: str, names: Names) -> str:
    """Write one role as text."""
    match = WITH_TITLE.match(text)
    title, target = (match["title"], match["target"]) if match else ("", text)
    target = target.lstrip("/")
    writers: dict[str, Callable[[], str]] = {
        "numref": lambda: _numref(title, target, names),
        "eq": lambda: f"({names.numbers.get(target, names.titles.get(target, target))})",
        "math": lambda: f"${text}$",
        "glue:text": lambda: glued(text, names.glued),
        "code": lambda: f"`{text}`",
        "kbd": lambda: f"`{text}`",
        "sub": lambda: f"<sub>{text}</sub>",
        "sup": lambda: f"<sup>{text}</sup>",
    }
    if name in writers:
        return writers[name]()
    if name.startswith("cite"):
        cited = [names.cited.get(key.strip(), key.strip()) for key in text.split(",")]
        return "; ".join(cited) if name.endswith(":t") else f"({'; '.join(cited)})"
    return title or names.titles.get(target, target)


def _numref(title: str, target: str, names: Names) -> str:
    """Name a figure by its number here, or by the chapter that holds it."""
    if target in names.numbers:
        number = names.numbers[target]
        return title.replace("%s", number) if "%s" in title else title or f"Figure {number}"
    return title.replace(" %s", "") or names.titles.get(target, "a figure of another chapter")


def glued(text: str, values: dict[str, str]) -> str:
    """Write a glued result, formatted if the role says how (``name:.2f``)."""
    name, _, spec = text.partition(":")
    if name not in values:
        raise KeyError(f"no cell of this page glues {name!r}")
    return format_plain_text(values[name], spec)
