"""`mlpkit start`: never over a file, and an update that loses no word."""

import json

import pytest
from click.testing import CliRunner

from mlpkit.commands import cli, sets
from mlpkit.commands import start as starting
from tests.support.variants import EXERCISES, ROOT


def run(*words):
    return CliRunner().invoke(cli.main, [*words], prog_name="mlpkit")


@pytest.fixture(autouse=True)
def inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def notebook(path):
    return json.loads(path.read_text(encoding="utf-8"))


def texts(path):
    return ["".join(cell["source"]) for cell in notebook(path)["cells"]]


def edit(path, change):
    content = notebook(path)
    change(content["cells"])
    path.write_text(json.dumps(content), encoding="utf-8")


def test_the_order_is_that_of_the_chapters():
    lines = (ROOT / "_toc.yml").read_text().splitlines()
    pages = [line.rpartition("book/")[2] for line in lines if "file: book/" in line]
    chapters = [page for page in pages if page in sets.ORDER]
    assert [*sets.ORDER] == [name for name in chapters if (EXERCISES / name).is_dir()]
    assert [*sets.find_sets(ROOT)] == [*sets.ORDER]


def test_all_sets_are_copied_once_in_order(tmp_path):
    first = run("start")
    assert first.exit_code == 0
    assert [line.split()[0] for line in first.stdout.splitlines()] == [*"123456"]
    path = tmp_path / "work" / "activations" / "activations.ipynb"
    assert path.read_bytes() == (EXERCISES / "activations" / "activations.ipynb").read_bytes()
    path.write_text("mine")
    again = run("start")
    assert path.read_text() == "mine"
    assert again.stdout.count("stays as it is") == 6


def test_again_keeps_the_old_notebook_under_another_name(tmp_path):
    run("start", "training")
    path = tmp_path / "work" / "training" / "training.ipynb"
    for number in range(2):
        edit(path, lambda cells, n=number: cells[0].update(source=f"attempt {n}"))
        assert run("start", "training", "--again").exit_code == 0
    kept = sorted(other for other in path.parent.iterdir() if other != path)
    assert [texts(other)[0] for other in kept] == ["attempt 1", "attempt 0"]
    assert texts(path)[0] != "attempt 1"


def test_update_takes_answers_and_free_cells_over(tmp_path):
    run("start", "activations")
    path = tmp_path / "work" / "activations" / "activations.ipynb"

    def write(cells):
        for number, cell in reversed([*enumerate(cells)]):
            if cell["id"] == "relu":
                cell["source"] = "def relu(x):\n    return 'my relu'"
            if cell["id"] == "relu-try":
                cell["source"] = "my try"
            if cell["id"] == "relu-values":
                cell["source"] = "an older test"
            if cell["id"] == "tanh-grad":
                cell["source"] = "my tanh_grad, part one"
                other = {**cell, "source": "my tanh_grad, part two"}
                added = {**cell, "metadata": {}, "id": "own", "source": "my helper"}
                cells[number + 1 : number + 1] = [other, added]

    edit(path, write)
    before = path.read_bytes()
    done = run("start", "activations", "--update")
    assert done.exit_code == 0, done.output
    assert "changed in this release: relu-values" in done.stdout
    made = texts(path)
    for text in ("def relu(x):\n    return 'my relu'", "my try", "my helper"):
        assert made.count(text) == 1
    assert "my tanh_grad, part one\nmy tanh_grad, part two" in made
    assert (
        made.index("my helper") == made.index("my tanh_grad, part one\nmy tanh_grad, part two") + 1
    )
    assert "an older test" not in made
    assert len(made) == len(texts(EXERCISES / "activations" / "activations.ipynb")) + 1
    [kept] = [other for other in path.parent.iterdir() if other != path]
    assert kept.read_bytes() == before
    # a second time changes nothing more
    after = texts(path)
    run("start", "activations", "--update")
    assert texts(path) == after


def stamp(path, release):
    content = notebook(path)
    content["metadata"]["mlpkit"] = {"set": path.stem, "release": release}
    path.write_text(json.dumps(content), encoding="utf-8")


def test_a_copy_of_an_older_release_is_named_until_it_is_updated(tmp_path):
    run("start", "training")
    path = tmp_path / "work" / "training" / "training.ipynb"
    ours = notebook(path)["metadata"]["mlpkit"]["release"]
    assert "release" not in run("start", "training").stdout
    stamp(path, "0.0.7")
    advice = f"of release 0.0.7, and the course here is at {ours}: `mlpkit start training --update`"
    assert advice in run("start", "training").stdout
    assert run("start").stdout.count(advice) == 1
    done = run("start", "training", "--update")
    assert f"has your answers in release {ours}; before: training.0.0.7.ipynb" in done.stdout
    assert "0.0.7" not in run("start").stdout


def test_a_copy_of_a_newer_release_asks_for_the_newer_course(tmp_path):
    run("start", "training")
    stamp(tmp_path / "work" / "training" / "training.ipynb", "99.1")
    said = run("start", "training").stdout
    assert "install the newer course" in said
    assert "--update" not in said


def test_an_update_that_fails_leaves_the_notebook(tmp_path, monkeypatch):
    run("start", "activations")
    path = tmp_path / "work" / "activations" / "activations.ipynb"
    before = path.read_bytes()

    def refuse(*args, **kwargs):
        raise OSError("the disk is full")

    monkeypatch.setattr(starting.json, "dump", refuse)
    assert run("start", "activations", "--update").exit_code == 3
    assert path.read_bytes() == before


def test_words_that_mean_nothing_get_one_line():
    for words in (["start", "relu"], ["start", "--again"], ["start", "training", "--update"]):
        done = run(*words)
        assert done.exit_code == 2
        assert len(done.stderr.strip().splitlines()) == 1
