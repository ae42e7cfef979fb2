"""Which file of a student's is graded, whatever it is called, however it is written."""

import hashlib
import json
import os

import pytest

from mlpgrader.assignment.plan import read_plan
from mlpgrader.assignment.submission import submitted_cells
from mlpgrader.course import submitted
from mlpgrader.course.folders import Course
from mlpgrader.course.submitted import read_notebook
from mlpgrader.errors import UnreadableError
from tests.support import mini

TEXT = json.dumps(mini.submission())
PLAN = read_plan(json.dumps(mini.source()), "mini")


@pytest.fixture
def folder(tmp_path):
    """The folder of one student, empty."""
    mini.course(tmp_path, {})
    path = tmp_path / "submitted" / "ann" / "mini"
    path.mkdir(parents=True)
    return path


def handed_in(folder, **files):
    """What is read of these files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_notebook(Course(folder.parents[2]), "ann", "mini")


@pytest.mark.parametrize(
    "name",
    [
        "mini (1).ipynb",
        "Copy of mini.ipynb",
        "MINI.IPYNB",
        "doe_17_mini-2.ipynb",
        "anything.ipynb",
        "deeper/mini.ipynb",
        "a/b/c/mini.ipynb",
        "mini.ipynb.txt",
        "mini(1).ipynb.txt",
        "mini.ipynb (1).txt",
        "mini.json",
    ],
)
def test_the_only_notebook_is_graded_and_named(folder, name):
    found = handed_in(folder, **{name: TEXT})
    assert found.text == TEXT and found.notice == f"graded: {name}, since there is no mini.ipynb"


def test_one_of_the_right_name_is_graded_and_nothing_is_said(folder):
    files = {".ipynb_checkpoints/mini-checkpoint.ipynb": "x", "._mini.ipynb": "x", "notes.txt": "x"}
    digest = hashlib.sha256(TEXT.encode()).hexdigest()  # as `sha256sum` has it
    assert handed_in(folder, **{"mini.ipynb": TEXT, **files}) == (TEXT, "", digest)


def test_others_beside_it_are_named(folder):
    found = handed_in(folder, **{"mini.ipynb": TEXT, "mini-Copy1.ipynb": "x"})
    assert found[:2] == (TEXT, "not graded, beside it: mini-Copy1.ipynb")


def test_of_several_the_one_whose_name_still_says_so(folder):
    found = handed_in(folder, **{"mini (2).ipynb": TEXT, "scratch.ipynb": "x"})
    assert found.text == TEXT
    assert "graded: mini (2).ipynb" in found.notice and "beside it: scratch.ipynb" in found.notice


def test_where_nobody_can_say_which_those_there_are_named(folder):
    with pytest.raises(UnreadableError, match=r"no mini.ipynb .* mini \(1\).ipynb, mini-2.ipynb"):
        handed_in(folder, **{"mini (1).ipynb": TEXT, "mini-2.ipynb": TEXT})


@pytest.mark.parametrize("names", [[], ["mini.md"], ["a/b/c/d/mini.ipynb"]])
def test_where_there_is_none_that_is_said(folder, names):
    with pytest.raises(
        UnreadableError, match=r"^there is no mini.ipynb in its folder(, which has mini.md)?$"
    ):
        handed_in(folder, **dict.fromkeys(names, TEXT))


def test_no_link_and_no_pipe_is_followed(folder):
    (folder / "mini.ipynb").symlink_to("/etc/hostname")
    (folder / "deeper").symlink_to("/etc")
    os.mkfifo(folder / "pipe.ipynb")
    with pytest.raises(UnreadableError, match=r"mini.ipynb"):
        handed_in(folder)
    assert handed_in(folder, **{"other.ipynb": TEXT}).text == TEXT


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_every_encoding_of_json_is_read(folder, encoding):
    assert handed_in(folder, **{"mini.ipynb": TEXT.encode(encoding)}).text == TEXT


def test_other_bytes_are_no_text(folder):
    with pytest.raises(UnreadableError, match="not UTF-8"):
        handed_in(folder, **{"mini.ipynb": b'{"\x81\xff"}'})


def with_outputs(output, **more):
    book = mini.submission()
    for cell in book["cells"]:
        cell.update(outputs=output, **more)
    return json.dumps(book)


@pytest.fixture
def limits(monkeypatch):
    """Set how many bytes a notebook has that stays as it is, and one without outputs."""

    def set_limits(kept, most):
        monkeypatch.setattr(submitted, "MOST_KEPT", kept)
        monkeypatch.setattr(submitted, "MOST_BYTES", most)

    return set_limits


def test_outputs_do_not_count_for_the_limit(folder, limits):
    limits(100, 2 * len(TEXT))
    tricky = [{"data": {'a"]}\\': ["[", {"outputs": 'x\\"]'}]}, "text": "z" * len(TEXT)}] * 3
    text = with_outputs(tricky, attachments={"a.png": {"b": "]"}})
    found = handed_in(folder, **{"mini.ipynb": text}).text
    assert submitted_cells(PLAN, found) == submitted_cells(PLAN, TEXT)


def test_of_a_large_notebook_is_kept_what_counts(folder, limits):
    prose = [mini.cell("a" * 300_000) | {"cell_type": "markdown"} for _ in range(12)]
    cells = [{**cell, "more": ["é"] * 9999} for cell in [*mini.submission()["cells"], *prose]]
    cells.append(mini.cell("x") | {"id": "i" * 9999})
    text = json.dumps({**mini.notebook(cells), "metadata": {"large": "\U0001f600" * 100_000}})
    for encoding in ("utf-8", "utf-16"):
        found = handed_in(folder, **{"mini.ipynb": text.encode(encoding)}).text
        counted = submitted_cells(PLAN, found)
        assert counted[:14] == submitted_cells(PLAN, text)[:14]
        assert len(counted) == len(cells) and len(found) < 1 << 21


def test_a_large_file_that_is_no_notebook_is_not_kept(folder):
    with pytest.raises(UnreadableError, match="no list of cells"):
        handed_in(folder, **{"mini.ipynb": json.dumps(["a" * (1 << 20)])})


def test_what_is_read_does(folder, limits):
    limits(100, len(TEXT))
    long = json.dumps(mini.submission({"double": "#" * len(TEXT)}))
    with pytest.raises(UnreadableError, match="without outputs"):
        handed_in(folder, **{"mini.ipynb": long})


def test_a_source_that_speaks_of_outputs_is_left_alone(folder, monkeypatch):
    book = mini.submission({"double": 'x = {"outputs": [1, 2], "attachments": {}}'})
    text = json.dumps({**book, "metadata": {"outputs": 3, "attachments": "none"}})
    monkeypatch.setattr(submitted, "MOST_BYTES", len(text) - 1)
    slim = json.loads(b"".join(submitted._parts_to_read(text.encode())))
    assert slim["cells"][1]["source"] == book["cells"][1]["source"]
    assert slim["metadata"] == {"outputs": 3, "attachments": []}


def test_a_file_of_nothing_but_brackets_is_given_up(folder, limits, monkeypatch):
    limits(100, 100)
    monkeypatch.setattr(submitted, "MOST_TOKENS", 1000)
    with pytest.raises(UnreadableError, match="more parts than any"):
        handed_in(folder, **{"mini.ipynb": '{"outputs": ' + "[" * 2000})


def test_modules_beside_the_notebook_come_with_it(folder):
    files = {"helpers.py": "x = 1\n", "deeper/far.py": "y", "odd.py": b"\xff", "data.csv": "1"}
    found = handed_in(folder, **{"mini.ipynb": TEXT, **files})
    assert json.loads(found.text) == {**json.loads(TEXT), "modules": {"helpers.py": "x = 1\n"}}
    assert found.notice == ""


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 99_999])
def test_modules_beside_what_is_no_notebook_change_nothing(folder, text):
    assert handed_in(folder, **{"mini.ipynb": text, "a.py": "x"}).text == text


def test_what_there_is_instead_is_named(folder):
    with pytest.raises(UnreadableError, match=r"no mini.ipynb in its folder, which has mini.zip"):
        handed_in(folder, **{"mini.zip": b"PK"})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04\xff", "mini.ipynb is a ZIP archive"),
        (b"\x1f\x8b\xff", "mini.ipynb is a gzip archive"),
        (b"\xff\xfe\x00", "mini.ipynb is not UTF-8 text"),
    ],
)
def test_what_is_no_text_is_called_what_it_is(folder, content, words):
    with pytest.raises(UnreadableError, match=words):
        handed_in(folder, **{"mini.ipynb": content})


def test_a_windows_encoding_is_read_and_said(folder):
    text = TEXT.replace("import math", "import math  # \u201ccaf\u00e9\u201d")
    raw = json.dumps(json.loads(text), ensure_ascii=False)
    found = handed_in(folder, **{"mini.ipynb": raw.encode("cp1252")})
    assert found.text == raw and "read as Windows-1252" in found.notice


@pytest.mark.parametrize("odd", ["\ufeff\ufeff%s", "%s\0\0"])
def test_marks_around_the_text_are_no_part_of_it(folder, odd):
    assert handed_in(folder, **{"mini.ipynb": (odd % TEXT).encode()}).text == TEXT
