"""Build the book: ``python book/_tools``."""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    # jsonschema, under nbformat, would build a grammar of international addresses on import: three
    # seconds for a check that the build does not ask for. None stands for "cannot be imported".
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")

    # a console that lacks a character shows another in its place
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]

    # downloads hold questions and numbers as the pages show them
    book = Path(__file__).resolve().parents[1]
    sys.path += [str(book / "_ext"), str(book.parent)]

    import build

    sys.exit(build.main())
