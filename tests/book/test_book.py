"""The sources of the book: what every page and every cell must have, read without a build."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIGURE = re.compile(
    r"^[`:]{3,}\{(?:figure|image)\}[^\n]*\n(.*?)^[`:]{3,}$", re.MULTILINE | re.DOTALL
)
LABEL = re.compile(
    r"^\(([^)\s]+)\)=$|^:(?:name|label): (\S+)$|\$\$[ \t]*\(([\w-]+)\)", re.MULTILINE
)
MAX_LINES = 12
MAX_FOLDED = 30  # in a cell that is folded or not shown
FOLDED = {"hide-input", "hide-cell", "remove-cell", "remove-input"}
BANNED = (
    "filterwarnings",
    "!pip",
    "%pip",
    "%matplotlib",
    "http://",
    "https://",
    "set_title",
)


def toc_pages() -> list[str]:
    """List the pages of the reading order, without suffix."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    return [toc["root"], *chapters]


def source(page: str) -> str:
    return (ROOT / f"{page}.md").read_text(encoding="utf-8")


def cells(page: str) -> list[tuple[dict, str]]:
    """Return the options and the code of each cell of a page."""
    return [split_cell(body) for body in CELL.findall(source(page))]


def split_cell(body: str) -> tuple[dict, str]:
    if body.startswith("---\n"):
        options, code = body[4:].split("\n---\n", 1)
        return yaml.safe_load(options), code.strip("\n")
    options = re.match(r"(?::[\w-]+:[^\n]*\n)*", body)[0]
    pairs = re.findall(r"^:([\w-]+):\s*(.*)$", options, re.MULTILINE)
    return {k: yaml.safe_load(v) for k, v in pairs}, body[len(options) :].strip("\n")


def cell_faults(options: dict, code: str) -> list[str]:
    """Say what is wrong with one cell."""
    faults = []
    lines = len([line for line in code.splitlines() if line.strip()])
    is_folded = bool(FOLDED & set(options.get("tags", [])))
    most = MAX_FOLDED if is_folded else MAX_LINES
    if lines > most:
        faults.append(f"{lines} lines of code, at most {most}")
    if not is_folded and re.search(r"^\s*(glue|plotting\.Interactive)\(", code, re.MULTILINE):
        faults.append("plumbing of the book in sight of the reader")
    if "mystnb" in options:
        faults += figure_faults(options["mystnb"])
    return faults + [f"uses {word}" for word in BANNED if word in code]


def figure_faults(options: dict) -> list[str]:
    """Say what is wrong with what a cell says of its figure."""
    figure = options.get("figure", {})
    faults = []
    if not str(figure.get("name", "")).startswith("fig-"):
        faults.append("a figure without a name fig-…")
    if len(str(figure.get("caption", ""))) < 20:
        faults.append("a figure without a caption")
    if len(options.get("image", {}).get("alt", "")) < 20:
        faults.append("a figure without an alt text")
    return faults


NOTEBOOKS = [page for page in toc_pages() if CELL.search(source(page))]


def test_the_reading_order_lists_every_page_once():
    pages = toc_pages()
    assert sorted(pages) == sorted(f"book/{path.stem}" for path in BOOK.glob("*.md"))


@pytest.mark.parametrize("page", toc_pages())
def test_a_page_opens_with_its_label_and_one_title(page):
    text = re.sub(r"^---\n.*?\n---\n", "", source(page), flags=re.DOTALL).lstrip()
    slug = page.rsplit("/", 1)[-1]
    assert text.startswith(f"({slug})=\n# ")
    assert len(re.findall(r"^# ", no_code(CELL.sub("", text)), re.MULTILINE)) == 1


def no_code(text: str) -> str:
    return re.sub(r"^```[a-z]*\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", toc_pages())
def test_figures_in_the_text_have_alt_and_name(page):
    for body in FIGURE.findall(source(page)):
        assert re.search(r"^:alt: .{20,}", body, re.MULTILINE), body
        assert re.search(r"^:name: fig-", body, re.MULTILINE), body


@pytest.mark.parametrize("page", toc_pages())
def test_nothing_is_loaded_from_elsewhere(page):
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//[^>]*""", source(page))
    assert not re.findall(r"!\[[^\]]*\]\(https?:", source(page))


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_a_notebook_names_its_kernel(page):
    header = yaml.safe_load(source(page).split("---\n")[1])
    assert header["kernelspec"] == {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    assert header["jupytext"]["text_representation"]["format_name"] == "myst"


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_a_notebook_can_be_downloaded_from_its_page(page):
    slug = page.rsplit("/", 1)[-1]
    link = r"\{download\}`[^`<]+</_build/notebooks/" + re.escape(slug) + r"-chapter\.ipynb>`"
    assert re.search(link, source(page))


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_imports_are_in_the_first_cell_which_is_folded(page):
    (options, first), *rest = cells(page)
    assert FOLDED & set(options.get("tags", []))
    assert "import torch" in first
    for _, code in rest:
        assert not re.search(r"^(import|from \w+(\.\w+)* import)\b", code, re.MULTILINE), code


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_cells_keep_the_rules(page):
    faults = {code.splitlines()[0]: cell_faults(options, code) for options, code in cells(page)}
    assert not {line: fault for line, fault in faults.items() if fault}


def test_labels_are_unique_and_say_what_they_name():
    labels = [next(filter(None, m)) for page in toc_pages() for m in LABEL.findall(source(page))]
    figures = [
        o["mystnb"]["figure"]["name"] for page in NOTEBOOKS for o, _ in cells(page) if "mystnb" in o
    ]
    counts = Counter(labels + figures)
    assert not [label for label, count in counts.items() if count > 1]
    slugs = {page.rsplit("/", 1)[-1] for page in toc_pages()}
    kinds = re.compile(r"(sec|fig|eq|tab|api|ex|quiz|def|thm|prop|lem|alg|box)-[a-z0-9-]+$")
    assert not [label for label in counts if label not in slugs and not kinds.match(label)]


def test_the_front_page_has_a_card_for_every_chapter_and_no_other():
    cards = re.search(r"```\{chapter-cards\}\n(.*?)```", source("book/index"), re.DOTALL)[1]
    chapters = re.findall(r"book/([\w-]+)", yaml_part("The course"))
    assert [line.split(":")[0] for line in cards.splitlines()] == chapters


def test_the_front_page_says_which_chapter_may_use_fashion_mnist():
    may = {page for page in NOTEBOOKS if "image_data(" in "".join(code for _, code in cells(page))}
    assert may == {"book/training"}
    assert "{ref}`training` uses Fashion-MNIST" in source("book/index")


def test_the_front_page_offers_commands_that_exist():
    verbs = re.findall(r"^make (\w+)$", source("book/index"), re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert verbs and all(re.search(rf"^{verb}:", makefile, re.MULTILINE) for verb in verbs)


def headings(problem_set: str) -> list[tuple[str, float, int]]:
    """Read title, points and minutes of each exercise of a set."""
    notebook = json.loads((ROOT / "solutions" / problem_set / f"{problem_set}.ipynb").read_text())
    texts = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown"]
    found = re.findall(
        r"^## \d+ · (.+) \(([\d.]+) points?, (\d+) minutes\)", "\n".join(texts), re.MULTILINE
    )
    return [(title, float(points), int(minutes)) for title, points, minutes in found]


def test_instructors_read_the_points_and_minutes_of_the_sets():
    rows = re.findall(
        r"^\* - `([\w-]+)`\n  - (\d+)\n  - (\d+)\n  - (.+) \((\d+)\)$",
        source("book/instructors"),
        re.MULTILINE,
    )
    assert {row[0] for row in rows} == {path.name for path in (ROOT / "solutions").iterdir()}
    for name, points, minutes, longest, its_minutes in rows:
        exercises = headings(name)
        assert sum(p for _, p, _ in exercises) == float(points), name
        assert sum(m for _, _, m in exercises) == int(minutes), name
        assert (longest, int(its_minutes)) in [(t, m) for t, _, m in exercises], name
        assert int(its_minutes) == max(m for _, _, m in exercises), name


def yaml_part(caption: str) -> str:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return str(next(part["chapters"] for part in toc["parts"] if part["caption"] == caption))


def test_every_cited_work_is_in_the_bibliography_and_complete():
    from pybtex.database import parse_file

    entries = parse_file(BOOK / "references.bib").entries
    text = "\n".join(source(page) for page in toc_pages())
    cited = {
        k.strip()
        for group in re.findall(r"\{cite[:\w]*\}`([^`]+)`", text)
        for k in group.split(",")
    }
    assert cited <= set(entries)
    assert all({"title", "year"} <= set(entry.fields) for entry in entries.values())


def test_the_cell_rules_can_say_no():
    bare = {"mystnb": {"figure": {"name": "plot"}}}
    assert cell_faults({}, "x = 1") == []
    long = "\n\n".join(["x = 1"] * 13)
    assert cell_faults({}, long) == ["13 lines of code, at most 12"]
    assert cell_faults({"tags": ["hide-input"]}, long) == []
    assert cell_faults({"tags": ["hide-input"]}, long + "\n" + 2 * long) != []
    assert len(cell_faults({}, 'glue("x", 1)')) == 1
    assert cell_faults({"tags": ["remove-cell"]}, 'glue("x", 1)') == []
    assert len(cell_faults(bare, "plot()")) == 3
    assert cell_faults({}, "!pip install torch") == ["uses !pip"]
    assert split_cell(":tags: [hide-input]\n\nx = 1\n") == ({"tags": ["hide-input"]}, "x = 1")
