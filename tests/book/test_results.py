"""What comes after a prediction is behind a fold: text and cells alike."""

import io
import re

from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

PAGE = """# Page

Guess.

% result

Seventeen.

```{code-cell} ipython3
answer = 17
```

% end of result

Further on.
"""


def built(folder, text: str) -> tuple[BeautifulSoup, str]:
    """Build one page; return it with the warnings."""
    source = folder / "source"
    source.mkdir()
    (source / "index.md").write_text(text)
    warnings = io.StringIO()
    settings = {
        "extensions": ["myst_nb", "sphinx_design", "course_results"],
        "nb_execution_mode": "off",
        "suppress_warnings": ["myst-nb.lexer"],  # no cell has run
        "html_theme": "basic",
        "language": "en",
    }
    html, trees = folder / "html", folder / "doctrees"
    out = {"status": None, "warning": warnings}
    with docutils_namespace():
        Sphinx(source, None, html, trees, "html", settings, **out).build()
    page = BeautifulSoup((html / "index.html").read_text(encoding="utf-8"), "html.parser")
    return page, warnings.getvalue()


HEAD = (
    "---\njupytext:\n  text_representation:\n    extension: .md\n    format_name: myst\n"
    "kernelspec:\n  name: python3\n  display_name: Python 3\n---\n\n"
)


def test_a_result_is_folded_with_its_cells(tmp_path):
    page, warnings = built(tmp_path, HEAD + PAGE)
    assert warnings == ""
    (fold,) = page.select("details.sd-dropdown")
    assert fold.summary.get_text(strip=True) == "Show the result"
    assert "open" not in fold.attrs
    assert "Seventeen." in fold.get_text() and "answer = 17" in fold.get_text()
    outside = page.body.get_text().replace(fold.get_text(), "")
    assert "Guess." in outside and "Further on." in outside
    assert not re.search("Seventeen|answer", outside)


def test_a_result_that_does_not_end_is_a_warning(tmp_path):
    page, warnings = built(tmp_path, HEAD + PAGE.replace("% end of result", ""))
    assert "a result without an end" in warnings
    assert not page.select("details")
