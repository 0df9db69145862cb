"""Processes let go at the same moment: ``python -m tests.faults.racing WORK PROCESSES ARGUMENT...``; a line of JSON each."""

import json
import os
import sys
import traceback

from tongban.ready import django_ready


def main(work: str, processes: int, *given: str) -> None:
    """Fork, let all go by closing a pipe, wait for all."""
    django_ready()
    from django.db import connection

    from tests.faults import works

    connection.close()
    gate, opened = os.pipe()
    children = []
    for _ in range(processes):
        child = os.fork()
        if child == 0:
            os.close(opened)
            try:
                os.read(gate, 1)  # until the parent closes its end
                said = getattr(works, work)(*given)
                os.write(1, json.dumps(said).encode() + b"\n")
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(0)
        children.append(child)
    os.close(opened)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
