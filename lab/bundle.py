"""Make the one file that students get: ``python lab/bundle.py`` writes a zip into ``_build/``.

In it are the problem sets, ready in ``work/``, the chapters as notebooks, a wheel of `mlpkit`
without the grader, and pinned requirements; nothing that only instructors may see. The book must
have been built, since the chapters come from there.
"""

import importlib.metadata
import itertools
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
PARTS = ("mlpkit", "exercises", "setup.py", "pyproject.toml", "constraints.txt", "README.md")
# what a JupyterLab reads that runs in the environment: where it goes there, from where it comes
SETTINGS = {
    "etc/jupyter": ["lab/nbgrader_config.py", "lab/jupyter_server_config.py"],
    "etc/jupyter/labconfig": ["lab/labconfig/page_config.json"],
}
PYTHON = "3.11"
EPOCH = (2020, 1, 1, 0, 0, 0)  # of every file, so that the same course makes the same zip
MINUTES = re.compile(r"^## .*, (\d+) minutes?\)", re.MULTILINE)
CPU_INDEX = "https://download.pytorch.org/whl/cpu"


class BundleError(Exception):
    """The bundle cannot be made; says why and what to do."""


def main() -> None:
    """Make the bundle and say where it is."""
    try:
        print(make(BUILD))
    except BundleError as error:
        sys.exit(f"bundle: {error}")


def make(folder: Path, notebooks: Path = BUILD / "notebooks") -> Path:
    """Write the zip.

    Args:
        folder: where to.
        notebooks: where the chapters are.

    Returns:
        The file.

    Raises:
        BundleError: if the chapters are missing, or the wheel cannot be built.
    """
    release = importlib.metadata.version("mlpkit")
    with tempfile.TemporaryDirectory() as scratch:
        top = Path(scratch, f"multilayer-perceptrons-{release}")
        top.mkdir()
        wheel = build_wheel(top)
        copy_sets(top / "work")
        copy_chapters(notebooks, top / "chapters")
        write(top / "requirements.txt", requirements(wheel.name))
        write(top / "README.md", readme(release))
        write_hosted(top)
        folder.mkdir(parents=True, exist_ok=True)
        return pack(top, folder / f"{top.name}.zip")


def build_wheel(folder: Path) -> Path:
    """Build the students' wheel: from a fresh copy, so that nothing of an earlier build gets in."""
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch, "source")
        source.mkdir()
        for part in [*PARTS, *itertools.chain(*SETTINGS.values())]:
            copy(ROOT / part, source / part)
        for licence in ROOT.glob("LICENSE*"):
            copy(licence, source / licence.name)
        project = source / "pyproject.toml"
        write(project, for_students(project.read_text(encoding="utf-8")))
        command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
        command += ["--quiet", "--wheel-dir", str(folder), str(source)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BundleError(f"the wheel cannot be built: {done.stderr.strip()[-300:]}")
    [wheel] = folder.glob("*.whl")
    return wheel


def for_students(project: str) -> str:
    """The text of `pyproject.toml` without the grader's command; the version says so.

    The settings of JupyterLab come with the package, so that they are found wherever it is started.
    """
    project = replaced(project, r'^mlpgrader = "[^"]+"\n', "")
    project = replaced(project, r'^version = "([^"]+)"$', r'version = "\1+student"')
    settings = "".join(
        f"{json.dumps(to)} = {json.dumps(files)}\n" for to, files in SETTINGS.items()
    )
    return f"{project}\n[tool.setuptools.data-files]\n{settings}"


def replaced(text: str, pattern: str, by: str) -> str:
    """Replace the one match of a pattern."""
    text, count = re.subn(pattern, by, text, flags=re.MULTILINE)
    if count != 1:
        raise BundleError(f"pyproject.toml has {count} lines like {pattern}")
    return text


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder, without what Python leaves behind."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        left_out = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(source, target, ignore=left_out)
    else:
        shutil.copy(source, target)


def copy_sets(work: Path) -> None:
    """Copy the problem sets."""
    for path in sorted((ROOT / "exercises").glob("*/*.ipynb")):
        target = work / path.parent.name / path.name
        target.parent.mkdir(parents=True)
        shutil.copy(path, target)


def copy_chapters(notebooks: Path, chapters: Path) -> None:
    """Copy the notebooks of the chapters, numbered in the order of the book."""
    chapters.mkdir()
    for name, file in chapter_files().items():
        source = notebooks / f"{name}-chapter.ipynb"
        if not source.is_file():
            raise BundleError(f"the chapter {name} is missing: run make book first")
        shutil.copy(source, chapters / file)


def chapter_files() -> dict[str, str]:
    """What the notebooks of the chapters are called in the bundle, in the order of the book."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    [part] = [part for part in toc["parts"] if part.get("numbered")]
    names = [Path(chapter["file"]).name for chapter in part["chapters"]]
    return {name: f"{number}-{name}-chapter.ipynb" for number, name in enumerate(names, 1)}


def chapters_of_sets() -> dict[str, list[str]]:
    """The files of the chapters that each set belongs to, in the order of the book.

    A set has the name of a chapter; a chapter without one belongs to the set before it.
    """
    names = {path.parent.name for path in (ROOT / "exercises").glob("*/*.ipynb")}
    read: dict[str, list[str]] = {}
    for name, file in chapter_files().items():
        if name in names:
            read[name] = []
        read[[*read][-1]].append(file)
    return read


def requirements(wheel: str) -> str:
    """What `pip install -r` gets: the wheel, and all it needs in the versions of the course."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = closure([*project["dependencies"], *project["optional-dependencies"]["lab"]])
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if name_of(line) in wanted]
    return "\n".join([f"./{wheel}[lab]", *pins]) + "\n"


def name_of(line: str) -> str:
    """The package that a line of `constraints.txt` pins; "" of a comment."""
    if not line.strip() or line.startswith("#"):
        return ""
    return canonicalize_name(Requirement(line).name)


def closure(needs: list[str]) -> set[str]:
    """The names of all packages that come with what is needed."""
    seen: set[tuple[str, str]] = set()
    unread = packages_in(needs, "")
    while unread:
        package = unread.pop()
        if package not in seen:
            seen.add(package)
            unread.extend(neighbors(*package))
    return {name for name, _ in seen}


def neighbors(name: str, extra: str) -> list[tuple[str, str]]:
    """What one package, with one extra, needs."""
    try:
        return packages_in(importlib.metadata.requires(name) or [], extra)
    except importlib.metadata.PackageNotFoundError:  # needed on another system
        return []


def packages_in(needs: list[str], extra: str) -> list[tuple[str, str]]:
    """The packages that requirements name here, each alone and with its extras."""
    found = []
    for need in map(Requirement, needs):
        if need.marker is None or need.marker.evaluate({"extra": extra}):
            found += [(canonicalize_name(need.name), part) for part in ("", *need.extras)]
    return found


def pinned(name: str) -> str:
    """The line of `constraints.txt` for a package, without its marker."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    line = next(line for line in lines if name_of(line) == name)
    return line.partition(";")[0].strip()


def torch_first() -> str:
    """The words after `pip install` that get PyTorch without gigabytes of CUDA."""
    return f"{pinned('torch')} {pinned('torchvision')} --index-url {CPU_INDEX}"


def readme(release: str) -> str:
    """What a student reads first."""
    text = (ROOT / "lab" / "student-readme.md").read_text(encoding="utf-8")
    rows = []
    for name, files in chapters_of_sets().items():
        read = ", ".join(f"`chapters/{file}`" for file in files)
        rows.append(f"| {read} | `work/{name}/{name}.ipynb` | {hours(name)} |")
    text = text.replace("{release}", release).replace("{torch}", torch_first())
    return text.replace("{sets}", "\n".join(rows))


def hours(name: str) -> str:
    """How long a set takes, by the minutes in its headings."""
    notebook = json.loads((ROOT / "exercises" / name / f"{name}.ipynb").read_text(encoding="utf-8"))
    texts = ["".join(cell["source"]) for cell in notebook["cells"]]
    minutes = sum(int(found) for text in texts for found in MINUTES.findall(text))
    return f"{round(minutes / 30) / 2:g} h"


def write_hosted(top: Path) -> None:
    """Write what opens the bundle in a hosted Jupyter: a dev container, and Binder."""
    install = f"pip install {torch_first()} && pip install -r requirements.txt"
    container = {
        "name": "Multilayer Perceptrons",
        "image": f"mcr.microsoft.com/devcontainers/python:{PYTHON}",
        "postCreateCommand": install,
        "customizations": {"vscode": {"extensions": ["ms-toolsai.jupyter", "ms-python.python"]}},
    }
    write(top / ".devcontainer" / "devcontainer.json", json.dumps(container, indent=2) + "\n")
    write(top / "binder" / "runtime.txt", f"python-{PYTHON}\n")
    write(top / "binder" / "postBuild", f"#!/bin/bash\nset -e\n{install}\n")
    (top / "binder" / "postBuild").chmod(0o755)


def write(path: Path, text: str) -> None:
    """Write a text file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def pack(top: Path, target: Path) -> Path:
    """Put a folder into a zip, under its own name."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in top.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(str(path.relative_to(top.parent).as_posix()), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (path.stat().st_mode & 0o777) << 16
            archive.writestr(entry, path.read_bytes())
    return target


if __name__ == "__main__":
    main()
