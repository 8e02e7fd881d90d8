"""Calendar files as they are found in the world are read for what they say, and never stop the rest."""

from __future__ import annotations

import json
import os
import random
import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.ics import Ics, IcsSource
from connectors.records import BadData, ConnectorError, Event, Listing, Unavailable
from tests.connectors.contracts import NOW, SourceContract, everything

GOLDEN = Path(__file__).parents[1] / "data" / "ics"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.ics"))
ALWAYS = (datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))


def calendar(*events: str) -> str:
    body = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n{body}END:VCALENDAR\r\n"


def event(uid: str, start: str = "20260201T100000Z", *more: str) -> str:
    return "\r\n".join((f"UID:{uid}", f"DTSTART:{start}", "SUMMARY:x", *more))


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], IcsSource]:
    """Write the calendar file, again if need be, and open it."""
    path = tmp_path / "calendar.ics"
    count = iter(range(10_000))

    def written(text: str | bytes) -> IcsSource:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        later = time.time() + next(count)
        os.utime(path, (later, later))
        source = Ics(path=path).open_source("agenda", "Europe/Berlin")
        assert isinstance(source, IcsSource)
        return source

    return written


def shown(item: Event) -> dict[str, Any]:
    """Return a record as the golden files write it."""
    return {
        **{name: getattr(item, name) for name in item.__slots__},
        "all_day": item.all_day,
        "start": item.start.isoformat(),
        "end": item.end.isoformat(),
        "organiser": item.organiser and [item.organiser.name, item.organiser.address],
        "guests": [[guest.name, guest.address, guest.answer, guest.kind] for guest in item.guests],
    }


@pytest.mark.parametrize("name", NAMES)
def test_golden_pairs(name: str) -> None:
    """Each odd calendar of tests/data/ics is read as the JSON beside it says."""
    expected = json.loads((GOLDEN / f"{name}.json").read_text())
    source = Ics(path=GOLDEN / f"{name}.ics").open_source("agenda", expected["zone"])
    assert source is not None
    pull = source.pull(None, datetime.fromisoformat(expected["now"]))
    found = {item.key: shown(item) for item in pull.items if isinstance(item, Event)}
    assert sorted(found) == sorted(row["key"] for row in expected["events"])
    assert [{key: found[row["key"]][key] for key in row} for row in expected["events"]] == expected["events"]
    assert [item.why for item in pull.skipped] == expected["skipped"]
    assert list(pull.notes) == expected["notes"]


class TestIcsSource(SourceContract):
    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path) -> None:
        self.path = tmp_path / "calendar.ics"
        self.path.write_text(calendar(event("a"), event("b", "20260105T100000Z", "RRULE:FREQ=WEEKLY")))

    def opened(self) -> IcsSource:
        return IcsSource("agenda", self.path, "work", "Europe/Berlin")


# -- what changed ------------------------------------------------------------------------------------------------------


def test_one_changed_event_is_one_item_and_one_listing(write: Callable[[str], IcsSource]) -> None:
    """Only what changed is read again, with the promise that this is all there is under its UID."""
    _, cursor = everything(write(calendar(event("a"), event("b"))))
    pull = write(calendar(event("a"), event("b", "20260202T100000Z"))).pull(cursor, NOW)
    assert [item.key for item in pull.items] == ["b"]
    assert pull.complete == (Listing(source_id="b", start=ALWAYS[0], end=ALWAYS[1]),)


def test_a_new_time_of_export_is_no_change(write: Callable[[str], IcsSource]) -> None:
    """DTSTAMP of an export made afresh changes nothing."""
    _, cursor = everything(write(calendar(event("a", "20260201T100000Z", "DTSTAMP:20260101T000000Z"))))
    pull = write(calendar(event("a", "20260201T100000Z", "DTSTAMP:20260212T000000Z"))).pull(cursor, NOW)
    assert (pull.items, pull.complete) == ((), ())


def test_an_event_that_vanished_is_a_listing_without_items(write: Callable[[str], IcsSource]) -> None:
    """Absence is told as such; what it means is for the daemon to say."""
    _, cursor = everything(write(calendar(event("a"), event("b"))))
    pull = write(calendar(event("a"))).pull(cursor, NOW)
    assert (pull.items, pull.gone, pull.listed) == ((), (), 1)
    assert [listing.source_id for listing in pull.complete] == ["b"]


def test_an_emptied_calendar_says_how_many_it_holds(write: Callable[[str], IcsSource]) -> None:
    """Emptied overnight: nought listed, so that the daemon can refuse to believe it."""
    first = write(calendar(*(event(f"e{number}") for number in range(30))))
    assert first.pull(None, NOW).listed == 30
    _, cursor = everything(first)
    pull = write(calendar()).pull(cursor, NOW)
    assert (pull.listed, len(pull.complete)) == (0, 30)


def test_the_horizon_moves_by_days_and_brings_only_new_days(write: Callable[[str], IcsSource]) -> None:
    """A series is read on as time passes; single events and old instances do not come again."""
    source = write(calendar(event("a"), event("b", "20260105T100000Z", "RRULE:FREQ=DAILY")))
    items, cursor = everything(source)
    assert max(item.start for item in items) == datetime(2026, 4, 12, 10, tzinfo=UTC)
    pull = source.pull(cursor, NOW + timedelta(days=2))
    assert [item.key for item in pull.items] == ["b/20260413T100000Z", "b/20260414T100000Z"]
    assert source.pull(pull.cursor, NOW).items == ()


def test_reading_day_by_day_is_reading_at_once(write: Callable[[str], IcsSource]) -> None:
    """Whichever days Kith ran on, it knows the same occurrences."""
    source = write(calendar(event("b", "20260105T230000", "RRULE:FREQ=WEEKLY;BYDAY=MO,TH", "EXDATE:20260326T230000")))
    items, cursor = everything(source)
    for day in range(1, 40, 3):
        more, cursor = everything(source, cursor, NOW + timedelta(days=day, hours=day))
        items += more
    assert items == everything(source, None, NOW + timedelta(days=37, hours=37))[0]


def test_a_series_keeps_its_newest_instances_and_says_so(write: Callable[[str], IcsSource]) -> None:
    """Fifty years of a daily event are cut to the newest 4,000 instances."""
    pull = write(calendar(event("a", "19760105T100000Z", "RRULE:FREQ=DAILY"))).pull(None, NOW)
    assert len(pull.items) == 4000
    assert max(item.key for item in pull.items) == "a/20260412T100000Z"
    assert [item.why for item in pull.skipped] == ["only the newest 4000 instances of a series are read"]


def test_a_first_pull_comes_in_pages(write: Callable[[str], IcsSource]) -> None:
    """Many events come a page at a time and each once; the last page says that it is the last."""
    source = write(calendar(*(event(f"e{number}") for number in range(4500))))
    first = source.pull(None, NOW)
    assert (len(first.items), first.caught_up) == (2000, False)
    items, _ = everything(source)
    assert sorted(item.key for item in items) == sorted(f"e{number}" for number in range(4500))


# -- what cannot be read -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param(b"\x00\x01\x02" * 1000, BadData, id="binary noise"),
        pytest.param(b"", BadData, id="empty"),
        pytest.param(b"<!doctype html><title>Sign in</title>", BadData, id="a page to sign in"),
        pytest.param(calendar(event("a")).encode()[:-30], BadData, id="half-written: the end is missing"),
        pytest.param(calendar(event("a"), event("b")).encode()[:100], BadData, id="half-written: cut in an event"),
        pytest.param(b"BEGIN:VCALENDAR\r\n" + b"\0" * 4096, BadData, id="filled with NUL after a power cut"),
    ],
)
def test_a_file_that_cannot_be_believed_is_refused_as_a_whole(
    write: Callable[[bytes], IcsSource], text: bytes, error: type[ConnectorError]
) -> None:
    """Nothing of it is used; what was known stays."""
    with pytest.raises(error):
        write(text).pull(None, NOW)


def test_a_missing_file_is_for_the_next_tick(tmp_path: Path) -> None:
    """A disk that is not mounted is no empty calendar."""
    with pytest.raises(Unavailable):
        IcsSource("agenda", tmp_path / "none.ics", "work", "UTC").pull(None, NOW)


def test_a_file_that_is_too_large_is_refused(write: Callable[[bytes], IcsSource]) -> None:
    """65 MiB are not read."""
    with pytest.raises(BadData):
        write(calendar(event("a")).encode() + b"X" * (65 << 20)).pull(None, NOW)


def test_a_long_line_costs_its_event_alone(write: Callable[[str], IcsSource]) -> None:
    """Ten megabytes in one folded line: that event is skipped, its neighbour read."""
    pull = write(calendar(event("a", "20260201T100000Z", "DESCRIPTION:" + "x" * (10 << 20)), event("b"))).pull(
        None, NOW
    )
    assert [item.key for item in pull.items] == ["b"]
    assert "larger" in pull.skipped[0].why


def test_ten_thousand_guests_are_a_thousand_and_a_remark(write: Callable[[str], IcsSource]) -> None:
    """A broadcast is read quickly, and known to be incomplete."""
    guests = [f"ATTENDEE:mailto:p{number}@example.org" for number in range(10_000)]
    (item,) = write(calendar(event("a", "20260201T100000Z", *guests))).pull(None, NOW).items
    assert isinstance(item, Event)
    assert (len(item.guests), item.guests_hidden) == (1000, True)


def test_too_many_dates_of_its_own_are_counted_once(write: Callable[[str], IcsSource]) -> None:
    """A hundred thousand RDATEs are one event and a line for the user."""
    dates = ["RDATE:" + ",".join(["20260101T100000Z"] * 5000) for _ in range(20)]
    pull = write(calendar(event("a", "20260201T100000Z", *dates))).pull(None, NOW)
    assert [item.key for item in pull.items] == ["a"]
    assert "counted once" in pull.skipped[0].why


@pytest.mark.parametrize("zone", ["../../etc/passwd", "local", "UTC+11", "Europe", "a" * 5000, "x\x00y", ""])
def test_hostile_zone_names_are_only_names(write: Callable[[str], IcsSource], zone: str) -> None:
    """No name of a zone opens a file or stops the reading (T7)."""
    pull = write(calendar(f"UID:a\r\nDTSTART;TZID={zone}:20260201T100000\r\nSUMMARY:x")).pull(None, NOW)
    assert [item.key for item in pull.items] == ["a"]


def test_a_zone_that_never_ends_is_not_built(write: Callable[[str], IcsSource]) -> None:
    """A VTIMEZONE with a transition every second is passed over."""
    half = (
        "BEGIN:{0}\r\nDTSTART:20000101T000000\r\nTZOFFSETFROM:+0{1}00\r\nTZOFFSETTO:+0{2}00\r\n"
        "RRULE:FREQ=SECONDLY\r\nEND:{0}\r\n"
    )
    halves = half.format("STANDARD", 5, 4) + half.format("DAYLIGHT", 4, 5)
    zone = f"BEGIN:VTIMEZONE\r\nTZID:Evil\r\n{halves}END:VTIMEZONE\r\n"
    text = calendar("UID:a\r\nDTSTART;TZID=Evil:20260201T100000").replace("BEGIN:VEVENT", zone + "BEGIN:VEVENT", 1)
    (item,) = write(text).pull(None, NOW).items
    assert isinstance(item, Event)
    assert item.start == datetime(2026, 2, 1, 9, tzinfo=UTC)


def test_events_without_a_uid_keep_apart(write: Callable[[str], IcsSource]) -> None:
    """Without a UID an event is known by what it says."""
    items, _ = everything(
        write(calendar("DTSTART:20260201T100000Z\r\nSUMMARY:a", "DTSTART:20260201T100000Z\r\nSUMMARY:b"))
    )
    assert len({item.key for item in items}) == 2


PIECES = st.sampled_from(
    [
        *("BEGIN:VEVENT", "END:VEVENT", "BEGIN:VALARM", "END:VALARM", "UID:a", "UID:", "DTSTART:20260101T100000Z"),
        *("DTSTART;VALUE=DATE:20260101", "DTSTART;TZID=Nowhere:20260101T100000", "DTEND:20260101T090000Z", "DTEND:x"),
        *("DURATION:P1D", "DURATION:-PT1H", "RRULE:FREQ=DAILY", "RRULE:FREQ=SECONDLY", "RRULE:INTERVAL=0;FREQ=DAILY"),
        *(
            "RRULE:FREQ=WEEKLY;BYDAY=1XX",
            "RRULE:",
            "EXDATE:20260101",
            "EXDATE:x",
            "RDATE;VALUE=PERIOD:20260101T100000Z/PT1H",
        ),
        *("RECURRENCE-ID:20260102T100000Z", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260103T100000Z", "RECURRENCE-ID:x"),
        *(
            "ATTENDEE:mailto:a@b.example",
            "ATTENDEE;CN=:",
            "ORGANIZER:",
            "SUMMARY:\ud7ff\u0000",
            ";:",
            " folded",
            "SEQUENCE:x",
        ),
        *(
            "CATEGORIES:a,,b",
            "CLASS:",
            "STATUS:CANCELLED",
            "END:VCALENDAR",
            "BEGIN:VCALENDAR",
            "DTSTART:99990101T000000",
        ),
    ]
)


@given(st.lists(PIECES, max_size=40), st.binary(max_size=40))
def test_no_bytes_raise_anything_but_a_connector_error(tmp_path_factory: Any, lines: list[str], noise: bytes) -> None:
    """Whatever a file holds, a pull returns or raises what its contract names."""
    path = tmp_path_factory.mktemp("noise") / "calendar.ics"
    body = "\r\n".join(["BEGIN:VCALENDAR", *lines]).encode() + noise
    for text in (body, body + b"\r\nEND:VCALENDAR\r\n", noise):
        path.write_bytes(text)
        try:
            pull = IcsSource("agenda", path, "work", "Europe/Berlin").pull(None, NOW)
        except ConnectorError:
            continue
        assert all(isinstance(item, Event) for item in pull.items)


# -- the corpus of rules -----------------------------------------------------------------------------------------------


@pytest.mark.corpus
def test_recurrences_are_those_two_engines_agree_on(corpora: Path, write: Callable[[str], IcsSource]) -> None:
    """Every rule of the shared corpus has the listed instances, in order, through the real connector."""
    blocks = (corpora / "rrule-must-pass.txt").read_text().split("\n\n")
    rows = [re.findall(r"^(RRULE|DTSTART|INSTANCES):(.*)$", block, re.MULTILINE) for block in blocks]
    rules = [dict(row) for row in rows if len(row) == 3]
    assert len(rules) > 100
    for rule in rules:
        wanted = [_when(text) for text in rule["INSTANCES"].split(",")]
        kind = ";VALUE=DATE" if len(rule["DTSTART"]) == 8 else ""
        last = (
            wanted[-1] if isinstance(wanted[-1], datetime) else datetime.combine(wanted[-1], datetime.min.time(), UTC)
        )
        text = f"UID:a\r\nDTSTART{kind}:{rule['DTSTART']}\r\nRRULE:{rule['RRULE']}\r\nSUMMARY:x"
        path = write(calendar(text)).path
        found = IcsSource("corpus", path, "work", "UTC").pull(None, last.replace(tzinfo=UTC)).items
        starts = sorted(item.start for item in found if isinstance(item, Event))
        assert starts[: len(wanted)] == wanted, rule["RRULE"]
        if "COUNT" in rule["RRULE"]:
            assert len(starts) == len(wanted), rule["RRULE"]


def _when(text: str) -> date:
    if len(text) == 8:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    return datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def test_the_order_of_events_in_the_file_does_not_matter(write: Callable[[str], IcsSource]) -> None:
    """The same events in another order are the same records."""
    rows = [event(f"e{number}", "20260105T100000Z", "RRULE:FREQ=WEEKLY;COUNT=3") for number in range(20)]
    before = {item.key: item for item in everything(write(calendar(*rows)))[0]}
    random.Random(1).shuffle(rows)
    assert {item.key: item for item in everything(write(calendar(*rows)))[0]} == before


def test_an_account_needs_something_to_read_or_to_write(tmp_path: Path) -> None:
    """Neither path nor reminders is a problem, and so is the same file for both (U17)."""
    path = tmp_path / "a.ics"
    assert [key for key, _ in Ics().problems()] == ["path"]
    assert [key for key, _ in Ics(path=path, reminders=tmp_path / "x" / ".." / "a.ics").problems()] == ["reminders"]
    assert Ics(path=path, reminders=tmp_path / "b.ics").problems() == ()
    assert Ics(path=path).open_reminders("a", "UTC") is None
    assert Ics(reminders=path).open_source("a", "UTC") is None
    assert Ics(path=path).open_drafts("a", "UTC") is None
