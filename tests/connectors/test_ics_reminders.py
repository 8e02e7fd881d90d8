"""Reminders go into a calendar file of Kith's own, and whatever else stands there stays."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from connectors._reminders import IcsReminders
from connectors.ics import Ics, IcsSource
from connectors.records import Event, Gone, Receipt, Rejected, Unavailable
from tests.connectors.contracts import LATER, NOW, REMINDER, ReminderContract


class TestIcsReminders(ReminderContract):
    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path) -> None:
        self.path = tmp_path / "made" / "kith.ics"

    def opened(self) -> IcsReminders:
        sink = Ics(reminders=self.path).open_reminders("agenda", "Europe/Berlin")
        assert isinstance(sink, IcsReminders)
        return sink

    def rewrite(self, receipt: Receipt, pattern: bytes, text: bytes) -> None:
        data = self.path.read_bytes()
        start = data.index(b"UID:" + receipt.ref.encode())
        end = data.index(b"END:VEVENT", start)
        begin = data.rindex(b"BEGIN:VEVENT", 0, start)
        changed = re.sub(pattern, text, data[begin:end])
        assert changed != data[begin:end]
        self.path.write_bytes(data[:begin] + changed + data[end:])

    def user_edits(self, receipt: Receipt) -> None:
        self.rewrite(receipt, rb"SUMMARY:([^\r\n]*)", rb"SUMMARY:met, \1")

    def user_moves(self, receipt: Receipt, start: datetime) -> None:
        end = start + timedelta(minutes=15)
        self.rewrite(receipt, rb"DTSTART[^\r\n]*", f"DTSTART:{start:%Y%m%dT%H%M%SZ}".encode())
        self.rewrite(receipt, rb"DTEND[^\r\n]*", f"DTEND:{end:%Y%m%dT%H%M%SZ}".encode())

    def user_deletes(self, receipt: Receipt) -> None:
        data = self.path.read_bytes()
        blocks = re.findall(rb"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", data, re.DOTALL)
        (mine,) = [block for block in blocks if receipt.ref.encode() in block]
        self.path.write_bytes(data.replace(mine, b""))

    def user_types(self, receipt: Receipt, body: str) -> None:
        text = body.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
        pattern = rb"\r\nDESCRIPTION:(?:[^\r\n]|\r\n )*(?=\r\nTRANSP)"
        self.rewrite(receipt, pattern, b"\r\nDESCRIPTION:" + text.replace("\\", "\\\\").encode())

    def user_adds(self) -> Receipt:
        data = self.path.read_bytes()
        (mine, *_) = re.findall(rb"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", data, re.DOTALL)
        theirs = re.sub(rb"X-KITH-KEY:[^\r\n]*\r\n", b"", re.sub(rb"UID:[^\r\n]*", b"UID:theirs", mine))
        self.path.write_bytes(data.replace(b"END:VCALENDAR", theirs + b"END:VCALENDAR"))
        return Receipt(key="theirs", ref="theirs", fingerprint="x.y")

    def raw(self) -> object:
        return self.path.read_bytes()

    def test_a_program_that_rewrites_the_form_edits_nothing(self) -> None:
        """Another time zone, folding, HTML and entities are the same text at the same time (C40)."""
        receipt = self.opened().create(REMINDER)
        self.rewrite(receipt, rb"DTSTART[^\r\n]*", b"DTSTART:20260217T080000Z")
        self.rewrite(receipt, rb"DTEND[^\r\n]*", b"DURATION:PT15M")
        html = rb"DESCRIPTION:<p>Met on Tuesday\; she asked for\r\n  the paper.</p><br>Why:&nbsp\;first meeting."
        self.rewrite(receipt, rb"DESCRIPTION:(?:[^\r\n]|\r\n )*(?=\r\nTRANSP)", html)
        assert self.states(receipt) == ["untouched"]

    def test_another_uid_given_by_a_program_is_still_ours(self) -> None:
        """Found by X-KITH-KEY where the UID was rewritten."""
        receipt = self.opened().create(REMINDER)
        self.rewrite(receipt, rb"UID:[^\r\n]*", b"UID:rewritten@server.example")
        assert self.opened().find(REMINDER.key) is not None
        assert self.opened().create(REMINDER).ref == "rewritten@server.example"

    def test_what_others_added_stays_byte_for_byte(self) -> None:
        """An event, a task and a property of somebody else survive all our verbs."""
        receipt = self.opened().create(REMINDER)
        task = b"X-COLOUR:blue\nBEGIN:VTODO\nUID:t\nEND:VTODO\n"
        theirs = task + b"BEGIN:VEVENT\nUID:theirs\nSUMMARY:\xff\xfe odd\nEND:VEVENT\n"
        data = self.path.read_bytes()
        self.path.write_bytes(data.replace(b"END:VCALENDAR", theirs + b"END:VCALENDAR"))
        changed = self.opened().change(receipt, replace(REMINDER, title="Call Ada"))
        self.opened().create(self.other)
        self.opened().withdraw(changed)
        assert theirs in self.path.read_bytes()

    def test_an_amendment_leaves_every_other_byte(self) -> None:
        """Properties, folding and alarms that others put there stay, in their place; our alarm follows."""
        receipt = self.opened().create(REMINDER)
        note = b"DESCRIPTION:<p>Met on Tuesday\\; she asked for\r\n  the paper.</p><br>Why:&nbsp\\;first meeting."
        self.rewrite(receipt, rb"DESCRIPTION:Met(?:[^\r\n]|\r\n )*(?=\r\nTRANSP)", note.replace(b"\\", b"\\\\"))
        theirs = b"COLOR:teal\r\nX-LONG:a\r\n b\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nSUMMARY:mine\r\nDESCRIPTION:mine"
        theirs += b"\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n"
        before = self.path.read_bytes().replace(b"BEGIN:VALARM", theirs + b"BEGIN:VALARM", 1)
        self.path.write_bytes(before)
        amended = self.opened().amend(receipt, REMINDER, replace(REMINDER, title="Done: Ada"))
        title = REMINDER.title.encode()
        assert before.count(title) == 2
        assert self.path.read_bytes() == before.replace(title, b"Done: Ada")
        assert self.states(amended) == ["untouched"]

    def test_a_duration_gives_way_to_an_end(self) -> None:
        """A program wrote the length instead of the end: after a new time there is one end."""
        receipt = self.opened().create(REMINDER)
        self.rewrite(receipt, rb"DTEND[^\r\n]*", b"DURATION:PT15M")
        amended = self.opened().amend(receipt, REMINDER, LATER)
        (event,) = Calendar.from_ical(self.path.read_bytes()).walk("VEVENT")
        assert (event["DTSTART"].dt, event["DTEND"].dt, "DURATION" in event) == (LATER.start, LATER.end, False)
        assert self.states(amended) == ["untouched"]

    def test_a_foreign_calendar_is_refused_and_left_as_it_is(self) -> None:
        """Kith writes only into a calendar of its own (U17)."""
        foreign = b"BEGIN:VCALENDAR\r\nPRODID:-//Somebody//EN\r\nEND:VCALENDAR\r\n"
        self.path.parent.mkdir()
        self.path.write_bytes(foreign)
        with pytest.raises(Rejected, match="not a calendar of Kith's"):
            self.opened().create(REMINDER)
        assert self.path.read_bytes() == foreign

    @pytest.mark.parametrize(
        "line",
        [
            b"PRODID:-//Kith//Reminders//EN",
            b"prodid:-//kith//anything",
            b"X-WR-CALNAME:Kith",
            b"X-WR-CALNAME;VALUE=TEXT:Kith",
            b"BEGIN:VEVENT\r\nUID:x\r\nX-KITH-KEY:00\r\nEND:VEVENT",
        ],
    )
    def test_any_of_our_marks_makes_a_calendar_ours(self, line: bytes) -> None:
        """A program saves it again without our PRODID, or the user deletes every event: still ours."""
        self.path.parent.mkdir()
        self.path.write_bytes(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + line + b"\r\nEND:VCALENDAR\r\n")
        receipt = self.opened().create(REMINDER)
        assert self.states(receipt) == ["untouched"]

    @pytest.mark.parametrize(
        "line", [b"X-WR-CALNAME:Kith and kin", b"X-WR-CALNAME:kith", b"DESCRIPTION:X-KITH-KEY:1", b"NAME:Kith"]
    )
    def test_what_only_resembles_our_marks_is_foreign(self, line: bytes) -> None:
        """A calendar of another name is somebody else's."""
        self.path.parent.mkdir()
        self.path.write_bytes(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + line + b"\r\nEND:VCALENDAR\r\n")
        with pytest.raises(Rejected):
            self.opened().create(REMINDER)

    def test_every_event_deleted_in_another_program_is_as_many_deletions(self) -> None:
        """Saved again with another PRODID, our name and no event, it says what the user deleted."""
        receipt = self.opened().create(REMINDER)
        self.user_deletes(receipt)
        ours, theirs = b"PRODID:-//Kith//Reminders//EN", b"PRODID:-//Somebody//EN"
        self.path.write_bytes(self.path.read_bytes().replace(ours, theirs))
        assert theirs in self.path.read_bytes()
        assert self.states(receipt) == ["gone"]

    def test_a_file_taken_away_holds_everything(self) -> None:
        """The whole file deleted is no hundred dismissals: look, change and withdraw say so (U17)."""
        receipt = self.opened().create(REMINDER)
        self.path.unlink()
        for verb in (
            lambda: self.opened().look([receipt]),
            lambda: self.opened().change(receipt, REMINDER),
            lambda: self.opened().amend(receipt, REMINDER, LATER),
            lambda: self.opened().withdraw(receipt),
        ):
            with pytest.raises(Gone):
                verb()
        assert not self.path.exists()
        assert self.opened().look([]) == ()

    def test_a_half_written_file_is_left_alone(self) -> None:
        """Without its end nothing is read out of it and nothing written into it."""
        receipt = self.opened().create(REMINDER)
        half = self.path.read_bytes()[:-20]
        self.path.write_bytes(half)
        with pytest.raises(Unavailable):
            self.opened().look([receipt])
        with pytest.raises(Unavailable):
            self.opened().create(self.other)
        assert self.path.read_bytes() == half

    def test_a_folder_that_cannot_be_written_is_for_the_next_tick(self) -> None:
        """An error of the disk is Unavailable, and nothing is half there."""
        self.path.parent.write_text("a file where the folder should be")
        with pytest.raises(Unavailable):
            self.opened().create(REMINDER)

    def test_the_same_reminder_is_the_same_bytes(self, tmp_path: Path) -> None:
        """Nothing of the clock gets in: what is written depends on the reminder alone."""
        other = tmp_path / "other.ics"
        IcsReminders(other, "Europe/Berlin").create(REMINDER)
        self.opened().create(REMINDER)
        assert other.read_bytes() == self.path.read_bytes()

    def test_the_file_is_a_calendar_that_invites_nobody(self) -> None:
        """RFC 5545: CRLF, a zone with its rules, a display alarm; no guest, organiser or mail (C8, S8)."""
        self.opened().create(REMINDER)
        data = self.path.read_bytes()
        calendar = Calendar.from_ical(data)
        (event,) = calendar.walk("VEVENT")
        assert data.count(b"\n") == data.count(b"\r\n")
        assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]
        assert event["DTSTART"].dt == REMINDER.start
        assert event["DTSTART"].params["TZID"] == "Europe/Berlin"
        assert (str(event["SUMMARY"]), str(event["DESCRIPTION"])) == (REMINDER.title, REMINDER.body)
        assert (event["TRANSP"], event["CLASS"], str(event["UID"])[-5:]) == ("TRANSPARENT", "PRIVATE", "@kith")
        assert [alarm["ACTION"] for alarm in event.walk("VALARM")] == ["DISPLAY"]
        assert not any(word in data for word in (b"ATTENDEE", b"ORGANIZER", b"ACTION:EMAIL", REMINDER.key.encode()))

    def test_what_kith_wrote_is_never_evidence(self) -> None:
        """Read back as a source, each event says that it is Kith's own (P22)."""
        self.opened().create(REMINDER)
        (item,) = IcsSource("agenda", self.path, "work", "Europe/Berlin").pull(None, NOW).items
        assert isinstance(item, Event)
        assert item.ours


TEXT = st.text(st.characters(codec="utf-8"), max_size=200)


@given(title=TEXT, body=TEXT)
@example(title=";TZID=x", body=";TZID=x\nEND:VEVENT\nBEGIN:VEVENT\r\nATTENDEE:mailto:a@b.example")
def test_no_title_or_body_adds_a_property(tmp_path_factory: pytest.TempPathFactory, title: str, body: str) -> None:
    """Whatever a name or title holds, the event has our properties, once each, and is seen as untouched."""
    sink = IcsReminders(tmp_path_factory.mktemp("any") / "kith.ics", "UTC")
    receipt = sink.create(replace(REMINDER, title=title, body=body))
    (event,) = Calendar.from_ical(sink.path.read_bytes()).walk("VEVENT")
    expected = {"UID", "X-KITH-KEY", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "TRANSP", "CLASS"}
    assert set(event) == expected
    assert not any(isinstance(value, list) for value in event.values())
    assert [fate.state for fate in sink.look([receipt])] == ["untouched"]


def test_a_calendar_program_saving_at_the_same_moment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody saved between our reading and our writing is not overwritten."""
    sink = IcsReminders(tmp_path / "kith.ics", "UTC")
    sink.create(REMINDER)
    real = sink.path.read_bytes()
    saved = real.replace(b"END:VCALENDAR", b"X-SAVED:yes\r\nEND:VCALENDAR")
    opened = os.open

    def open_and_save(path: object, flags: int, *rest: int) -> int:
        file = opened(path, flags, *rest)  # type: ignore[arg-type]
        if not flags & os.O_CREAT:
            sink.path.write_bytes(saved)
        return file

    monkeypatch.setattr(os, "open", open_and_save)
    with pytest.raises(Unavailable):
        sink.create(replace(REMINDER, key="other", start=datetime(2026, 3, 1, tzinfo=UTC)))
    assert sink.path.read_bytes() == saved
