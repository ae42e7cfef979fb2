"""PostgreSQL's server, started for tests in a folder of its own and reached by a socket alone."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from tests.support.programs import path_of

DEBIAN = "/usr/lib/postgresql/*/bin"  # not on the path, since several versions may be there
# names come in the order of a language, and not in that of their bytes
INITDB = "--auth=trust --username=course --encoding=UTF8 --locale=C.UTF-8 --no-sync"
INITDB += " --locale-provider=icu --icu-locale=en"


class Server:
    """A running server; it has an address for each database that was made."""

    def __init__(self, folder: Path):
        self.folder = folder

    def make_database(self, name: str) -> str:
        """Make an empty database, and give what a course calls its `db_url`."""
        address = f"user=course host={self.folder} dbname=postgres"
        with contextlib.closing(psycopg.connect(address, autocommit=True)) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return f"postgresql+psycopg://course@/{name}?host={self.folder}"


@contextlib.contextmanager
def running_server() -> Iterator[Server]:
    """Start a server, and end it; a test that needs it is skipped where it is not installed."""
    initdb = path_of("initdb", package="postgresql", places=DEBIAN)
    pg_ctl = path_of("pg_ctl", package="postgresql", places=DEBIAN)
    # the path of a socket has to be short
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        data = folder / "data"
        data.mkdir()
        if as_user():
            for path in (folder, data):
                os.chown(path, as_user()["user"], -1)
        options = f"-F -k {folder} -c listen_addresses="
        run(folder, initdb, *INITDB.split(), f"--pgdata={data}")
        run(folder, pg_ctl, "-D", data, "-l", folder / "log", "-o", options, "-w", "start")
        try:
            yield Server(folder)
        finally:
            run(folder, pg_ctl, "-D", data, "-m", "immediate", "-w", "stop")


def as_user() -> dict[str, Any]:
    """Who runs the server: not root, who may not."""
    if os.geteuid():
        return {}
    import pwd

    user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def run(folder: Path, *command: object) -> None:
    """Run a command of the server's in its folder."""
    words = [str(word) for word in command]
    # into a file: the server would keep a pipe open
    with (folder / "output").open("w+") as output:
        done = subprocess.run(
            words, cwd=folder, stdout=output, stderr=output, check=False, **as_user()
        )
        output.seek(0)
        assert done.returncode == 0, output.read()
