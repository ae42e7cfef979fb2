"""Build the book: run its cells, write the notebooks to download, then the strict Sphinx build.

One command, ``python book/build.py``. Pages whose code, package and data have not changed are not
run again. Any warning fails the build, and so does a page that is missing in the end.
"""

import contextlib
import io
import os
import re
import shutil
import sys
import time
import traceback
from importlib.metadata import version
from pathlib import Path

# jsonschema, under nbformat, would build a grammar of international addresses on import: three
# seconds for a check that the build does not ask for
sys.modules.setdefault("rfc3987_syntax", None)
sys.path.insert(0, str(Path(__file__).parent / "_ext"))
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")

import downloads  # noqa: E402
import execution  # noqa: E402
from chapters import BUILD, ROOT, Page, digest, pages  # noqa: E402
from filelock import FileLock, Timeout  # noqa: E402

HTML = BUILD / "html"
REPORT = BUILD / "report.txt"
COLOR = re.compile(r"\x1b\[[0-9;]*m")


def say(text: str) -> None:
    """Print a line of progress at once."""
    print(text, flush=True)


def fail(line: str, report: str) -> int:
    """Print what went wrong, keep the report, and return the exit code."""
    report = COLOR.sub("", report).strip()
    REPORT.write_text(report + "\n", encoding="utf-8")
    print(f"\n{report}\n", file=sys.stderr)
    print(f"The book was not built: {line} (report: {REPORT})", file=sys.stderr)
    return 1


def tell_run(run: execution.Run) -> None:
    """Say how long a page took."""
    say(f"  {run.page.docname}.md {run.seconds:.1f} s" + (" failed" if run.error else ""))


def forget_pages_of_other_tools() -> None:
    """Make Sphinx write every page anew after a change of the book's own extensions."""
    tools = sorted((ROOT / "book" / "_ext").glob("course_*.py"))
    now = digest(*(path.read_bytes() for path in tools), version("sphinx-book-theme"))
    stamp = BUILD / "tools.txt"
    if not stamp.exists() or stamp.read_text() != now:
        shutil.rmtree(BUILD / ".doctrees", ignore_errors=True)
        stamp.write_text(now)


def sphinx() -> tuple[int, str]:
    """Run the strict build and return its exit code with all it printed."""
    from jupyter_book.sphinx import build_sphinx

    overrides = {"external_toc_path": str(ROOT / "_toc.yml"), "nitpicky": True}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        result = build_sphinx(
            ROOT,
            HTML,
            noconfig=True,
            path_config=ROOT / "_config.yml",
            confoverrides=overrides | {"latex_individualpages": False},
            builder="html",
            warningiserror=True,
            keep_going=True,
            quiet=True,
        )
    if isinstance(result, Exception):
        printed.write(f"\n{type(result).__name__}: {result}")
    return int(isinstance(result, Exception) or result), printed.getvalue()


def missing(book: list[Page]) -> list[str]:
    """List the pages without a built file."""
    return [page.docname for page in book if not (HTML / f"{page.docname}.html").is_file()]


def main() -> int:
    """Build the book, one build at a time, and return the exit code."""
    BUILD.mkdir(exist_ok=True)
    lock = FileLock(BUILD / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say("Waiting for another build of this book to end …")
        lock.acquire()
    with lock:
        return build()


def build() -> int:
    """Run, write, build and verify; return the exit code."""
    start = time.perf_counter()
    book = pages()
    notebooks = [page for page in book if page.is_notebook]
    say(f"Running the cells of {len(notebooks)} pages where they are out of date …")
    runs = execution.run_pages(notebooks, tell_run)
    for run in runs:
        if run.error:
            return fail(f"{run.page.docname}.md: {run.error}", run.traceback)
    try:
        downloads.write_notebooks(book)
    except downloads.PageError as error:
        return fail(str(error), traceback.format_exc())
    say(f"Building {len(book)} pages …")
    forget_pages_of_other_tools()
    code, printed = sphinx()
    if code:
        warnings = len(re.findall(r"(WARNING|ERROR|CRITICAL):", printed))
        return fail(f"{warnings} warnings or errors in the strict build", printed)
    if absent := missing(book):
        return fail(f"no page for {', '.join(absent)}", "")
    seconds = time.perf_counter() - start
    say(f"The book is at {HTML / 'index.html'} ({seconds:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
