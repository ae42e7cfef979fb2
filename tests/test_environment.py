"""What make does with an environment that is half-made, moved or without its Python."""

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PIP = "import sys\nprint('pip is asked to', *sys.argv[1:2])"
# what Debian's python3 does without the package python3-venv
DEBIAN = f"""#!/bin/sh
if [ "$1 $2" = "-m venv" ]; then
  {sys.executable} -m venv --without-pip "$3"
  exit 1
fi
exec {sys.executable} "$@"
"""


@pytest.fixture
def course(tmp_path):
    """A course with a Makefile and an environment, whose pip installs nothing."""
    folder = tmp_path / "course"
    folder.mkdir()
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (folder / "Makefile").write_text(f"{text}\ntry: $(READY)\n\t@$(BIN)/tool\n", encoding="utf-8")
    for name in ("pyproject.toml", "constraints.txt"):
        (folder / name).touch()
    venv.create(folder / ".venv", symlinks=True)
    [library] = (folder / ".venv" / "lib").glob("python*/site-packages")
    (library / "pip").mkdir()
    (library / "pip" / "__main__.py").write_text(PIP, encoding="utf-8")
    tool = folder / ".venv" / "bin" / "tool"
    tool.write_text(f"#!{folder}/.venv/bin/python\nimport sys\nprint('works in', sys.prefix)\n")
    tool.chmod(0o755)
    return folder


def make(folder: Path, *words: str) -> tuple[int, str]:
    """The exit code of `make try`, and what was said."""
    environment = {**os.environ, "MAKEFLAGS": ""}
    command = ["make", "try", *(words or (f"PYTHON={sys.executable}",))]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_an_environment_is_made_ready_once(course):
    code, said = make(course)
    assert code == 0 and "pip is asked to install" in said and f"works in {course}" in said
    code, said = make(course)
    assert code == 0 and "pip" not in said
    (course / "constraints.txt").touch()
    assert "pip is asked to install" in make(course)[1]


@pytest.mark.parametrize("name", ["elsewhere", "a b c"])
def test_a_moved_environment_learns_its_new_place(course, name):
    make(course)
    moved = course.rename(course.with_name(name))
    code, said = make(moved)
    assert code == 0 and f"works in {moved}" in said
    assert "pip" not in make(moved)[1]


def test_one_that_a_long_path_made_is_repaired_too(course):
    tool = course / ".venv" / "bin" / "tool"
    text = tool.read_text().replace("#!", "#!/bin/sh\n'''exec' \"", 1)
    tool.write_text(re.sub(r"bin/python\n", 'bin/python" "$0" "$@"\n\' \'\'\'\n', text, count=1))
    assert make(course)[0] == 0
    moved = course.rename(course.with_name("elsewhere"))
    assert f"works in {moved}" in make(moved)[1]


def test_one_that_lost_its_python_is_made_anew(course):
    make(course)
    python = course / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python")
    code, said = make(course)
    assert "Installing" in said and code != 0  # the tool of the old one is gone, as it must be
    assert os.access(python, os.X_OK) and not (course / ".venv" / "bin" / "tool").exists()


def test_a_python_that_can_make_none_leaves_none_and_says_what_to_do(course):
    fake = course / "python3"
    fake.write_text(DEBIAN)
    fake.chmod(0o755)
    (course / ".venv").rename(course / "other")
    code, said = make(course, f"PYTHON={fake}")
    assert code == 2 and "sudo apt install python3-venv" in said
    assert not (course / ".venv").exists()
