"""The files that carry the project: pins, versions, the workflow, the sets that make knows of."""

import ast
import contextlib
import re
import subprocess
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.support.programs import MISSING, hint
from tests.support.spread import scope

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
)
# torch from the default index asks for each of its CUDA libraries exactly, the CPU build for none
CUDA = re.compile(r"nvidia-|cuda-|triton")


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def pins() -> dict[str, Requirement]:
    """The lines of constraints.txt, by canonical name."""
    lines = [line for line in read("constraints.txt").splitlines() if not line.startswith("#")]
    requirements = [Requirement(line) for line in lines]
    return {canonicalize_name(r.name): r for r in requirements}


def environments(python: str) -> list[dict[str, str]]:
    """What markers see under one Python, on each system."""
    version = {"python_version": python, "python_full_version": f"{python}.0"}
    return [{**default_environment(), **version, **system} for system in SYSTEMS]


def wanted() -> list[str]:
    """All that pyproject.toml asks for."""
    extras = PROJECT["optional-dependencies"].values()
    return [*PROJECT["dependencies"], *(line for extra in extras for line in extra)]


def needed(environment: dict[str, str]) -> set[str]:
    """The names of all packages that an environment needs, as far as they are installed here."""
    seen: set[tuple[str, str]] = set()
    unread = chosen(wanted(), environment)
    while unread:
        package = unread.pop()
        if package not in seen:
            seen.add(package)
            name, extra = package
            unread += chosen(requirements_of(name), {**environment, "extra": extra})
    return {name for name, _ in seen}


def chosen(lines: list[str], environment: dict[str, str]) -> list[tuple[str, str]]:
    """The packages that requirements name in an environment, alone and with their extras."""
    packages = []
    for requirement in map(Requirement, lines):
        name = canonicalize_name(requirement.name)
        marker = requirement.marker
        applies = marker is None or marker.evaluate({"extra": "", **environment})
        if applies and not CUDA.match(name):
            packages += [(name, extra) for extra in ("", *requirement.extras)]
    return packages


@cache
def requirements_of(name: str) -> list[str]:
    try:
        return requires(name) or []
    except PackageNotFoundError:  # of another system
        return []


def test_every_package_that_is_needed_here_is_pinned():
    assert needed(default_environment()) - set(pins()) == set()


@pytest.mark.parametrize("python", PYTHONS)
def test_a_pin_holds_for_just_the_pythons_that_need_it(python):
    every_system = environments(python)
    holds = {
        name
        for name, pin in pins().items()
        if pin.marker is None or any(map(pin.marker.evaluate, every_system))
    }
    assert holds == set(pins()) & set().union(*map(needed, every_system))


def test_the_pins_admit_the_first_release_of_the_oldest_python():
    for name in pins():
        with contextlib.suppress(PackageNotFoundError):  # of another system
            admitted = SpecifierSet(metadata(name).get("Requires-Python") or "")
            assert admitted.contains(f"{PYTHONS[0]}.0"), name


def test_the_pins_are_in_the_ranges_of_the_project():
    for line in wanted():
        requirement = Requirement(line)
        pin = str(pins()[canonicalize_name(requirement.name)].specifier)
        assert requirement.specifier.contains(pin.removeprefix("==")), line


def test_no_line_of_the_pins_names_an_index():
    assert not re.findall(r"://|^-", read("constraints.txt"), re.MULTILINE)


def test_the_workflow_runs_the_course_on_the_oldest_and_the_newest_python():
    workflow = yaml.safe_load(read(".github/workflows/ci.yml"))
    matrix = workflow["jobs"]["course"]["strategy"]["matrix"]["python"]
    steps = workflow["jobs"]["course"]["steps"]
    kind = "Programming Language :: Python :: "
    pythons = [c.removeprefix(kind) for c in PROJECT["classifiers"] if c.startswith(kind)]
    pythons.sort(key=Version)
    assert tuple(pythons) == PYTHONS
    assert matrix == [pythons[0], pythons[-1]]
    assert PROJECT["requires-python"] == f">={pythons[0]}"
    assert any(".ci/run" in step.get("run", "") for step in steps)


def test_the_workflow_installs_the_pinned_torch():
    text = read(".github/workflows/ci.yml")
    assert "constraints.txt" in text and not re.search(r"torch==", text)


def test_hooks_and_updates_are_configured():
    hooks = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    commands = [hook["entry"] for repository in hooks for hook in repository["hooks"]]
    assert [repository["repo"] for repository in hooks] == ["local"]
    lint = read("Makefile").partition("\nlint:")[2].partition("\n\n")[0]
    for command in commands:
        assert command.removeprefix(".venv/bin/").split()[0] in lint + "mypy"
    updates = yaml.safe_load(read(".github/dependabot.yml"))["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"github-actions", "pip"}


def test_one_version_is_told_everywhere():
    version = PROJECT["version"]
    assert yaml.safe_load(read("CITATION.cff"))["version"] == version
    assert re.search(rf"^## \[?{re.escape(version)}\]?", read("CHANGELOG.md"), re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_what_the_pages_point_at_is_there(page):
    text = read(page)
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (ROOT / target).exists(), target
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", text)
    rooms = {path.name for path in ROOT.iterdir()}
    for name in named:
        if name.split("/")[0] in rooms - {"work", "submitted", "feedback", "results", "_build"}:
            assert (ROOT / name).exists(), name


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_verbs_that_the_pages_name_are_there(page):
    verbs = set(re.findall(r"^([a-z]+):.*## ", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", read(page))) <= verbs


ROOMS = sorted(path.parent.relative_to(ROOT) for path in ROOT.glob("mlpgrader/*/**/__init__.py"))


@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_a_room_says_what_each_of_its_files_is_for(room):
    about = ast.get_docstring(ast.parse(read(room / "__init__.py")))
    words = {
        word.removesuffix(".py").partition(".")[0] for word in re.findall(r"`([\w.]+)`", about)
    }
    files = {path.stem for path in (ROOT / room).glob("*.py")} - {"__init__"}
    assert files <= words
    everywhere = {path.name for path in (ROOT / "mlpgrader").rglob("*.py")}
    assert set(re.findall(r"`(\w+\.py)`", about)) <= everywhere


def test_make_knows_every_set():
    shown = subprocess.run(
        ["make", "--no-print-directory", "--eval", "show-sets: ; @echo $(SETS)", "show-sets"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.split() == sorted(path.name for path in (ROOT / "solutions").iterdir())


def test_the_script_that_updates_the_pins_is_plain_python():
    # it runs before anything is installed
    tree = ast.parse(read(".ci/update.py"))
    modules = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert modules == {"json", "re", "subprocess", "tempfile", "tomllib", "venv"}


def test_programs_that_are_missing_are_named_once():
    reasons = [f"needs chromium, {MISSING}chromium)"] * 2 + [f"needs bwrap, {MISSING}bubblewrap)"]
    line = hint(reasons)
    assert "1 for want of bubblewrap, 2 for want of chromium" in line
    assert line.endswith("sudo apt-get install bubblewrap chromium")
    assert hint(["by choice"]) == ""


def test_tests_that_share_something_dear_stay_together():
    built = "tests/book/test_built_book.py"
    page = f"{built}::TestInTheBrowser::test_asks_no_other_host[book/api]"
    other = f"{built}::TestInTheBrowser::test_fits_wide_and_narrow_screens[book/api]"
    assert scope(page) == scope(other) != scope(page.replace("api", "index"))
    browser = "tests/book/test_figure_arithmetic.py"
    assert scope(f"{browser}::test_a[1]") == scope(f"{browser}::test_b") == browser
    alone = "tests/mlpkit/test_losses.py::test_a"
    assert scope(alone) == alone


def test_a_clone_has_the_same_line_ends_on_every_system():
    names = ["Makefile", ".ci/run", "constraints.txt", "exercises/activations/activations.ipynb"]
    command = ["git", "-c", "core.autocrlf=true", "check-attr", "text", "eol", "--", *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    values = {tuple(line.split(": ")[1:]) for line in done.stdout.splitlines()}
    assert values == {("text", "auto"), ("eol", "lf")}
