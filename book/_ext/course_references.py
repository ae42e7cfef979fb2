"""Name the works of the bibliography as the chapters do: author and year."""

from collections.abc import Iterator
from typing import Any

from pybtex.database import Entry
from pybtex.plugin import register_plugin
from pybtex.style.formatting.unsrt import Style
from pybtex.style.labels import BaseLabelStyle
from sphinx.application import Sphinx


class AuthorYear(BaseLabelStyle):
    """Labels such as *He et al., 2015*.

    Where two works would share one, their years end in a letter, so that citations have it too.
    """

    def format_labels(self, sorted_entries: list[Entry]) -> Iterator[str]:
        """Name each work, in the order of the list."""
        return map(authors_and_year, sorted_entries)


def authors_and_year(entry: Entry) -> str:
    """Name one author, two, or the first of more, with the year."""
    people = entry.persons.get("author", [])
    last = [" ".join(map(str, person.rich_last_names)) for person in people]  # accents decoded
    names = f"{last[0]} et al." if len(last) > 2 else " and ".join(last)
    return f"{names}, {entry.fields['year']}"


class AuthorYearStyle(Style):
    """The list of references, by author and year."""

    default_label_style = AuthorYear
    default_sorting_style = "author_year_title"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    register_plugin("pybtex.style.formatting", "course", AuthorYearStyle)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
