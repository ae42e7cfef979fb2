"""What `pyproject.toml` cannot say: the exercises and the pins go into the package."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent


class BuildWithExercises(build_py):
    """Builds the package, and puts into it what the students' commands hand out."""

    def run(self) -> None:
        """Build."""
        super().run()
        if self.editable_mode:  # then they are read where they stand
            return
        package = Path(self.build_lib, "mlpkit")
        for path in ROOT.glob("exercises/*/*.ipynb"):
            target = package / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        shutil.copy(ROOT / "constraints.txt", package)


setup(cmdclass={"build_py": BuildWithExercises})
