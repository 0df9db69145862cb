"""A process that is killed (kill -9) at one step of its work: what was half done is then looked at.

A program of its own is ready to fork (``python -m tests.faults.killing``): it never prints a form itself, for a fork of a
process whose typst has started its threads hangs.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock


class Steps:
    """Counts steps, and dies at one of them. Counted are each statement sent to the database, before and after each commit,
    and before and after each file is flushed and takes its name.
    """

    def __init__(self, at: int) -> None:
        self.at, self.taken = at, 0

    def __call__(self) -> None:
        self.taken += 1
        if self.taken == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, step: Callable[..., Any]) -> Callable[..., Any]:
        """``step`` with a chance to die before and after it."""

        def stepped(*args: Any, **kwargs: Any) -> Any:
            self()
            done = step(*args, **kwargs)
            self()
            return done

        return stepped

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """A wrapper of Django's around each statement."""
        self()
        return execute(sql, params, many, context)


class Forking:
    """The test's end of the program."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.program = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.killing"],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def killed_at(self, at: int, work: str, *given: Any) -> bool:
        """Do ``work`` (``module:function`` of this folder) in a process killed at its step ``at``, counted from 1.

        False when it ended before that many; 0 kills nothing. A work that fails fails the test.
        """
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.write(json.dumps([at, work, given]) + "\n")
        self.program.stdin.flush()
        answer = self.program.stdout.readline().strip()
        assert answer in ("killed", "ended"), f"{work} failed at step {at}: {answer}"
        return answer == "killed"


def this_instance() -> dict[str, str]:
    """The environment of a program on this test's database and vault."""
    from pathlib import Path

    from django.conf import settings
    from django.db import connection

    there = connection.settings_dict
    where = f"sqlite:///{there['NAME']}"
    if connection.vendor == "postgresql":
        where = f"postgres://{there['USER']}@{there['HOST']}:{there['PORT']}/{there['NAME']}"
    return {
        **os.environ,
        "TONGBAN_DATABASE": where,
        "TONGBAN_TEST_DATA": str(Path(settings.VAULT).parent),
        "TONGBAN_DATA": str(Path(settings.VAULT).parent),
        "TONGBAN_MASTER_KEY": settings.MASTER_KEY,
        "TONGBAN_SECRET_KEY": settings.SECRET_KEY,
    }


@contextmanager
def forking() -> Iterator[Forking]:
    """The program, on this test's database and vault."""
    program = Forking(this_instance())
    try:
        yield program
    finally:
        program.program.kill()
        program.program.communicate()


def _child(at: int, work: str, given: list[Any]) -> None:
    from django.db import connection
    from django.db.backends.base.base import BaseDatabaseWrapper

    step = Steps(at)
    module, _, name = work.partition(":")
    commits = mock.patch.object(BaseDatabaseWrapper, "_commit", step.around(BaseDatabaseWrapper._commit))
    flushes = mock.patch.object(os, "fsync", step.around(os.fsync))
    names = mock.patch.object(os, "replace", step.around(os.replace))
    function = getattr(importlib.import_module(f"tests.faults.{module}"), name)
    with connection.execute_wrapper(step.statement), commits, flushes, names:
        function(*given)


def main() -> None:
    """Fork for each line read; say what became of the child."""
    from tongban.ready import django_ready

    django_ready()
    from django.conf import settings

    import tests.faults.works  # noqa: F401 - loaded once, before the forks

    settings.ALLOWED_HOSTS = ["*"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                _child(*json.loads(line))
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        print(
            "killed" if os.WIFSIGNALED(status) else "ended" if os.WEXITSTATUS(status) == 0 else "it raised", flush=True
        )


if __name__ == "__main__":
    main()
