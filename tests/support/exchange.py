"""nbgrader's exchange in a folder: out to one student and back, as formgrader's buttons do it."""

import getpass
import warnings
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI
from nbgrader.exchange.default import ExchangeFetchAssignment, ExchangeSubmit

from mlpgrader.course.folders import Course
from mlpgrader.course.nbgrader_private import speed_up_gradebook

STUDENT = getpass.getuser()  # the exchange knows students by their accounts
SETTINGS = """
c.Exchange.root = {root!r}
c.Exchange.cache = {cache!r}
c.Exchange.assignment_dir = {home!r}
"""


class Exchange:
    """A course with an exchange of its own, and the home of its one student.

    Args:
        course: its folder.
        config: what its nbgrader_config.py says besides.
    """

    def __init__(self, course: Path, config: str):
        self.home = course.parent / "home"
        self.root = course.parent / "exchange"
        for folder in (self.home, self.root):
            folder.mkdir()
        self.root.chmod(0o777)
        places = {"root": str(self.root), "cache": str(self.root / "cache"), "home": str(self.home)}
        (course / "nbgrader_config.py").write_text(config + SETTINGS.format(**places))
        speed_up_gradebook()
        self._course = Course.open(course)
        self._api = NbGraderAPI(self._course.directory(), config=self._course.config)

    def press(self, button: str, *arguments: str) -> None:
        """What a button of formgrader does."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of nbgrader
            done = getattr(self._api, button)(*arguments)
        assert done["success"], (button, done.get("log"), done.get("error"))

    def hand_out(self, set_name: str) -> Path:
        """Give a set to the student; the path of the student's notebook."""
        self.press("generate_assignment", set_name)
        self.press("release_assignment", set_name)
        self._student(ExchangeFetchAssignment, set_name)
        return self.home / set_name / f"{set_name}.ipynb"

    def hand_in(self, set_name: str) -> None:
        """Take in what the student has."""
        self._student(ExchangeSubmit, set_name)
        self.press("collect", set_name)

    def returned(self, set_name: str) -> list[Path]:
        """Release the feedback, let the student fetch it, and give the pages."""
        self.press("release_feedback", set_name)
        self.press("fetch_feedback", set_name, STUDENT)
        return sorted((self.home / set_name / "feedback").glob("*/*.html"))

    def _student(self, step: type, set_name: str) -> None:
        directory = self._course.directory()
        # a student names the set by its folder
        directory.assignment_id = str(self.home / set_name) if step is ExchangeSubmit else set_name
        config, guard = self._course.config, self._api.authenticator
        step(coursedir=directory, config=config, authenticator=guard).start()
