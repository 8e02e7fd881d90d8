"""A process with a ledger open for long, taking turns with others; run as a program, by ``test_turns`` only.

Reads one JSON line a turn (``do``: put, drop, fold, look; ``key``; ``since``) and answers with one: what it sees then.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from daemon.ledger import Ledger, open_ledger


def turn(ledger: Ledger, wish: dict[str, Any]) -> dict[str, Any]:
    with ledger.turn():
        changed = ledger.changed(wish["since"])
        seen = {
            "found": list(ledger.table("mails").keys()),
            "healed": ledger.healing is not None,
            "changed": None if changed is None else sorted(changed.get("mails", ())),
        }
        with ledger.unit():
            if wish["do"] == "put":
                ledger.table("mails").put({"key": wish["key"], "text": "x" * len(wish["key"]) * 500})
            elif wish["do"] == "drop":
                ledger.table("mails").drop(wish["key"])
        if wish["do"] == "fold":
            ledger._storage.fold(force=True)
        return {**seen, "left": list(ledger.table("mails").keys()), "sequence": ledger.sequence}


if __name__ == "__main__":
    with open_ledger(Path(sys.argv[1]), lean=True) as opened:
        with opened.turn():  # a turn ends with the lock let go
            pass
        print(json.dumps({"sequence": opened.sequence}), flush=True)
        for line in sys.stdin:
            print(json.dumps(turn(opened, json.loads(line))), flush=True)
