"""Write the built book as an EPUB: ``python book/_tools/epub.py``.

Each page becomes a chapter, its formulas MathML, which the book's own MathJax makes in Chromium.
Nothing runs in a reader: interactive figures are stills, what unfolds is open, and folded code is
left to the notebooks.
"""

import re
import sys
import uuid
import zipfile
from html import escape
from pathlib import Path

import stills
from bs4 import BeautifulSoup, Tag
from chromium import NoBrowserError, page
from pages import BUILD, ROOT, read_pages

HTML = BUILD / "html"
EPUB = BUILD / "multilayer-perceptrons.epub"
TITLE = "Multilayer Perceptrons"
DROPPED = (
    ".headerlink, .copybtn, template, script, style, .for-dark, .toctree-wrapper, button, form, "
    "details.hide, .sd-summary-state-marker"
)
FORMULA = re.compile(r"\\([(\[])(.*)\\[)\]]", re.DOTALL)
# names that a parser of HTML writes small and XML does not
SVG_NAMES = ("viewBox", "preserveAspectRatio", "markerWidth", "markerHeight", "refX", "refY")
TYPES = {".svg": "image/svg+xml", ".png": "image/png"}
TO_MATHML = """async formulas => {
    await MathJax.startup.promise;
    const made = [];
    for (const [tex, display] of formulas) {
        made.push(await MathJax.tex2mmlPromise(tex, { display }));
    }
    return made;
}"""
STYLE = """
body { line-height: 1.5; }
img { height: auto; max-width: 100%; }
figure { margin: 1em 0; }
figcaption { font-size: 0.9em; }
pre { font-size: 0.8em; white-space: pre-wrap; }
.admonition, details, .quiz { border-left: 3px solid #9aa4af; margin: 1em 0; padding-left: 0.8em; }
.admonition-title, summary, .quiz-title { font-weight: bold; }
.upperalpha { list-style: upper-alpha; }
.chapter-picture img { max-height: 8em; }
.eqno { float: right; }
td, th { padding: 0.2em 0.5em; text-align: left; vertical-align: top; }
"""
CHAPTER = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"
 lang="en" xml:lang="en">
<head><title>{title}</title><link rel="stylesheet" type="text/css" href="style.css"/></head>
<body>{body}</body>
</html>
"""
CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="book/content.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>
"""
PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">{identifier}</dc:identifier>
<dc:title>{title}</dc:title><dc:language>en</dc:language>
<dc:rights>Text and figures CC BY 4.0, code MIT</dc:rights>
<meta property="dcterms:modified">2026-01-01T00:00:00Z</meta>
<meta property="schema:accessMode">textual</meta><meta property="schema:accessMode">visual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">MathML</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">structuralNavigation</meta>
<meta property="schema:accessibilityHazard">none</meta>
<meta property="schema:accessibilitySummary">Formulas are MathML, and drawings have texts.</meta>
</metadata>
<manifest>
{manifest}
</manifest>
<spine>
{spine}
</spine>
</package>
"""


class Chapter:
    """A page on its way into the EPUB.

    Args:
        slug: name of the page.
        article: its text, which is rewritten.
        slugs: names of all pages, for links between them.
    """

    def __init__(self, slug: str, article: Tag, slugs: set[str]) -> None:
        self.slug, self.article = slug, article
        heading = article.select_one("h1")
        self.images: set[Path] = set()
        stills.put(article, slug)
        self._clean()
        self._link(slugs)
        self._show_images()
        self.title = " ".join(heading.get_text().split()) if heading else slug
        self.formulas = [e for e in article.select(".math") if FORMULA.search(e.get_text())]

    def _clean(self) -> None:
        """Take out what does nothing in a reader, or has no place in XHTML."""
        for part in self.article.select(DROPPED):
            part.decompose()
        for part in self.article.select("summary p"):
            part.name = "span"
        for fold in self.article.select("details"):
            fold["open"] = "open"
        for part in [self.article, *self.article.select("*")]:
            if part.name == "svg" or part.find_parent("svg"):
                _restore_names(part)
            else:
                _drop_attributes(part)
        self._keep_first_ids()

    def _keep_first_ids(self) -> None:
        """Let an id name one element of a chapter."""
        seen: set[str] = set()
        for part in self.article.select("[id]"):
            if part["id"] in seen:
                del part["id"]
            else:
                seen.add(str(part["id"]))

    def _link(self, slugs: set[str]) -> None:
        """Let links lead to chapters of the EPUB or to the web; others become text."""
        for link in self.article.select("a[href]"):
            # on paper a figure has no states: such a link leads to the figure
            href = re.sub(r"(#[^?]*)\?.*", r"\1", str(link["href"]))
            match = re.fullmatch(r"(?:([\w-]+)\.html)?(#.*)?", href)
            if match and (match[1] is None or match[1] in slugs):
                link["href"] = (f"{match[1]}.xhtml" if match[1] else "") + (match[2] or "")
            elif "://" not in str(link["href"]):
                link.unwrap()

    def _show_images(self) -> None:
        """Let images lie in a folder of the EPUB."""
        for image in self.article.select("img"):
            path = (HTML / "book" / str(image["src"])).resolve()
            self.images.add(path)
            image["src"] = f"images/{path.name}"

    def put_formulas(self, mathml: dict[tuple[str, bool], str]) -> None:
        """Put MathML in the place of the formulas."""
        for element in self.formulas:
            tex, display = parts(element.get_text())
            number = element.select_one(".eqno")
            element.clear()
            if number:
                element.append(number)
            element.append(BeautifulSoup(mathml[tex, display], "html.parser"))

    def properties(self) -> str:
        """Name the special contents, as the manifest wants them."""
        kinds = {"mathml": "math", "svg": "svg"}
        found = " ".join(kind for kind, tag in kinds.items() if self.article.find(tag))
        return f' properties="{found}"' if found else ""


def _drop_attributes(part: Tag) -> None:
    """Take off what an element of HTML may have on the web alone."""
    for name in ("loading", "width", "align", "data-quiz"):
        part.attrs.pop(name, None)


def _restore_names(part: Tag) -> None:
    """Write names of SVG as XML has them."""
    for name in SVG_NAMES:
        if name.lower() in part.attrs:
            part[name] = part.attrs.pop(name.lower())


def parts(text: str) -> tuple[str, bool]:
    r"""Return the TeX of a formula on a page, and whether it is displayed.

    Examples:
        >>> parts(r"(2.1)\[x^2\]"), parts(r"\(y\)")
        (('x^2', True), ('y', False))
    """
    match = FORMULA.search(text)
    if match is None:
        raise ValueError(f"no formula: {text!r}")
    return match[2].strip(), match[1] == "["


def main() -> int:
    """Write the EPUB and return the exit code."""
    if not (HTML / "book" / "index.html").exists():
        print("There is no book yet: run make book first.", file=sys.stderr)
        return 2
    chapters = read_chapters()
    try:
        stills.take([page.docname for page in read_pages()])
        mathml = to_mathml(sorted({parts(e.get_text()) for c in chapters for e in c.formulas}))
    except NoBrowserError as error:
        print(f"The EPUB was not written: {error}", file=sys.stderr)
        return 3
    for chapter in chapters:
        chapter.put_formulas(mathml)
    write(chapters)
    print(f"The book is at {EPUB}")
    return 0


def read_chapters() -> list[Chapter]:
    """Read all pages, in reading order."""
    names = [page.docname for page in read_pages()]
    slugs = {name.rsplit("/", 1)[-1] for name in names}
    chapters = []
    for name in names:
        soup = BeautifulSoup((HTML / f"{name}.html").read_bytes(), "html.parser")
        article = soup.select_one("article.bd-article")
        assert article is not None, name
        chapters.append(Chapter(name.rsplit("/", 1)[-1], article, slugs))
    return chapters


def to_mathml(formulas: list[tuple[str, bool]]) -> dict[tuple[str, bool], str]:
    """Let MathJax write formulas as MathML, with their TeX for readers without it."""
    with page() as view:
        view.goto((HTML / "book" / "notation.html").as_uri(), wait_until="load")
        made = view.evaluate(TO_MATHML, [list(formula) for formula in formulas])
    return {
        formula: re.sub(r' data-[\w-]+="[^"]*"', "", text).replace(
            "<math", f'<math alttext="{escape(formula[0])}"', 1
        )
        for formula, text in zip(formulas, made, strict=True)
    }


def write(chapters: list[Chapter]) -> None:
    """Write the file: first its type, uncompressed, then everything else."""
    images = sorted({path for chapter in chapters for path in chapter.images})
    with zipfile.ZipFile(EPUB, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr("META-INF/container.xml", CONTAINER)
        book.writestr("book/content.opf", package(chapters, images))
        book.writestr("book/style.css", STYLE)
        book.writestr("book/nav.xhtml", contents(chapters))
        for chapter in chapters:
            body = chapter.article.decode(formatter="minimal")
            text = CHAPTER.format(title=escape(chapter.title), body=body)
            book.writestr(f"book/{chapter.slug}.xhtml", text)
        for path in images:
            book.write(path, f"book/images/{path.name}")


def package(chapters: list[Chapter], images: list[Path]) -> str:
    """List what the EPUB holds, and the order of reading."""
    xhtml = 'media-type="application/xhtml+xml"'
    manifest = [
        f'<item id="nav" href="nav.xhtml" {xhtml} properties="nav"/>',
        '<item id="style" href="style.css" media-type="text/css"/>',
        *(
            f'<item id="c-{c.slug}" href="{c.slug}.xhtml" {xhtml}{c.properties()}/>'
            for c in chapters
        ),
        *(
            f'<item id="i-{i}" href="images/{path.name}" media-type="{TYPES[path.suffix]}"/>'
            for i, path in enumerate(images)
        ),
    ]
    spine = [f'<itemref idref="c-{chapter.slug}"/>' for chapter in chapters]
    identifier = uuid.uuid5(uuid.NAMESPACE_DNS, TITLE).urn
    lists = {"manifest": "\n".join(manifest), "spine": "\n".join(spine)}
    return PACKAGE.format(identifier=identifier, title=TITLE, **lists)


def contents(chapters: list[Chapter]) -> str:
    """Write the table of contents."""
    items = [f'<li><a href="{c.slug}.xhtml">{escape(c.title)}</a></li>' for c in chapters]
    body = f'<nav epub:type="toc"><h1>Contents</h1><ol>{"".join(items)}</ol></nav>'
    return CHAPTER.format(title="Contents", body=body)


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "book" / "_ext"), str(ROOT)]
    sys.exit(main())
