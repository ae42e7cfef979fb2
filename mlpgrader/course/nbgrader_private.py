"""The private names of nbgrader 0.9 and its libraries that this package uses, all in one file.

No library promises these names. When a new version of nbgrader comes, look here first; then at how
`preprocessor.py` reaches the run that it belongs to, at the preprocessors that `preprocessing.py`
has make a master, and at the line of nbgrader's log that `release.py` repeats.
"""

import sys


def skip_address_grammar() -> None:
    """Keep nbformat's import from taking seconds longer; call it before the first import.

    jsonschema, under nbformat, would build a grammar of international addresses with the module
    `rfc3987_syntax`, for a check that no notebook asks for. It does without where that is missing.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None: not there


def speed_up_gradebook() -> None:
    """Let a gradebook open without nbgrader's running a command to learn its tables' version."""
    import nbgrader.api

    nbgrader.api.get_alembic_version = schema_version


def schema_version() -> str | None:
    """The newest version of nbgrader's tables."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import _temp_alembic_ini

    with _temp_alembic_ini("sqlite://") as settings:
        return ScriptDirectory.from_config(Config(settings)).get_current_head()
