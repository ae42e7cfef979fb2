"""What a build stands on: the code that a page uses, its plain notebook, the trimmed icons."""

import csv
import re
from pathlib import Path
from types import SimpleNamespace

import course_assets
import course_interactive
import deck
import execute
import pages
import print_book
import pytest
from bs4 import BeautifulSoup
from markdown import Names, glued, plain, pyobject

ROOT = Path(__file__).resolve().parents[2]
NAMES = Names(
    titles={"sec-a": "A section"},
    numbers={"fig-a": "2", "eq-a": "1"},
    glued={"loss": "0.123456", "name": "'relu'"},
    cited={"he2015": "He et al., 2015"},
)


@pytest.mark.parametrize(
    ("myst", "markdown"),
    [
        ("see {ref}`sec-a` and {ref}`there <sec-a>`", "see A section and there"),
        ("{numref}`fig-a` and {eq}`eq-a`", "Figure 2 and (1)"),
        ("{glue:text}`loss:.2f` with {glue:text}`name`", "0.12 with relu"),
        ("{cite:t}`he2015` {cite:p}`he2015`", "He et al., 2015 (He et al., 2015)"),
        ("{term}`logits` and {term}`unit <units>`", "logits and unit"),
        ("(sec-b)=\n## Title", "## Title"),
        ("$$\nx\n$$ (eq-a)", "$$\nx\n\\tag{1}\n$$"),
        ("```{note}\nbody\n```", "> **Note**\n> \n> body"),
        (":::{admonition} Predict\n:class: tip\nbody\n:::", "> **Predict**\n> \n> body"),
        ("```{code-block} python\nx = {1}\n```", "```python\nx = {1}\n```"),
        ("```python\n{ref}`kept`\n```", "```python\n{ref}`kept`\n```"),
        ("```{bibliography}\n```", ""),
    ],
)
def test_directives_and_roles_become_plain_markdown(myst, markdown):
    assert plain(myst, NAMES, ROOT) == markdown


def test_a_dropdown_keeps_its_answer():
    text = plain("````{dropdown} Answer\n```{note}\n$x$\n```\n````", NAMES, ROOT)
    assert text.startswith("<details><summary>Answer</summary>") and "> $x$" in text


def test_included_code_is_put_in_as_text():
    block = "```{literalinclude} ../mlpkit/activations.py\n:pyobject: relu\n```"
    text = plain(block, NAMES, ROOT / "book")
    assert text.startswith("```python\ndef relu(") and text.endswith("```")
    assert "def relu_grad" not in text
    assert '"""' not in text, "the text around a listing says what it does"


QUIZ = """```{quiz}
:name: quiz-loss
Is {glue:text}`loss:.1f` $<1$?

- [x] yes
  See {ref}`sec-a`.
- [ ] no
  Look again.
```"""


def test_a_question_keeps_its_options_and_folds_its_answers():
    asked, answers = plain(QUIZ, NAMES, ROOT).split("\n\n<details>")
    assert asked == "Is 0.1 $<1$?\n\n- A. yes\n- B. no"
    assert "- A: **Right.** See A section.\n- B: **Not quite.** Look again." in answers


def test_questions_become_cards_that_anki_reads(tmp_path, monkeypatch):
    page = pages.Page("chapter")
    (tmp_path / "chapter.md").write_text(f"# Title\n\n````md\n{QUIZ}\n````\n\n{QUIZ}\n")
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    [(name, front, back, tag)] = deck.cards(page, NAMES)
    assert (name, tag) == ("quiz-loss", "chapter")
    assert front.startswith('<p>Is 0.1 <span class="math inline">\\(&lt;1\\)</span>?</p>\n<ul>')
    assert "<strong>Right.</strong> See A section." in back and "<details>" not in back


def test_the_deck_is_a_table_of_four_columns(tmp_path, monkeypatch):
    monkeypatch.setattr(deck, "DECK", tmp_path / "cards.csv")
    monkeypatch.setattr(deck, "cards", lambda page, names: [("quiz-a", 'a, "b"\nc', "d", page)])
    monkeypatch.setattr(deck, "names_by_page", lambda pages: lambda page: NAMES)
    notebook = SimpleNamespace(is_notebook=True)
    lines = deck.write_deck([notebook, SimpleNamespace(is_notebook=False)]).read_text()
    settings = dict(re.findall(r"^#([\w ]+):(.+)$", lines, re.MULTILINE))
    assert settings["separator"] == "comma" and settings["guid column"] == "1"
    [row] = csv.reader(lines.removeprefix(deck.HEADER).splitlines(keepends=True))
    assert row[:3] == ["quiz-a", 'a, "b"\nc', "d"] and len(row) == int(settings["tags column"])


PRINTED = """<article class="bd-article"><h1 id="a">Chapter</h1>
<a class="download" href="x.ipynb">notebook</a> <a href="#a">here</a>
<a href="other.html#b">there</a>
<details><summary>More</summary></details><template>preview</template>
<details class="hide"><summary>Show the code</summary>glue("a", 1)</details>
<figure id="fig-a"><div class="interactive"><p>Move it.</p><script>{}</script></div></figure>
<div class="quiz" id="quiz-a" aria-labelledby="quiz-a-title"><p class="quiz-title">Question 1</p>
<details class="quiz-answers"><ol class="quiz-reasons"><li>Right.</li></ol></details>
</div></article>"""


def test_a_chapter_is_printed_whole_with_its_answers_at_the_end():
    page = BeautifulSoup(PRINTED, "html.parser")
    chapter, answers = page.article, BeautifulSoup("<section></section>", "html.parser").section
    print_book.prepare(chapter, "one", {"one", "other"})
    print_book.move_answers(chapter, answers)
    assert [a["href"] for a in chapter.select("a")] == ["#one-a", "#other-b", "#one-quiz-a-answer"]
    assert "notebook" in chapter.text and "preview" not in chapter.text
    assert "glue" not in chapter.text, "folded code is left to the notebooks"
    still = chapter.select_one("#one-fig-a > img")
    assert still["src"].endswith("/still-one-fig-a.png") and still["alt"] == "Move it."
    assert chapter.select_one("#one-fig-a")["role"] == "group", "only its picture is tagged as one"
    assert all(fold.has_attr("open") for fold in chapter.select("details"))
    assert chapter.select_one(".quiz")["aria-labelledby"] == "one-quiz-a-title"
    assert chapter.select_one(".quiz-reasons") is None
    assert answers.a["href"] == "#one-quiz-a" and answers.a.text == "Chapter, Question 1"
    assert answers.select_one(".quiz-reasons").text == "Right."


def test_pyobject_takes_decorators_and_methods():
    module = "import a\n\n@a\nclass B:\n    def c(self):\n        return 1\n\nx = 2\n"
    assert pyobject(module, "B").startswith("@a\nclass B:")
    assert pyobject(module, "B.c") == "def c(self):\n    return 1"


def test_included_code_must_exist():
    with pytest.raises(KeyError, match="no function or class 'f' to include"):
        pyobject("x = 1", "f")


def test_glued_results_must_exist():
    with pytest.raises(KeyError, match="no cell of this page glues 'unknown'"):
        glued("unknown:.2f", NAMES.glued)


def test_a_page_depends_on_what_its_modules_import():
    used = {p.relative_to(ROOT).as_posix() for p in pages.modules_used("from mlpkit import mlp")}
    assert {"mlpkit/__init__.py", "mlpkit/mlp.py", "mlpkit/activations.py"} <= used
    assert not any("grader" in path or "plotting" in path for path in used)
    assert pages.modules_used("import math") == set()


def test_the_key_follows_code_and_data(tmp_path, monkeypatch):
    monkeypatch.setenv("MLPKIT_DATA", str(tmp_path))
    before = execute.key("x = 1")
    assert execute.key("x = 1") == before != execute.key("x = 2")
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "train-images-idx3-ubyte").write_bytes(b"1234")
    assert execute.key("x = 1") != before


def test_the_key_follows_the_package(tmp_path, monkeypatch):
    module = tmp_path / "mlpkit" / "toy.py"
    module.parent.mkdir()
    module.write_text("x = 1\n")
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    before = execute.key("import mlpkit.toy")
    module.write_text("x = 2\n")
    assert execute.key("import mlpkit.toy") != before


def test_only_the_icons_in_use_stay():
    up, sun = '"circle-up":[5,5,[61],"f35b","M1"],', 'sun:[1,1,[9,"day"],"f185",["M2","M3"]]'
    script = f"a={{{up}{sun}}};"
    assert course_assets.trimmed(script, {"circle-up"}) == f"a={{{up}}};"
    assert course_assets.trimmed(script, {"day"}) == f"a={{{sun}}};"


def test_only_real_figures_need_a_script():
    figure = '<div class="interactive" data-interactive="kinks"><p>'
    assert course_interactive.figures(figure + figure) == ["kinks"]
    # as Sphinx shows the example of a docstring
    assert course_interactive.figures(figure.replace("<", "&lt;").replace(">", "&gt;")) == []
