"""`nbgrader generate_feedback` and formgrader's *Generate Feedback* button, with our pages.

A course names `FeedbackExporter` in its nbgrader_config.py as the exporter of nbgrader's
`GenerateFeedback`. nbgrader's own pages show the source of hidden tests; these do not.
"""

from typing import Any

from nbconvert.exporters import HTMLExporter

from mlpgrader.course.folders import Course
from mlpgrader.reports.feedback import Pages, write_what_releases


class FeedbackExporter(HTMLExporter):
    """Makes of an autograded notebook the page that `mlpgrader feedback` makes of it."""

    _pages: tuple[str, Pages] | None = None  # of the set that is at work

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **_: Any
    ) -> tuple[Any, dict[str, Any]]:
        """The page of one notebook of one student, and what a writer has to know of it."""
        resources = {**(resources or {}), "output_extension": ".html"}
        names = resources["nbgrader"]
        converter: Any = self.parent  # the run of `nbgrader generate_feedback`
        course = Course.open(converter.coursedir.root)
        set_name, student = names["assignment"], names["student"]
        text = self._pages_of(course, set_name).of(student)[names["notebook"]]
        write_what_releases(course, set_name, student)
        return text, resources

    def _pages_of(self, course: Course, set_name: str) -> Pages:
        """The pages of a set: the gradebook is read once for a whole class."""
        if self._pages is None or self._pages[0] != set_name:
            self._pages = (set_name, Pages(course, set_name))
        return self._pages[1]
