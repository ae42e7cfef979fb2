"""Write constraints.txt anew: the newest versions that pyproject.toml allows. ``make update``.

pip resolves for the Python that runs this, without installing anything. Take the oldest that the
course supports, so that all later ones find the versions too; a version that wants a later release
of it, such as 3.11.5, is passed over, since Debian and others stay at an earlier one. torch and
torchvision stay as they are: they come in pairs, so raise both by hand first.
"""

import json
import re
import subprocess
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
BY_HAND = ("torch", "torchvision")
# torch from the default index names each of its CUDA libraries exactly; the course needs none
CUDA = re.compile(r"nvidia-|cuda-|triton")
OLDEST = (3, 11)  # the first release of the oldest Python
PIN = re.compile(r"^([\w.-]+)==")


def requirements() -> list[str]:
    """List what pyproject.toml asks for, extras included, and the pins kept by hand."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted += extra
    return wanted + [line for line in pins() if name_of(line) in BY_HAND]


def pins() -> list[str]:
    """Read the lines of constraints.txt that pin something."""
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if PIN.match(line)]


def name_of(line: str) -> str:
    """Return the name that a line pins, written as indexes write it."""
    name = line.partition("==")[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def resolve(wanted: list[str]) -> dict[str, tuple[str, str]]:
    """Ask pip which version of what it would install into an empty environment.

    Returns:
        By name the version, and the versions of Python that it is for.
    """
    with tempfile.TemporaryDirectory(prefix="constraints-") as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        report = Path(folder) / "report.json"
        command = [python, "-m", "pip", "install", "--dry-run", "--quiet", "--report", report]
        subprocess.run([*command, *wanted], check=True)
        installs = json.loads(report.read_text(encoding="utf-8"))["install"]
    packages = [install["metadata"] for install in installs]
    # "2.13.0+cpu" is a build of 2.13.0
    return {
        package["name"]: (package["version"].partition("+")[0], package.get("requires_python", ""))
        for package in packages
    }


def resolve_for_oldest(wanted: list[str]) -> dict[str, str]:
    """Resolve, again and again without the versions that are too new for the oldest Python."""
    while True:
        packages = resolve(wanted)
        too_new = [name for name, (_, python) in packages.items() if least(python) > OLDEST]
        if not too_new:
            return {name: version for name, (version, _) in packages.items()}
        wanted = [*wanted, *(f"{name}<{packages[name][0]}" for name in too_new)]


def least(specifier: str) -> tuple[int, ...]:
    """Read the least version of Python that a specifier admits."""
    match = re.search(r">=?\s*([\d.]*\d)", specifier)
    return tuple(map(int, match[1].split("."))) if match else ()


def main() -> None:
    """Write the file; its comments stay, and so do the conditions behind its pins."""
    text = CONSTRAINTS.read_text(encoding="utf-8")
    comments = [line for line in text.splitlines() if line.startswith("#")]
    conditional = {name_of(line): line for line in pins() if ";" in line}
    lines = []
    for name, version in resolve_for_oldest(requirements()).items():
        if not CUDA.match(name):
            old = conditional.pop(name_of(name), "")
            _, semicolon, condition = old.partition(";")
            lines.append(f"{name}=={version}{semicolon}{condition}")
    lines += conditional.values()  # for another Python or system than this one
    lines.sort(key=str.lower)
    CONSTRAINTS.write_text("\n".join(comments + lines) + "\n", encoding="utf-8")
    print(f"constraints.txt pins {len(lines)} packages; now: make course test")


if __name__ == "__main__":
    main()
