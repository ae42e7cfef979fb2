"""Let search find sections, not whole pages.

Sphinx indexes a page as one document. Here each section goes into its index as a document of its
own, called ``page#section``, and ``search-sections.js`` makes a link of that.
"""

from collections.abc import Iterable
from typing import Any

import sphinx.search
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search import IndexBuilder
from sphinx.util.docutils import new_document


class SectionIndex(IndexBuilder):
    """The index of Sphinx, by sections."""

    def feed(self, docname: str, filename: str, title: str, doctree: nodes.document) -> None:
        """Take in each section without those inside it; the first stands for the page."""
        for i, section in enumerate(doctree.findall(nodes.section)):
            part = new_document("")
            part += [node.deepcopy() for node in section if not isinstance(node, nodes.section)]
            name = docname if i == 0 else f"{docname}#{section['ids'][0]}"
            super().feed(name, filename, title if i == 0 else section[0].astext(), part)

    def prune(self, docnames: Iterable[str]) -> None:
        """Keep the sections of pages that stay."""
        pages = set(docnames)
        sections = {name for name in self._titles if name.partition("#")[0] in pages}
        super().prune(pages | sections)


def add_script(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Load the script on the page of search."""
    if pagename == "search":
        app.add_js_file("search-sections.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    sphinx.search.IndexBuilder = SectionIndex  # type: ignore[misc]
    app.connect("html-page-context", add_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
