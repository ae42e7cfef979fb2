"""Summaries of graded sets: what is saved is what is loaded, and what is no summary is refused."""

import json

import pytest

from mlpgrader.errors import UsageError
from mlpgrader.runner.store import load_summary, save_summary
from tests.support import toy


def test_a_summary_comes_back_without_what_cells_printed(tmp_path):
    outputs = {"double": [{"output_type": "stream", "name": "stdout", "text": "hello"}]}
    ann = toy.graded("ann", half="failed", outputs=outputs, messages=("", "half(4): expected 2"))
    bob = toy.unreadable("bob", "not a notebook: {")
    save_summary(tmp_path, toy.of_set(ann, bob))
    ann.outputs = {}
    assert load_summary(tmp_path, "toy") == toy.of_set(ann, bob)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"set": "toy"}', '{"submissions": [{}]}'])
def test_what_is_no_summary_is_not_graded_yet(tmp_path, text):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "toy.json").write_text(text)
    with pytest.raises(UsageError, match="run `mlpgrader grade toy` first"):
        load_summary(tmp_path, "toy")


def test_a_row_with_unknown_fields_is_not_graded_yet(tmp_path):
    save_summary(tmp_path, toy.of_set(toy.graded("ann")))
    path = tmp_path / "results" / "toy.json"
    data = json.loads(path.read_text())
    data["submissions"][0]["colour"] = "red"
    path.write_text(json.dumps(data))
    with pytest.raises(UsageError, match="not graded yet"):
        load_summary(tmp_path, "toy")
