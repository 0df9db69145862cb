"""An instance of one's own for a run: nothing of the user's is touched."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

TONGBAN = (sys.executable, "-m", "tongban")


@contextmanager
def own_database(folder: str) -> Iterator[str]:
    """The URL of an empty database that is gone afterwards."""
    given = os.environ.get("TONGBAN_DATABASE", "")
    if not given.startswith("postgres"):
        yield f"sqlite:///{folder}/tongban.sqlite3"
        return
    import psycopg

    name = f"tongban_bench_{os.getpid()}"
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    try:
        yield urlsplit(given)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(given, autocommit=True) as server:  # another connection: the run may have cut the first
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
