"""Over 2,154 real sent mails: everybody written to is accounted for, and no list is a person."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from daemon.detect import detect
from daemon.model import Facts, Me, Records, Settings, Touchpoint
from daemon.vocabulary import load_vocabulary
from tests.detect import plain_mbox

pytestmark = pytest.mark.corpus
ME = "serite@famefure.example"


@dataclass(frozen=True)
class Truth:
    count: int
    first: str
    last: str


@cache
def facts(folder: Path) -> Facts:
    return detect(
        Records(messages=plain_mbox.messages(folder / "sent.mbox")),
        settings=Settings(me=Me(name="Lifobu Hovude", addresses=(ME,), zone=ZoneInfo("America/Chicago"))),
        vocabulary=load_vocabulary(),
        decisions=(),
        now=datetime(2018, 6, 1, tzinfo=UTC),
        known=(),
        new_id=lambda address: hashlib.sha256(address.encode()).hexdigest()[:10],
        caught_up=True,
    )


def truth(folder: Path) -> dict[str, Truth]:
    with (folder / "sent.truth.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["address"]: Truth(int(row["messages"]), row["first_utc"], row["last_utc"])
            for row in csv.DictReader(lines)
        }


def mails(found: Facts) -> dict[str, list[Touchpoint]]:
    by_person: dict[str, list[Touchpoint]] = defaultdict(list)
    for item in found.touchpoints:
        if item.kind != "heard":
            by_person[item.person].append(item)
    return by_person


def test_everybody_is_there_with_the_right_count_and_dates(corpora: Path) -> None:
    """Every recipient of the independent count is a person, with as many mails, the first and the last of them."""
    found, expected = facts(corpora), truth(corpora)
    people = {address for person in found.people for address in person.addresses}
    assert people == set(expected)
    by_person = mails(found)
    for person in found.people:
        rows = [expected[address] for address in person.addresses]
        times = [item.at.isoformat() for item in by_person[person.id]]
        assert len(times) == sum(row.count for row in rows)
        assert (min(times), max(times)) == (min(row.first for row in rows), max(row.last for row in rows))


def test_what_is_ignored_is_the_user_and_the_lists(corpora: Path) -> None:
    """Nothing but mailing lists and the user's own address is nobody."""
    codes = {item.address: item.rule for item in facts(corpora).ignored}
    assert codes.pop(ME) == "A1"
    assert set(codes.values()) == {"A5"}
    assert {address.partition("@")[0].partition("-")[0] for address in codes} == {"r"}


def test_answers_prove_what_was_heard(corpora: Path) -> None:
    """Most of these mails answer somebody: nearly every written mail proves a received one (M7)."""
    kinds = Counter((item.kind, item.rule) for item in facts(corpora).touchpoints)
    assert kinds["wrote", "M1"] > 1_600
    assert kinds["heard", "M7"] > 1_500
