"""Let the foot of every page name the release that it comes from, as the notebooks do."""

from importlib.metadata import version
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config


def name_release(app: Sphinx, config: Config) -> None:
    """Put the package's version below the license."""
    config.html_theme_options["extra_footer"] += f"<p>Release {version('mlpkit')}</p>"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("config-inited", name_release)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
