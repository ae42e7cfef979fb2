"""What is kept of a run: under a key that holds all it depends on, and never a crash."""

import json
import shutil
from dataclasses import replace

import pytest

from mlpgrader.assignment.plan import read_plan
from mlpgrader.inside.messages import Verdict
from mlpgrader.runner import store
from mlpgrader.runner.examined import Examined
from mlpgrader.runner.store import VerdictStore, grading_code, key_of
from mlpgrader.runner.worker import WorkerOptions
from tests.support import mini

OPTIONS = WorkerOptions()


@pytest.fixture
def plan():
    return read_plan(json.dumps(mini.source()), "mini")


@pytest.fixture
def examined(plan):
    verdicts = [
        Verdict(number, test.grade_id, "failed", "wrong-value", "it is wrong")
        for number, test in enumerate(plan.tests)
    ]
    return Examined("graded", "", verdicts, {"double": [{"text": "é"}]}, True, 0.25)


def test_what_is_saved_is_loaded(tmp_path, plan, examined):
    kept = VerdictStore(tmp_path / "results", plan)
    unreadable = Examined("unreadable", "the file is not a notebook: it is not JSON")
    kept.save("one", examined)
    kept.save("other", unreadable)
    assert kept.load("one") == examined and kept.load("other") == unreadable
    assert kept.load("none") is None


OLDER = {"status": "graded", "verdicts": [], "outputs": {}, "again": False, "seconds": 1.0}


@pytest.mark.parametrize(
    "change",
    [
        lambda data: OLDER,
        lambda data: data | {"status": "done"},
        lambda data: data | {"verdicts": data["verdicts"][1:]},
        lambda data: data | {"verdicts": data["verdicts"][::-1]},
        lambda data: data | {"verdicts": [3]},
        lambda data: data | {"verdicts": None},
        lambda data: data | {"outputs": []},
        lambda data: data | {"seconds": "1"},
        lambda data: data | {"message": None},
        lambda data: data | {"verdicts": [v | {"status": "fine"} for v in data["verdicts"]]},
        lambda data: data | {"verdicts": [v | {"reason": "odd"} for v in data["verdicts"]]},
        lambda data: data | {"verdicts": [v | {"more": 1} for v in data["verdicts"]]},
        lambda data: [data],
        lambda data: None,
        lambda data: "graded",
        lambda data: data | {"status": ["graded"]},
    ],
)
def test_another_form_is_as_if_there_were_none(tmp_path, plan, examined, change):
    kept = VerdictStore(tmp_path, plan)
    (tmp_path / "key.json").write_text(json.dumps(change(examined.to_json())))
    assert kept.load("key") is None


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 50])
def test_a_damaged_file_is_as_if_there_were_none(tmp_path, plan, content):
    (tmp_path / "key.json").write_bytes(content)
    assert VerdictStore(tmp_path, plan).load("key") is None


@pytest.mark.parametrize(
    "changed",
    [
        lambda plan: (replace(plan, set_name="other"), "text", OPTIONS, "namespaces"),
        lambda plan: (plan, "text ", OPTIONS, "namespaces"),
        lambda plan: (plan, "text", replace(OPTIONS, timeout=9), "namespaces"),
        lambda plan: (plan, "text", replace(OPTIONS, memory_mb=9), "namespaces"),
        lambda plan: (plan, "text", OPTIONS, "bwrap"),
    ],
)
def test_the_key_holds_all_that_verdicts_depend_on(plan, changed):
    assert key_of(*changed(plan)) != key_of(plan, "text", OPTIONS, "namespaces")


def test_how_fast_zygotes_start_is_not_in_the_key(plan):
    fast = replace(OPTIONS, preload=("torch._dynamo",), pinned=True, hide=("/course",))
    assert key_of(plan, "text", fast, "bwrap") == key_of(plan, "text", OPTIONS, "bwrap")


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """A copy of our packages, whose code the key holds instead of the real one's."""
    for name in ("mlpgrader", "mlpkit"):
        shutil.copytree(store.PACKAGES / name, tmp_path / name)
    monkeypatch.setattr(store, "PACKAGES", tmp_path)
    store.grading_versions.cache_clear()
    yield tmp_path
    store.grading_versions.cache_clear()


@pytest.mark.parametrize(
    ("pattern", "counts"),
    [
        ("mlpgrader/inside/checker/*.py", True),
        ("mlpgrader/inside/student/*.py", True),
        ("mlpgrader/inside/*.py", True),
        ("mlpgrader/assignment/*.py", True),
        ("mlpkit/checks/*.py", True),
        ("mlpkit/mlp.py", False),
    ],
)
def test_a_change_of_the_grading_code_changes_the_key(packages, plan, pattern, counts):
    before = key_of(plan, "text", OPTIONS, "namespaces")
    for path in packages.glob(pattern):
        store.grading_versions.cache_clear()
        content = path.read_bytes()
        path.write_bytes(content + b"\n")
        assert (key_of(plan, "text", OPTIONS, "namespaces") != before) == counts, path
        path.write_bytes(content)


def test_a_version_of_a_library_is_in_the_key(plan, monkeypatch):
    before = key_of(plan, "text", OPTIONS, "namespaces")
    monkeypatch.setattr(store, "version", lambda name: f"another {name}")
    store.grading_versions.cache_clear()
    assert key_of(plan, "text", OPTIONS, "namespaces") != before
    store.grading_versions.cache_clear()


def test_all_that_may_decide_a_verdict_is_grading_code():
    names = {path.relative_to(store.PACKAGES).as_posix() for path in grading_code(store.PACKAGES)}
    shown = [
        *store.PACKAGES.glob("mlpgrader/inside/**/*.py"),
        *store.PACKAGES.glob("mlpkit/checks/**/*.py"),
    ]
    assert names >= {path.relative_to(store.PACKAGES).as_posix() for path in shown}
    ours = {name for name in names if name.startswith("mlpkit")}
    assert all(name.startswith("mlpkit/checks/") for name in ours)
