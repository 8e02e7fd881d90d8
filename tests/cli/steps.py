"""Does what it is told, step by step, in one process: commands of Kith's, and what happens to the machine meanwhile.

``python -m tests.cli.steps STEPS``, STEPS being JSON: ``["kith", WORD...]``, ``["sh", COMMAND]`` or ``["powerless"]``,
from which on permissions hold for root, too. Prints a row of exit code, stdout and stderr for each.
"""

from __future__ import annotations

import ctypes
import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress

VERSION_3 = 0x20080522


def powerless() -> None:
    """Give up every capability: who is root is then a user like others, who owns what root owns."""
    header = (ctypes.c_uint32 * 2)(VERSION_3, 0)
    ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)())


def kith(words: list[str]) -> tuple[int, str, str]:
    from daemon.cli import main

    out, err, code = io.StringIO(), io.StringIO(), 0
    sys.argv = ["kith", *words]
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return code, out.getvalue(), err.getvalue()


def take(step: list[str]) -> tuple[int, str, str]:
    if step[0] == "kith":
        return kith(step[1:])
    if step[0] == "powerless":
        powerless()
        return 0, "", ""
    ran = subprocess.run(["sh", "-c", step[1]], check=False, capture_output=True, text=True)
    return ran.returncode, ran.stdout, ran.stderr


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        print(json.dumps([take(step) for step in json.loads(sys.argv[1])]))
