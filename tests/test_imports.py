"""Which module may import which, and what an import must not do."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEACHING = sorted((ROOT / "mlpkit").rglob("*.py"))
GRADER = sorted((ROOT / "mlpgrader").rglob("*.py"))
INSIDE = [path for path in GRADER if "inside" in path.parts]

# a module may import those in the lines above its own; what is not listed may import all of them
ORDER = [
    ["activations", "losses", "initialization", "gradcheck", "data", "graph"],
    ["mlp"],
    ["diagnostics", "training"],
]
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}

# which room of the grader may import what: rooms, or single modules of them; its own it always may
ARROWS = {
    "errors": [],
    "results": ["inside.messages"],
    "clean": ["assignment", "drawing"],
    "drawing": [],
    "assignment": ["errors", "inside.messages"],
    "inside": [],
    "runner": [
        "assignment",
        "clean",
        "course.folders",
        "course.sources",
        "course.submitted",
        "errors",
        "inside.frame",
        "inside.launch",
        "inside.messages",
        "inside.walls",
        "results",
    ],
    "course": ["assignment", "clean", "errors", "results"],
    "reports": [
        "assignment.choice",
        "assignment.syntax",
        "clean",
        "course",
        "errors",
        "inside.messages",
        "results",
        "runner.store",
    ],
}
# these may import anything, and nothing else imports them
DOORS = ["cli", "exporter", "named", "preprocessor", "recording", "variants", "verify", "watch"]

IMPORT_ALL = """
import importlib, sys

def watch(event, args):
    if event.startswith("socket.") and event not in allowed:
        opened.append(event)

opened, allowed = [], sys.argv[1].split()
sys.addaudithook(watch)
for name in sys.argv[2:]:
    importlib.import_module(name)
    if opened:
        sys.exit(f"importing {name} calls {opened}")
    if "torchvision" in sys.modules:
        sys.exit(f"importing {name} imports torchvision")
"""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(source: str, package: str = "mlpkit") -> set[str]:
    """Return the modules that a source imports, at the top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: 1 - node.level or None] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def imports_of(path: Path, *packages: str) -> set[str]:
    """Return the modules of some packages that a file imports; names in modules are left out."""
    name = module_name(path)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = imports(path.read_text(encoding="utf-8"), package)
    known = {*map(module_name, [*TEACHING, *GRADER])}
    return {full for full in found & known if full.partition(".")[0] in packages}


def is_part(module: str, package: str) -> bool:
    """Return whether a module is this package or lies in it."""
    return f"{module}.".startswith(f"{package}.")


def forbidden(module: str, imported: set[str]) -> list[str]:
    """Return what a module of the grader imports against `ARROWS`, each with both names.

    A package above something that is imported is left out: it comes along of itself.
    """
    room = module.split(".")[1] if "." in module else ""
    if room in DOORS:
        return []
    allowed = [f"mlpgrader.{name}" for name in [room, *ARROWS.get(room, [])]]
    last = {a for a in imported if not any(is_part(b, a) for b in imported - {a})} - {"mlpgrader"}
    wrong = {full for full in last if not any(is_part(full, name) for name in allowed)}
    return [f"{module} imports {full}" for full in sorted(wrong)]


def test_the_reader_of_imports_misses_none():
    source = """
import mlpkit.losses as loss, math
from mlpkit import mlp
from mlpkit.graph import draw
from .sandbox import run
from . import wire
from ..checks import expect_close
def f():
    from mlpkit.grader import cli
"""
    found = imports(source, "mlpkit.grader")
    expected = ["losses", "mlp", "graph", "grader.sandbox", "grader.wire", "checks", "grader.cli"]
    assert {f"mlpkit.{name}" for name in expected} <= found
    assert "math" in found
    assert "mlpkit.training" not in found


@pytest.mark.parametrize("path", TEACHING, ids=module_name)
def test_teaching_modules_do_not_import_the_grader(path):
    assert imports_of(path, "mlpgrader") == set()


@pytest.mark.parametrize("path", GRADER, ids=module_name)
def test_the_grader_imports_no_teaching_module_but_checks(path):
    assert imports_of(path, "mlpkit") <= {"mlpkit", "mlpkit.checks"}


@pytest.mark.parametrize("path", INSIDE, ids=module_name)
def test_what_a_sandbox_shows_imports_nothing_else_of_ours(path):
    inside = {*map(module_name, INSIDE)}
    assert imports_of(path, "mlpkit", "mlpgrader") <= inside | {"mlpkit", "mlpkit.checks"}


@pytest.mark.parametrize("path", GRADER, ids=module_name)
def test_the_grader_keeps_to_the_arrows_between_its_rooms(path):
    assert forbidden(module_name(path), imports_of(path, "mlpgrader")) == []


def test_every_room_has_its_arrows():
    rooms = {module_name(path).split(".")[1] for path in GRADER if module_name(path) != "mlpgrader"}
    assert rooms == {*ARROWS, *DOORS}


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("mlpgrader", "errors"),
        ("mlpgrader.errors", "results"),
        ("mlpgrader.results", "inside.wire"),
        ("mlpgrader.clean", "course.folders"),
        ("mlpgrader.assignment.plan", "inside.wire"),
        ("mlpgrader.assignment.plan", "runner.worker"),
        ("mlpgrader.inside.zygote", "errors"),
        ("mlpgrader.runner.worker", "inside.zygote"),
        ("mlpgrader.runner.grade", "course.gradebook"),
        ("mlpgrader.course.release", "runner.grade"),
        ("mlpgrader.reports.table", "runner.grade"),
        ("mlpgrader.reports.table", "cli"),
    ],
)
def test_an_arrow_that_is_not_drawn_is_named(module, imported):
    assert forbidden(module, {f"mlpgrader.{imported}"}) == [
        f"{module} imports mlpgrader.{imported}"
    ]


def test_an_arrow_that_is_drawn_is_none():
    imported = {"mlpgrader", "mlpgrader.inside", "mlpgrader.inside.frame", "mlpgrader.runner"}
    assert forbidden("mlpgrader.runner.worker", imported) == []
    assert forbidden("mlpgrader.cli", {"mlpgrader.inside.wire"}) == []


def parts_of_mlpkit(path: Path) -> set[str]:
    """Return the modules right below ``mlpkit`` that a file imports."""
    return {full.split(".")[1] for full in imports_of(path, "mlpkit") if "." in full}


@pytest.mark.parametrize("name", LEVEL)
def test_teaching_modules_build_on_earlier_ones_only(name):
    allowed = {other for other, level in LEVEL.items() if level < LEVEL[name]}
    public = {
        part for part in parts_of_mlpkit(ROOT / "mlpkit" / f"{name}.py") if not part.startswith("_")
    }
    assert public <= allowed


def test_checks_stand_alone():
    for path in (ROOT / "mlpkit" / "checks").rglob("*.py"):
        assert parts_of_mlpkit(path) <= {"checks"}, path


def import_all(*names, allowed="", folder=None):
    """Import modules in a process of their own; return its exit code and what it wrote."""
    command = [sys.executable, "-c", IMPORT_ALL, allowed, *names]
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=folder)
    return outcome.returncode, outcome.stderr


@pytest.mark.slow
def test_importing_teaching_modules_opens_no_socket_and_no_torchvision():
    assert import_all(*map(module_name, TEACHING)) == (0, "")


def loaded(statement: str) -> set[str]:
    """The modules that a statement loads in a Python of its own, beyond those it starts with."""
    code = f"import sys; before = {{*sys.modules}}; {statement}; print(*{{*sys.modules}} - before)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_else():
    assert loaded("import mlpkit") == {"mlpkit"}


@pytest.mark.slow
def test_what_notebooks_import_loads_little_beside_torch():
    with_torch = loaded("import torch")
    beyond = loaded("import torch; from mlpkit import checks") - with_torch
    assert {name.partition(".")[0] for name in beyond} <= {"mlpkit", *sys.stdlib_module_names}
    assert len({name for name in beyond if not name.startswith("mlpkit")}) <= 10


@pytest.mark.slow
def test_importing_the_grader_reaches_no_network_and_no_torchvision():
    # nbgrader imports urllib3, which binds a socket of this machine to see whether it has IPv6
    names = map(module_name, GRADER)
    code, message = import_all(*names, allowed="socket.__new__ socket.bind")
    assert code == 0, message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import torchvision", ""),
        ("socket.socket()", ""),
        ("socket.socket().connect_ex(('127.0.0.1', 9))", "socket.__new__ socket.bind"),
        ("socket.getaddrinfo('localhost', 80)", "socket.__new__ socket.bind"),
    ],
)
def test_these_tests_say_no(statement, allowed, tmp_path):
    (tmp_path / "bad.py").write_text(f"import socket\n{statement}\n")
    (tmp_path / "torchvision.py").write_text("")  # the real one cannot be imported everywhere
    code, message = import_all("bad", allowed=allowed, folder=tmp_path)
    assert code == 1
    assert message.startswith("importing bad")


def test_the_students_commands_stand_alone():
    for path in (ROOT / "mlpkit" / "commands").rglob("*.py"):
        assert parts_of_mlpkit(path) <= {"commands"}, path
