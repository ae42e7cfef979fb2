"""The students' bundle: what is in it, what must not be, and that its wheel stands alone."""

import importlib.util
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mlpkit.commands import sets, show
from tests.support import variants

ROOT = Path(__file__).resolve().parents[1]
LETTERS = re.compile(r"[a-z]+")

pytestmark = pytest.mark.slow


def load():
    spec = importlib.util.spec_from_file_location("bundle", ROOT / "lab" / "bundle.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bundle = load()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """What is in the bundle, that of its wheel included: path to content."""
    folder = tmp_path_factory.mktemp("bundle")
    chapters = folder / "notebooks"  # the book's own test looks at what is in these
    chapters.mkdir()
    for name in bundle.chapter_files():
        (chapters / f"{name}-chapter.ipynb").write_text('{"cells": []}')
    path = bundle.make(folder, chapters)
    found = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            inside = name.partition("/")[2]
            found[inside] = archive.read(name)
            if name.endswith(".whl"):
                with zipfile.ZipFile(io.BytesIO(found[inside])) as wheel:
                    found |= {f"wheel/{part}": wheel.read(part) for part in wheel.namelist()}
    return found


def test_sets_and_chapters_are_there_in_order(files):
    assert {f"work/{name}/{name}.ipynb" for name in sets.ORDER} <= files.keys()
    chapters = sorted(path for path in files if path.startswith("chapters/"))
    assert chapters == [f"chapters/{file}" for file in bundle.chapter_files().values()]
    readme = files["README.md"].decode()
    assert re.findall(r"work/([\w-]+)/\1.ipynb` \|", readme) == [*sets.ORDER]
    assert [path for path in chapters if readme.count(f"`{path}`") != 1] == []
    first = bundle.chapters_of_sets()["hidden-layers"]
    assert first == ["1-hidden-layers-chapter.ipynb", "2-relu-networks-chapter.ipynb"]
    assert "{" not in readme
    assert re.search(r"work/backpropagation/backpropagation.ipynb` \| \d(\.5)? h \|", readme)


def test_the_guide_has_the_points_and_hours_of_each_set_and_quotes_check():
    guide = (ROOT / "book" / "students.md").read_text(encoding="utf-8")
    known = sets.find_sets(ROOT)
    points = {name: sum(cell.points for cell in known[name].cells) for name in known}
    rows = [f"| {name} | {points[name]:g} | {bundle.hours(name)[:-2]} |" for name in known]
    assert "\n".join(rows) in guide
    assert show.ABOUT in " ".join(guide.split())
    assert len(re.sub(r"```.*?```", "", guide, flags=re.DOTALL).split()) < 800, "a page and a half"


def test_jupyterlab_finds_its_settings_wherever_it_is_started(files):
    folder = "wheel/mlpkit-" + bundle.importlib.metadata.version("mlpkit") + "+student.data/data"
    settings = f"{folder}/etc/jupyter"
    assert b"mlpkit._validate" in files[f"{settings}/nbgrader_config.py"]
    assert (
        b'"@jupyter/nbgrader:formgrader": true' in files[f"{settings}/labconfig/page_config.json"]
    )
    assert b'"PATH"' in files[f"{settings}/jupyter_server_config.py"]


def test_nothing_hidden_is_in_it(files):
    texts = {path: content.decode("utf-8", "ignore") for path, content in files.items()}
    secrets = ["BEGIN HIDDEN TESTS", "BEGIN SOLUTION", "mlpgrader.variants"]
    for path, text in texts.items():
        if not path.endswith(".whl"):
            assert not [secret for secret in secrets if secret in text], path
    answers = [
        line.strip()
        for name in sets.ORDER
        for source in variants.solutions(name).values()
        for line in source.splitlines()[-1:]
        if len(line.strip()) > 30
    ]
    assert len(answers) > 10
    notebooks = [text for path, text in texts.items() if path.endswith(".ipynb")]
    assert not [answer for answer in answers if any(answer in text for text in notebooks)]
    folders = {path.split("/")[1] for path in files if path.startswith("wheel/")}
    assert {LETTERS.match(folder)[0] for folder in folders} == {"mlpkit"}


def test_the_wheel_says_whose_it_is_and_has_one_command(files):
    [points] = [path for path in files if path.endswith("entry_points.txt")]
    assert files[points].decode().split() == [
        "[console_scripts]",
        "mlpkit",
        "=",
        "mlpkit.commands.cli:main",
    ]
    assert "+student" in points
    assert {f"wheel/mlpkit/exercises/{name}/{name}.ipynb" for name in sets.ORDER} <= files.keys()
    assert "wheel/mlpkit/constraints.txt" in files


def test_requirements_are_the_pins_of_the_course_and_none_of_the_graders(files):
    lines = files["requirements.txt"].decode().splitlines()
    assert lines[0].startswith("./mlpkit-")
    names = {bundle.name_of(line) for line in lines[1:]}
    assert {"torch", "torchvision", "jupyterlab", "nbgrader", "ipykernel", "rich"} <= names
    assert not names & {"msgpack", "nh3", "jupyter-book", "distributed", "mlpkit"}


def test_it_opens_in_a_hosted_jupyter(files):
    container = json.loads(files[".devcontainer/devcontainer.json"])
    assert bundle.pinned("torch") in container["postCreateCommand"]
    assert container["postCreateCommand"] in files["binder/postBuild"].decode()


def test_the_wheel_works_without_the_repository(files, tmp_path):
    for path, content in files.items():
        if path.startswith("wheel/mlpkit/"):
            target = tmp_path / "site" / path.removeprefix("wheel/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    code = "from mlpkit.commands.cli import main; main(['start'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site"), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(done.stdout.splitlines()) == len(sets.ORDER)
    assert (tmp_path / "work" / "training" / "training.ipynb").is_file()


def test_without_a_book_it_says_what_to_do(tmp_path):
    with pytest.raises(bundle.BundleError, match="make book first"):
        bundle.copy_chapters(tmp_path / "none", tmp_path / "chapters")
