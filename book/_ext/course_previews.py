"""Show what a reference points at: a formula, a figure or a term, when the pointer is over it.

What can be shown is put into the page that refers to it when the page is written, as templates that
``previews.js`` opens. So nothing is fetched, and a page opened from disk has them as well.
"""

import posixpath
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

# a link, an id or a number belongs to the place of what is shown, not to its copy
PLACE = re.compile(r'<a class="headerlink".*?</a>|</?a\b[^>]*>| id="[^"]*"', re.DOTALL)


class Previews:
    """Writes templates for the pages of one build.

    Args:
        builder: the builder that writes the pages.
    """

    def __init__(self, builder: StandaloneHTMLBuilder) -> None:
        self.builder = builder
        self.targets: dict[str, dict[str, nodes.Element]] = {}  # by page and id

    def templates(self, page: str, doctree: nodes.document) -> str:
        """Write a template for each formula, figure and term that a page refers to."""
        made = {link: self._preview(*place) for link, place in _links(page, doctree)}
        return "".join(
            f'<template data-preview="{escape(link)}">{made[link]}</template>\n'
            for link in sorted(made)
            if made[link]
        )

    def _preview(self, page: str, target: str) -> str:
        """Write what has an id on a page, empty if that is a section or the like."""
        if page not in self.targets:
            self.targets[page] = self._targets(page)
        node = self.targets[page].get(target)
        if node is None:
            return ""
        fragment: str = self.builder.render_partial(node.deepcopy())["fragment"]
        return PLACE.sub("", fragment).strip()

    def _targets(self, page: str) -> dict[str, nodes.Element]:
        """Collect what can be shown of a page, by id."""
        env = self.builder.env
        # to resolve the list of references a second time would write each work twice
        if page not in env.all_docs or not any(_shown(env.get_doctree(page))):
            return {}
        doctree = env.get_and_resolve_doctree(page, self.builder)
        self.builder.post_process_images(doctree)
        return dict(_shown(doctree))


def _links(page: str, doctree: nodes.document) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the internal links of a page, each with the page and the id it leads to."""
    for reference in doctree.findall(nodes.reference):
        link = reference.get("refuri") or f"#{reference.get('refid', '')}"
        path, _, target = link.partition("#")
        if target and "://" not in link:
            here = posixpath.dirname(page)
            name = posixpath.normpath(posixpath.join(here, path.removesuffix(".html")))
            yield link, (name if path else page, target)


def _shown(doctree: nodes.document) -> Iterator[tuple[str, nodes.Element]]:
    """Yield the formulas, figures and definitions of a page with their ids."""
    for node in doctree.findall(nodes.Element):
        match node:
            case nodes.math_block(parent=parent):
                shown = node.copy()
                shown["number"] = None
                # its label can stand before it
                before = parent[max(0, parent.index(node) - 1)]
                ids = node["ids"] + (before["ids"] if isinstance(before, nodes.target) else [])
            case nodes.figure():
                shown = node
                ids = [] if next(node.findall(nodes.raw), None) else node["ids"]
            case nodes.term(parent=parent):
                shown = nodes.container("", *(part.deepcopy() for part in parent[-1]))
                ids = node["ids"]
            case _:
                continue
        yield from ((id_, shown) for id_ in ids)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""

    def add_templates(
        app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document
    ) -> None:
        if not doctree or app.builder.name != "html":
            return
        if not made:
            made.append(Previews(app.builder))  # type: ignore[arg-type]
        context["body"] += made[0].templates(page, doctree)
        app.add_js_file("previews.js", loading_method="defer")

    made: list[Previews] = []  # one for the pages of this build
    app.connect("html-page-context", add_templates)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
