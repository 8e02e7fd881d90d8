"""What Kith holds does not grow with what it has seen: 90 MB are enough beside 20,000 touchpoints, whatever comes.

Kith is a process of its own (``goes_on``), Google the stand-in; it does the first import itself, news comes every hour
and one request of 25 fails. ``KITH_LONG=1``: all 20,000 touchpoints and 30 days; else a quarter of them and a day.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from daemon.session import open_session
from tests.google import Server, story
from tests.google.bulk import person
from tests.soak.process import Process
from tests.soak.test_soak import DAY, GROWTH, KINDS, QUARTER, RATE

LONG = bool(os.environ.get("KITH_LONG"))
NOW = datetime(2026, 11, 18, 7, 1, tzinfo=UTC)
MAILS, EVENTS, TOUCHPOINTS, DAYS, BOUND = (14_000, 3_500, 20_000, 30, 90e6) if LONG else (3_500, 875, 5_000, 1, 73e6)


def news(server: Server, number: int) -> None:
    """Let a mail be written every hour, and a meeting be made every two."""
    name, address = person(number * 13 % 300)
    if number % 4 == 0:
        server.user.send_mail(f"{name} <{address}>", f"News {number}", at=server.now)
    if number % 8 == 1:
        server.user.add_event(f"Coffee with {name}", server.now + timedelta(days=1), attendees=[address])


def test_memory_is_bounded(tmp_path: Path) -> None:
    """Resident memory after every tick, the first import's too, is below the bound, and grows no more after a day."""
    with Server(now=NOW, email=story.ME, zone=story.ZONE) as server:
        server.load_mails(MAILS)
        server.load_events(EVENTS)
        config = story.put_configuration(server, tmp_path, confirmed=True)
        kith = Process(config)
        kith.tick(NOW)
        server.random_faults(1126, RATE, KINDS)
        for number in range(DAYS * DAY):
            news(server, number)
            kith.tick(server.advance(QUARTER))
        server.calm()
        for _ in range(2):
            kith.tick(server.advance(timedelta(hours=13)))  # whatever was left alone for a while is looked at again
        told = kith.figures
        kith.close()
        with open_session(config, server.now).ledger(write=False) as ledger:
            touchpoints = len(ledger.table("touchpoints"))
            subjects = {mail.subject for mail in ledger.records().messages.values()}
    days = [round(told.worst("resident", at, at + DAY) / 1e6, 1) for at in range(0, len(told.resident), DAY)]
    print(
        f"\n{touchpoints} touchpoints; MB, the most of each day: {days}; after the import {told.resident[0] / 1e6:.1f}"
    )
    assert touchpoints >= TOUCHPOINTS
    assert {f"News {number}" for number in range(0, DAYS * DAY, 4)} <= subjects
    assert max(told.resident) < BOUND
    assert told.worst("resident", -DAY // 3, None) < GROWTH * told.worst("resident", 0, DAY)
