"""Look at the installation: what the course needs, what is there, and the command that mends it."""

import importlib.metadata
import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

OLDEST = (3, 11)
RUN = 120  # seconds for one look
INSTALL = f'"{sys.executable}" -m pip install'


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what.
        ok: whether it is as it should be.
        about: what was found.
        cure: what to type if it is not.
    """

    subject: str
    ok: bool
    about: str
    cure: str = ""


def examine() -> Iterator[Finding]:
    """Look at one thing after another; each finding comes as soon as it is there."""
    looks: list[Callable[[], Finding]] = [
        _python,
        _torch,
        _kernel,
        lambda: _package("jupyterlab", "JupyterLab", "jupyterlab"),
        lambda: _package("nbgrader", "Validate", "nbgrader"),
        _versions,
        _data,
    ]
    for look in looks:
        yield look()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding(
        "Python",
        sys.version_info >= OLDEST,
        f"{version} in {sys.prefix}",
        "install Python 3.11 or newer, and make the environment again with it",
    )


def _torch() -> Finding:
    code = "import torch; float(torch.ones(3) @ torch.ones(3)); print(torch.__version__)"
    return _try("PyTorch", code, f"{INSTALL} torch")


def _kernel() -> Finding:
    cure = f"{INSTALL} ipykernel jupyter_client"
    try:
        from mlpkit.commands.kernel import Kernel

        kernel = Kernel(Path.cwd())
    except Exception as error:
        return Finding("kernel", False, _first_line(error), cure)
    reply = kernel.run("from mlpkit import checks", RUN)
    kernel.close()
    about = "starts, and finds mlpkit" if reply.status == "ok" else reply.message or reply.status
    return Finding("kernel", reply.status == "ok", about, cure)


def _package(name: str, subject: str, distribution: str) -> Finding:
    if importlib.util.find_spec(name) is None:
        return Finding(subject, False, "not installed", f"{INSTALL} {distribution}")
    return Finding(subject, True, f"{distribution} {importlib.metadata.version(distribution)}")


def _versions() -> Finding:
    """Whether the packages have the versions with which the course was tried."""
    others, cures = [], []
    for line in pins():
        try:
            pin = Requirement(line)
            version = importlib.metadata.version(pin.name)
        except (InvalidRequirement, importlib.metadata.PackageNotFoundError):
            continue  # a comment, or a package that this installation has no use for
        if not pin.specifier.contains(version.partition("+")[0], prereleases=True):
            others.append(f"{pin.name} {version} instead of {pin.specifier}")
            cures.append(f'"{pin.name}{pin.specifier}"')
    if not others:
        return Finding("versions", True, "those with which the course was tried")
    shown = ", ".join(others[:3]) + (" …" if len(others) > 3 else "")
    return Finding("versions", False, shown, f"{INSTALL} {' '.join(cures)}")


def pins() -> list[str]:
    """The versions with which the course was tried, a requirement a line."""
    package = Path(__file__).resolve().parents[1]
    for path in (package / "constraints.txt", package.parent / "constraints.txt"):
        if path.is_file():
            return path.read_text(encoding="utf-8").splitlines()
    return []


def _data() -> Finding:
    code = "from mlpkit import data; print(len(data.digits().X_train), 'digits to train with')"
    return _try("data", code, f"{INSTALL} scikit-learn")


def _try(subject: str, code: str, cure: str) -> Finding:
    """Run a line of Python in a process of its own, which may crash."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=RUN, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(subject, False, _first_line(error), cure)
    said = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    return Finding(subject, done.returncode == 0, said[-1] if said else "it ended at once", cure)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
