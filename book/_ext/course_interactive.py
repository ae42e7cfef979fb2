"""Put the interactive figures of a page into the page itself, and link to their states.

They are written as ES modules, but a browser loads no module from a file: a reader who opens the
built page from disk, with no server, would see none of them. So what a page needs is joined into
one inline script, each module in a scope of its own.

The role ``state`` links to a figure with some of its settings changed:
``{state}`without biases <fig-lab?data=circles&biases=off>` ``.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole

MODULES = Path(__file__).resolve().parents[1] / "_static" / "interactive"
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w-]+)\.js";\n+', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|function|async function|class) ([\w$]+))", re.MULTILINE)
# the element itself: the API page also shows one as text, with its brackets escaped
FIGURE = re.compile(r'<div class="interactive" data-interactive="([\w-]+)"')


def script(names: Iterable[str]) -> str:
    """Join modules into one script that starts the figures of a page.

    Args:
        names: modules of `_static/interactive`, each a figure.

    Returns:
        The text of a script of type module.
    """
    names = list(names)
    figures = ", ".join(f'"{name}": {_variable(name)}' for name in names)
    return f"{bundle(['start', *names])}\n{_variable('start')}.start({{ {figures} }});"


def bundle(names: Iterable[str]) -> str:
    """Join modules and what they import; each becomes a constant that holds what it exports."""
    texts: dict[str, str] = {}
    for name in names:
        _add(name, texts)
    return "\n".join(texts.values())


def _add(name: str, texts: dict[str, str]) -> None:
    """Add a module behind those that it imports."""
    if name in texts:
        return
    source = (MODULES / f"{name}.js").read_text(encoding="utf-8")
    for match in IMPORT.finditer(source):
        _add(match[2], texts)
    exported = ", ".join(match[1] for match in EXPORT.finditer(source))
    body = EXPORT.sub("", IMPORT.sub(_as_constant, source))
    texts[name] = f"const {_variable(name)} = (() => {{\n{body}return {{ {exported} }};\n}})();"


def _as_constant(match: re.Match[str]) -> str:
    """Take what an import names from the constant of its module."""
    return f"const {{{match[1].replace(' as ', ': ')}}} = {_variable(match[2])};\n"


def _variable(name: str) -> str:
    """Name the constant of a module."""
    return "$" + name.replace("-", "_")


def figures(body: str) -> list[str]:
    """Name the interactive figures of a page, given its HTML, each once."""
    return sorted({*FIGURE.findall(body)})


def add_script(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Add script and style to a page with interactive figures."""
    if names := figures(context.get("body", "")):
        app.add_css_file("interactive/figures.css")
        app.add_js_file(None, body=script(names), type="module")


def resolve_state(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: nodes.Element
) -> nodes.reference | None:
    """Turn the role ``state`` into a link to the figure, with the settings behind its name."""
    label, _, query = node["reftarget"].partition("?")
    place = env.domaindata["std"]["anonlabels"].get(label)
    if node["reftype"] != "state" or place is None:
        return None  # Sphinx says that there is no such target
    page, anchor = place
    uri = app.builder.get_relative_uri(node["refdoc"], page)
    return nodes.reference("", "", contnode, internal=True, refuri=f"{uri}#{anchor}?{query}")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_role("state", XRefRole(innernodeclass=nodes.inline, warn_dangling=True))
    app.connect("html-page-context", add_script)
    app.connect("missing-reference", resolve_state)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
