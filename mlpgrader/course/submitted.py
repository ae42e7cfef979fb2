"""What a student handed in: the notebook that is graded, whatever its file is called.

Platforms and browsers rename files, put them into folders of their own, or write them with a byte
order mark. So a folder's only notebook is the one, and of several the one whose name still says so;
where that is not the file that was asked for, or others lie beside it, a notice says which was
graded. The modules beside it belong to it: they become part of its text, so that all that a verdict
depends on is one text.

Only what is read counts for a limit: the outputs of a large notebook, which nobody reads, are taken
out before anything else looks at it, and then whatever else does not count: the texts of a class
are all in memory at a time.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from mlpgrader.assignment.submission import MODULES, MOST_MODULE, MOST_MODULES, slim
from mlpgrader.course.folders import MOST_BYTES, Course, decoded, files_of, read_file
from mlpgrader.errors import UnreadableError

MOST_FILE = 10 * MOST_BYTES  # of a notebook with its outputs
MOST_KEPT = 1 << 20  # bytes of a notebook that stays as it is
MOST_TOKENS = 4_000_000  # strings and brackets of a large notebook
MOST_NAMED = 5  # files in a message

# what renaming adds to a name: `x (1)`, `x-1`, `x_2`, `x-Copy1`, `Copy of x`
ADDED = re.compile(r"^copy of +|(?: ?\(\d{1,3}\)|[-_ ](?:copy)?\d{0,3}| - copy)$")
# `x.ipynb`, and what is made of it where nobody knows such files: `x.ipynb.txt`, `x.ipynb (1).txt`
NOTEBOOK_NAME = re.compile(r"^(?P<stem>.+?)\.ipynb(?P<added>[ .(].*)?$", re.IGNORECASE)
OTHER_SUFFIXES = ("", ".json", ".txt")  # of a file that is a notebook if no other is one
FIRST_BYTES = {
    b"PK": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"7z": "a 7z archive",
    b"Rar!": "a RAR archive",
}
# keys whose values nobody reads, strings, brackets; no part of it can match a text in two ways, and
# a string that does not end is one, or it would be read again from each quote in it
TOKEN = re.compile(
    rb'(?P<unread>"(?:outputs|attachments)"\s*+:\s*+(?=["\[{]))'
    rb'|"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{}]',
    re.DOTALL,
)


class Submitted(NamedTuple):
    """A notebook that was handed in.

    Attributes:
        text: its JSON, with the modules beside it.
        notice: what somebody should know about its file; mostly nothing.
        digest: the SHA-256 of the file; where modules lie beside it, of these after it as well.
    """

    text: str
    notice: str
    digest: str


def read_notebook(
    course: Course, student: str, set_name: str, notebook: str | None = None
) -> Submitted:
    """The notebook that a student handed in for a set.

    Args:
        course: the course.
        student: whose it is.
        set_name: the set.
        notebook: the name of the notebook, where it is not that of the set.

    Raises:
        UnreadableError: if there is none, or nobody can say which; the message names those there.
    """
    wanted = f"{notebook or set_name}.ipynb"
    files = files_of(course, student, set_name)
    siblings = {path.name for path in course.source_folder(set_name).glob("*.ipynb")} - {wanted}
    notebooks = [
        file for file in files if NOTEBOOK_NAME.match(file.name) and str(file) not in siblings
    ]
    chosen = _chosen(notebooks or _likely(files, wanted), wanted, files)
    content = read_file(course, student, set_name, chosen, MOST_FILE)
    text, encoding = _text(content, chosen)
    modules = dict(_modules(course, student, set_name, chosen, files))
    digest = hashlib.sha256(content)
    if modules:
        text = _with_modules(text, modules)
        digest.update("".join(modules.values()).encode("utf-8", "replace"))
    return Submitted(text, _notice(chosen, notebooks, wanted, encoding), digest.hexdigest())


def original_name(stem: str) -> str:
    """The name of a file, without its suffix, before it was renamed.

    Example:
        >>> {original_name(name) for name in ("Copy of mini", "mini (1)", "Mini-Copy2", "mini")}
        {'mini'}
    """
    return ADDED.sub("", stem.casefold()).strip()


# --- which file ----------------------------------------------------------------------------


def _likely(files: list[PurePosixPath], wanted: str) -> list[PurePosixPath]:
    """The files that are named like the notebook but for the suffix."""
    return [
        file
        for file in files
        if file.suffix.lower() in OTHER_SUFFIXES and _is_alike(file.stem, wanted)
    ]


def _is_alike(stem: str, wanted: str) -> bool:
    return original_name(stem) == original_name(PurePosixPath(wanted).stem)


def _stem(file: PurePosixPath) -> str:
    found = NOTEBOOK_NAME.match(file.name)
    return found["stem"] if found else file.stem


def _chosen(
    notebooks: list[PurePosixPath], wanted: str, files: list[PurePosixPath]
) -> PurePosixPath:
    if PurePosixPath(wanted) in notebooks or not files:
        return PurePosixPath(wanted)
    alike = [file for file in notebooks if _is_alike(_stem(file), wanted)]
    for group in (notebooks, alike):
        if len(group) == 1:
            return group[0]
    there = _listed(notebooks or files)
    raise UnreadableError(f"there is no {wanted} in its folder, which has {there}")


def _notice(
    chosen: PurePosixPath, notebooks: list[PurePosixPath], wanted: str, encoding: str
) -> str:
    parts = []
    if str(chosen) != wanted:
        parts.append(f"graded: {_listed([chosen])}, since there is no {wanted}")
    others = [file for file in notebooks if file != chosen]
    if others:
        parts.append(f"not graded, beside it: {_listed(others)}")
    if encoding:
        parts.append(f"read as {encoding}, since it is not UTF-8: accented letters may be others")
    return "; ".join(parts)


def _listed(files: list[PurePosixPath]) -> str:
    names = [str(file).encode("utf-8", "replace").decode() for file in files[:MOST_NAMED]]
    return ", ".join(names) + (" …" if len(files) > MOST_NAMED else "")


# --- its text ------------------------------------------------------------------------------


def _text(content: bytes, file: PurePosixPath) -> tuple[str, str]:
    """The text of a file, of a large one what counts; its encoding if it is no Unicode."""
    if len(content) > MOST_BYTES:
        content = _without_outputs(content, file)
    text, encoding = _read(content, file)
    if len(content) > MOST_KEPT:
        text = slim(_without_outputs(text.encode("utf-8", "replace"), file).decode("utf-8-sig"))
    return text, encoding


def _without_outputs(content: bytes, file: PurePosixPath) -> bytes:
    read = b"".join(_parts_to_read(content))
    if len(read) > MOST_BYTES:
        raise UnreadableError(f"{file.name} is larger than {MOST_BYTES >> 20} MB without outputs")
    return read


def _read(content: bytes, file: PurePosixPath) -> tuple[str, str]:
    with contextlib.suppress(UnicodeDecodeError):
        return decoded(content).lstrip("\ufeff").rstrip("\0"), ""
    for first, kind in FIRST_BYTES.items():
        if content.startswith(first):
            raise UnreadableError(f"{file.name} is {kind}, not a notebook")
    if content.lstrip()[:1] == b"{":
        with contextlib.suppress(UnicodeDecodeError):
            return content.decode("cp1252"), "Windows-1252"
    raise UnreadableError(f"{file.name} is not UTF-8 text")


def _parts_to_read(content: bytes) -> Iterator[bytes]:
    """The JSON of a notebook with nothing in the place of what nobody reads.

    Raises:
        UnreadableError: if it is no JSON, or has more parts than any notebook.
    """
    start = 0  # of what is to be kept
    tokens = _tokens(content)
    for token in tokens:
        if token["unread"]:
            yield content[start : token.end()] + b"[]"
            start = _end_of_value(tokens)
    yield content[start:]


def _tokens(content: bytes) -> Iterator[re.Match[bytes]]:
    for number, token in enumerate(TOKEN.finditer(content)):
        if number == MOST_TOKENS:
            raise UnreadableError("the notebook has more parts than any notebook")
        yield token


def _end_of_value(tokens: Iterator[re.Match[bytes]]) -> int:
    """Where a value ends that begins with the next token."""
    depth = 0
    for token in tokens:
        depth += _nesting(token[0])
        if depth == 0:
            return token.end()
    raise UnreadableError("the file is not a notebook: it is not JSON")


def _nesting(token: bytes) -> int:
    if token in (b"[", b"{"):
        return 1
    return -1 if token in (b"]", b"}") else 0


# --- modules beside it ---------------------------------------------------------------------


def _modules(
    course: Course, student: str, set_name: str, notebook: PurePosixPath, files: list[PurePosixPath]
) -> Iterator[tuple[str, str]]:
    """The modules in the notebook's folder: their names and texts, as far as they can be read."""
    beside = [file for file in files if file.suffix == ".py" and file.parent == notebook.parent]
    for file in beside[:MOST_MODULES]:
        with contextlib.suppress(UnreadableError, UnicodeDecodeError):
            content = read_file(course, student, set_name, file, MOST_MODULE)
            yield file.name, content.decode("utf-8-sig")


def _with_modules(text: str, modules: dict[str, str]) -> str:
    """A notebook with modules in it; what is no notebook stays as it is."""
    try:
        notebook: Any = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(notebook, dict):
        return text
    return json.dumps({**notebook, MODULES: modules})
