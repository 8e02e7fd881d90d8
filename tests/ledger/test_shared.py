"""Twenty thousand facts are in memory for years: what several of them say is there once."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta

from daemon.ledger.codec import dump, encode
from daemon.ledger.records import Reading
from daemon.model import Touchpoint

FACTS = 4_000
MOST = 480
"""Bytes for a fact of a mail; 860 where each says everything itself."""


def facts() -> list[Touchpoint]:
    """Mails to forty people, each the beginning of its thread."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        Touchpoint(
            source=f"CAE-{number:08d}@mail.winter.example",
            address=f"person{number % 40}@far.example",
            person=f"p-{number % 40:010d}",
            at=begin + timedelta(minutes=number),
            kind="wrote",
            rule="M1",
            account="google",
            title=f"The offer of {number % 200}",
            thread=f"CAE-{number:08d}@mail.winter.example",
            began="me",
            mine="clara@winter.example",
        )
        for number in range(FACTS)
    ]


def test_facts_that_are_read_share_what_they_say() -> None:
    """They are the facts that were stored, and each takes little more than its own key and time."""
    stored = facts()
    rows = [dump({"key": fact.key, **encode(fact)}) for fact in stored]
    tracemalloc.start()
    try:
        reading = Reading()
        read = [reading.fact(row) for row in rows]
        del reading
        taken = tracemalloc.get_traced_memory()[0] / FACTS
    finally:
        tracemalloc.stop()
    assert read == stored
    assert taken < MOST
