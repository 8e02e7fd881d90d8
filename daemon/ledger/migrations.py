"""How does a state of an older Kith become one of this? Step by step, each once, the old file kept.

Schema 1 is that of 0.1.0. Schema 2 has the same rows in format 2 of the file: JSON lines, with a snapshot.
"""

from __future__ import annotations

from collections.abc import Callable

from daemon.ledger.ledger import Ledger
from daemon.ledger.storage import JournalStorage

Step = Callable[[Ledger], None]
"""Brings the rows from one schema to the next, inside a unit of work."""


class NewerSchema(Exception):
    """The state was written by a newer Kith."""


def _to_format_2(_: Ledger) -> None:
    """Rows are as they were; the file was written anew before the steps began."""


STEPS: tuple[Step, ...] = (_to_format_2,)
"""The n-th brings schema n to n + 1."""


def migrate(storage: JournalStorage, ledger: Ledger, steps: tuple[Step, ...] = STEPS) -> None:
    """Bring the rows to the schema after the last of ``steps``; the file as it was stays as a generation of its own.

    Killed anywhere, the next start begins again. Raises NewerSchema, OSError.
    """
    newest = len(steps) + 1
    schema = ledger.meta("schema")
    if schema is None:
        _begin(storage, ledger, newest)
    elif not isinstance(schema, int) or schema > newest:
        raise NewerSchema(f"the state has schema {schema}; this Kith knows {newest}: install the newer Kith again")
    elif schema < newest:
        storage.keep(f"schema-{schema}")
        with storage.transaction(durable=storage.writes):
            for step in steps[schema - 1 :]:
                step(ledger)
            ledger.set_meta("schema", newest)


def _begin(storage: JournalStorage, ledger: Ledger, newest: int) -> None:
    with storage.transaction(durable=storage.writes):
        ledger.set_meta("schema", newest)
