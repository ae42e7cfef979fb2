"""What `make lab` sets up for students."""

from pathlib import Path

from jupyterlab_server.config import get_page_config

ROOT = Path(__file__).resolve().parents[1]


def test_students_see_validate_and_none_of_the_instructors_tools(monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(ROOT / "lab"))
    disabled = get_page_config([])["disabledExtensions"]
    tools = {name.partition(":")[2] for name in disabled if name.startswith("@jupyter/nbgrader:")}
    assert tools == {"assignment-list", "course-list", "create-assignment", "formgrader"}


def test_nothing_lies_over_the_notebook_and_asks_about_news(monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(ROOT / "lab"))
    disabled = get_page_config([])["disabledExtensions"]
    assert "@jupyterlab/apputils-extension:announcements" in disabled
