"""Windows and macOS, as far as Linux can tell: what they lack is taken away from our modules.

Modules, signals and flags that another system has not are gone for every line of `mlpkit`, in the
command and in the kernel that it starts. (Taken away for all, torch and Jupyter, which know the
system they run on, would not start.) Folders have names as people give them, files have the line
ends of Windows, and the console is not UTF-8.
"""

import ast
import json
import os
import subprocess
import sys

import pytest

from tests.support import variants
from tests.support.variants import EXERCISES, ROOT

LACKING = {
    "os": "fork getuid geteuid getpgid sched_getaffinity sched_setaffinity killpg WNOHANG setsid "
    "O_NOFOLLOW O_DIRECTORY nice uname register_at_fork memfd_create mkfifo chroot wait4",
    "signal": "SIGALRM SIGKILL SIGCHLD SIGHUP SIGUSR1 alarm setitimer pthread_sigmask sigwait",
    "socket": "MSG_NOSIGNAL AF_UNIX SOCK_SEQPACKET send_fds recv_fds CMSG_SPACE SO_PEERCRED",
}
MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "pty")
START = """
import os, signal, socket, sys, types

def take_away(module, names):
    class Lacking(types.ModuleType):
        def __getattribute__(self, name):
            user = sys._getframe(1).f_globals.get("__name__", "")
            if name in names and user.startswith("mlpkit"):
                raise AttributeError(f"{module.__name__} has no {name} on this system")
            return super().__getattribute__(name)
    module.__class__ = Lacking

for name, names in LACKING.items():
    take_away(sys.modules[name], names.split())
sys.modules["resource"] = sys.modules["fcntl"] = None
"""
# what an editor does to a watched file between two looks; on Windows it may be gone for a moment
WATCH = """
import pathlib, types
from mlpkit.commands import cli

path = pathlib.Path("work/activations/activations.ipynb")
text = path.read_bytes()
looks = iter([path.unlink, lambda: path.write_bytes(b"{"), lambda: path.write_bytes(text)])

def look_again(seconds):
    for step in looks:
        step()
        return
    raise KeyboardInterrupt

cli.time = types.SimpleNamespace(sleep=look_again)
cli.main()
"""
NAME = "Übung 3 (a), it's \\mine"
STUDENT = sorted([*ROOT.glob("mlpkit/**/*.py"), ROOT / "lab" / "nbgrader_config.py"])


@pytest.fixture
def elsewhere(tmp_path):
    """A function that runs a line of Python, or the command, as on another system."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(f"LACKING = {LACKING}\n{START}")

    def run(*words, folder=tmp_path, code="from mlpkit.commands.cli import main; main()"):
        env = {
            "HOME": str(tmp_path),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)]),
            "PYTHONIOENCODING": "cp1252",
            "PYTHONWARNINGS": "error::EncodingWarning:mlpkit",
            "PYTHONWARNDEFAULTENCODING": "1",
            "LC_ALL": "C",
        }
        command = [sys.executable, "-X", "utf8=0", "-c", code, *words]
        return subprocess.run(command, cwd=folder, env=env, capture_output=True, timeout=300)

    return run


@pytest.mark.parametrize("use", ["os.fork", "signal.SIGKILL", "socket.AF_UNIX", "fcntl"])
def test_what_is_taken_away_is_gone_for_our_modules(elsewhere, use):
    module = use.partition(".")[0]
    code = f"exec('import {module}; {use}', {{'__name__': 'mlpkit.made_up'}})"
    done = elsewhere(code=code)
    assert done.returncode == 1
    assert b"AttributeError" in done.stderr or b"ModuleNotFoundError" in done.stderr


@pytest.mark.slow
def test_every_module_of_the_students_can_be_imported(elsewhere):
    names = [path.relative_to(ROOT).with_suffix("") for path in ROOT.glob("mlpkit/**/*.py")]
    modules = sorted(".".join(name.parts).removesuffix(".__init__") for name in names)
    done = elsewhere(code=f"import importlib; [importlib.import_module(n) for n in {modules}]")
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.slow
def test_a_set_is_begun_worked_checked_begun_anew_and_updated(elsewhere, tmp_path):
    folder = tmp_path / NAME
    folder.mkdir()
    assert elsewhere("start", folder=folder).returncode == 0
    path = folder / "work" / "activations" / "activations.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    answers = variants.solutions("activations")
    for cell in notebook["cells"]:
        if cell["id"] in ("relu", "tanh-grad"):
            cell["source"] = answers[cell["id"]].replace("\n", "\r\n")
        if cell["id"] == "prelu-grad":
            cell["source"] = "while True:\r\n    'für immer ✗'"
    text = json.dumps(notebook, indent=1, ensure_ascii=False).replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())

    done = elsewhere("check", "activations", "relu", folder=path.parent)
    assert done.returncode == 0, done.stderr.decode()
    assert b"Every visible test of it passes" in done.stdout
    done = elsewhere("check", str(path), "--json", folder=tmp_path)
    assert done.returncode == 1, done.stderr.decode()
    made = json.loads(done.stdout.decode("cp1252"))
    found = {
        each["exercise"]: {test["status"] for test in each["tests"]} for each in made["exercises"]
    }
    assert found["relu"] == found["tanh-grad"] == {"passed"}
    assert "passed" not in found["prelu-grad"]

    for option in ("--update", "--again"):
        done = elsewhere("start", "activations", option, folder=folder)
        assert done.returncode == 0, done.stderr.decode()
    assert len([*path.parent.iterdir()]) == 3
    assert path.read_bytes() == (EXERCISES / "activations" / "activations.ipynb").read_bytes()


@pytest.mark.slow
def test_a_notebook_is_watched_while_it_is_taken_away_broken_and_saved(elsewhere, tmp_path):
    folder = tmp_path / NAME
    folder.mkdir()
    assert elsewhere("start", "activations", folder=folder).returncode == 0
    words = ("check", "activations", "relu", "--json", "--watch")
    done = elsewhere(*words, folder=folder, code=WATCH)
    assert done.returncode == 130, done.stderr.decode()
    first, again = map(json.loads, done.stdout.decode("cp1252").splitlines())
    assert first == again
    assert {test["status"] for test in first["exercises"][0]["tests"]} == {"unwritten"}
    said = done.stderr.decode("cp1252")
    assert said.count("waiting until it is saved again") == 3
    assert said.count("is not a notebook") == 1
    assert said.endswith("mlpkit: stopped\n")


def test_a_notebook_that_is_not_there_is_not_waited_for(elsewhere):
    done = elsewhere("check", "missing.ipynb", "--watch")
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.startswith(b"mlpkit: missing.ipynb cannot be read: ")


@pytest.mark.slow
def test_the_installation_is_looked_at(elsewhere):
    done = elsewhere("doctor")
    assert done.returncode == 0, done.stdout.decode("cp1252") + done.stderr.decode("cp1252")
    assert b"? kernel: starts, and finds mlpkit" in done.stdout  # cp1252 has no check mark


@pytest.mark.parametrize("path", STUDENT, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_names_what_another_system_lacks(path):
    used = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                used.add(f"{module}.{name}")
            case ast.Import(names=names):
                used |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module), names=names):
                used |= {module, *(f"{module}.{alias.name}" for alias in names)}
    lacking = {f"{module}.{name}" for module, names in LACKING.items() for name in names.split()}
    assert used & (lacking | {*MODULES}) == set()
