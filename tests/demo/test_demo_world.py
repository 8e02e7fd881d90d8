"""Is the demo world what it promises: believable in its numbers, the same every time, and full of traps?"""

from __future__ import annotations

import email.utils
import mailbox
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.header import decode_header, make_header
from pathlib import Path

import pytest
from icalendar import Calendar, Event
from recurring_ical_events import of

from daemon.config import load, missing_files
from daemon.demo import MARKS, is_world, make_world
from daemon.demo.people import ALIAS, EVERYBODY, ME, RUTH, RUTH_LATER

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
REAL_DOMAINS = {
    "gmail.com", "gmx.at", "posteo.de", "outlook.com", "web.de",
    "lu.ma", "events.lu.ma", "calendly.com", "fireflies.ai", "resource.calendar.google.com",
}  # fmt: skip
"""Free mail (with obviously invented local parts) and the machines of event platforms; all else is ``.example``."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A sent mail as the standard library reads it."""

    at: datetime
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    subject: str
    ident: str
    answers: str
    raw: mailbox.mboxMessage


@dataclass(frozen=True, kw_only=True)
class World:
    """The files, parsed back."""

    folder: Path
    events: list[Event]
    held: list[Event]
    mails: list[Mail]

    def event(self, title: str) -> Event:
        """Return the entry of that title, the last if there are ordinary meetings of the same title."""
        return next(item for item in reversed(self.events) if item["SUMMARY"] == title and "RECURRENCE-ID" not in item)

    def answers(self, title: str) -> dict[str, str]:
        """Return the guests of the entry of that title, with their answers."""
        found = self.event(title).get("ATTENDEE", [])
        return {_bare(item): str(item.params["PARTSTAT"]) for item in (found if isinstance(found, list) else [found])}

    def to(self, address: str) -> list[Mail]:
        """Return the mails to ``address``."""
        return [mail for mail in self.mails if address in mail.to]

    def about(self, subject: str) -> list[Mail]:
        """Return the mails of that subject."""
        return [mail for mail in self.mails if mail.subject == subject]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    make_world(folder, NOW)
    calendar = Calendar.from_ical((folder / "calendar.ics").read_bytes())
    return World(
        folder=folder,
        events=calendar.walk("VEVENT"),
        held=of(calendar).between(NOW - timedelta(days=550), NOW),
        mails=_mails(folder),
    )


def _mails(folder: Path) -> list[Mail]:
    with closing(mailbox.mbox(folder / "Sent.mbox", create=False)) as box:
        return [_mail(message) for message in box]


def _mail(message: mailbox.mboxMessage) -> Mail:
    at = email.utils.parsedate_to_datetime(str(message["Date"]))
    return Mail(
        at=at if at.tzinfo else at.replace(tzinfo=UTC),
        sender=_addresses(message, "From")[0],
        to=_addresses(message, "To"),
        cc=_addresses(message, "Cc"),
        bcc=_addresses(message, "Bcc"),
        subject=str(make_header(decode_header(str(message["Subject"])))),
        ident=str(message["Message-ID"] or ""),
        answers=str(message["In-Reply-To"] or ""),
        raw=message,
    )


def _addresses(message: mailbox.mboxMessage, header: str) -> tuple[str, ...]:
    return tuple(address for _, address in email.utils.getaddresses([str(message[header] or "")]) if address)


def _bare(address: object) -> str:
    return str(address).lower().removeprefix("mailto:")


def _names(world: World, address: str) -> set[str]:
    """Return the display names that the mails give to ``address``."""
    pairs = [pair for mail in world.to(address) for pair in email.utils.getaddresses([str(mail.raw["To"])])]
    return {str(make_header(decode_header(name))) for name, found in pairs if found == address and name}


def _start(event: Event) -> datetime | date:
    return event["DTSTART"].dt


def _title_only(world: World, title: str) -> bool:
    return "ATTENDEE" not in world.event(title)


def _single_mails(world: World, subject: str) -> bool:
    found = world.about(subject)
    return len(found) == 80 == len({mail.to for mail in found}) and len({mail.at.date() for mail in found}) == 1


def _two_addresses(world: World) -> bool:
    old, new = world.to(RUTH.address), world.to(RUTH_LATER.address)
    return max(mail.at for mail in old) < min(mail.at for mail in new)


def _fresh(world: World, name: str) -> list[datetime]:
    address = EVERYBODY[name].address
    return [
        event["DTSTART"].dt
        for event in world.events
        if address in str(event.get("ATTENDEE", "")) and isinstance(event["DTSTART"].dt, datetime)
    ]


def _gone_quiet(world: World, title: str) -> bool:
    starts = [event["DTSTART"].dt for event in world.held if event["SUMMARY"] == title]
    return len(starts) >= 15 and max(starts) < NOW - timedelta(days=150)


TRAPS: dict[str, Callable[[World], bool]] = {
    "a weekly series of colleagues": lambda w: str(w.event("Team weekly")["RRULE"].to_ical(), "ascii") == "FREQ=WEEKLY",
    "an occurrence that was moved": lambda w: any("RECURRENCE-ID" in event for event in w.events),
    "occurrences left out": lambda w: "EXDATE" in w.event("Team weekly"),
    "friends every two weeks": lambda w: len(w.answers("Lunch circle")) == 4,
    "a monthly group of four": lambda w: "INTERVAL=4" in w.event("Supervision group")["RRULE"].to_ical().decode(),
    "a project that ended": lambda w: _gone_quiet(w, "Linz warehouse weekly"),
    "a meetup of her own, without guests": lambda w: _title_only(w, "Founders meetup"),
    "a habit that may be a rut": lambda w: _title_only(w, "Breakfast club"),
    "a conference of three whole days": lambda w: w.event("Packaging Summit Graz, conference").duration.days == 3,
    "an all-hands with 104 guests": lambda w: len(w.answers("Alpenverbund all-hands")) == 104,
    "a dinner of twelve, five of whom answered": lambda w: (
        Counter(w.answers("Autumn dinner").values()) == {"ACCEPTED": 6, "NEEDS-ACTION": 7}
    ),
    "an event platform as organiser": lambda w: (
        _bare(w.event("Circular Vienna Night")["ORGANIZER"]) == "calendar-invite@lu.ma"
    ),
    "a booking by a scheduler": lambda w: (
        _bare(w.event("Pavel Novák and Clara Winter")["ORGANIZER"]) == "notifications@calendly.com"
    ),
    "a note-taking bot as third guest": lambda w: "fred@fireflies.ai" in w.answers("Depot in Enns"),
    "a room on the guest list": lambda w: any("CUTYPE=ROOM" in event.to_ical().decode() for event in w.events),
    "an assistant who organises and does not come": lambda w: (
        _bare(w.event("Advisory board, preparation")["ORGANIZER"]) not in w.answers("Advisory board, preparation")
    ),
    "declined by the user": lambda w: w.answers("Cloud savings in 15 minutes")[ME] == "DECLINED",
    "declined by the guest": lambda w: "DECLINED" in w.answers("Coffee Wolfgang / Clara").values(),
    "cancelled": lambda w: w.event("Podcast recording")["STATUS"] == "CANCELLED",
    "calendar spam, never answered": lambda w: w.answers("You have won") == {ME: "NEEDS-ACTION"},
    "five guests who never answered": lambda w: (
        Counter(w.answers("Round on export papers").values())["NEEDS-ACTION"] == 5
    ),
    "the owner as the only guest": lambda w: set(w.answers("Tax papers")) == {ME, ALIAS},
    "five minutes only": lambda w: w.event("Quick call").duration == timedelta(minutes=5),
    "a title that names somebody": lambda w: _title_only(w, "Lunch with Maria Huber"),
    "a title that names somebody, but no meeting": lambda w: _title_only(w, "Buy present for Maria Huber"),
    "a call that is no conference": lambda w: _title_only(w, "Conference call with Tom"),
    "a private appointment": lambda w: w.event("Doctor Wallisch")["CLASS"] == "PRIVATE",
    "days out of office": lambda w: w.event("Out of office: Gmunden")["X-MICROSOFT-CDO-BUSYSTATUS"] == "OOF",
    "birthdays": lambda w: w.event("Ben Fischer's birthday")["RRULE"]["FREQ"] == ["YEARLY"],
    "focus time": lambda w: "RRULE" in w.event("Focus time"),
    "a whole day with one friend": lambda w: not isinstance(_start(w.event("Hike on the Rax")), datetime),
    "a time without a zone": lambda w: any(
        isinstance(_start(event), datetime) and _start(event).tzinfo is None for event in w.events
    ),
    "a meeting ahead with somebody due": lambda w: _start(w.event("Roof lease")) > NOW,
    "a meeting ahead that was cancelled": lambda w: w.event("Studio visit")["STATUS"] == "CANCELLED",
    "somebody just met who had mailed before": lambda w: bool(w.to(EVERYBODY["Nora Lindqvist"].address)),
    "two just met who had not": lambda w: not w.to("yusuf@demirel-feinblech.example"),
    "one just met and already written to": lambda w: (
        w.to(EVERYBODY["Friederike Stangl"].address)[-1].at > _fresh(w, "Friederike Stangl")[0]
    ),
    "colleagues": lambda w: sum(mail.to[0].endswith("@winter-consulting.example") for mail in w.mails) > 300,
    "a sister with the surname": lambda w: _names(w, "johanna.winter.demo@gmail.com") == {"Johanna Winter"},
    "friends with free mail": lambda w: len(w.to("ben.fischer.demo@gmail.com")) > 20,
    "one person with two addresses": _two_addresses,
    "the surname first": lambda w: _names(w, "petra.moser@moser-training.example") == {"Moser, Petra"},
    "names in several scripts": lambda w: all(
        _names(w, EVERYBODY[name].address) == {name}
        for name in ("Олена Коваленко", "山本 恵子", "Γιώργος Παπαδόπουλος")
    ),
    "addresses without a name": lambda w: any("<" not in str(mail.raw["To"]) for mail in w.mails),
    "80 single Christmas mails": lambda w: _single_mails(w, "Frohe Feiertage und danke"),
    "the accountant": lambda w: len(w.to("renate.kogler@kanzlei-kogler.example")) > 5,
    "the plumber, begun by her": lambda w: w.about("Tropfender Boiler")[0].answers == "",
    "a support thread with a name": lambda w: len(w.about("Re: Migration window")) == 12,
    "a support thread by token": lambda w: len(w.to("reply+4f9a2c7d81b3e650@ticketdesk.example")) == 5,
    "a recruiter, answered once": lambda w: len(w.to("viktor.sommer@talentbruecke.example")) == 1,
    "a mailing list by its name": lambda w: len(w.to("vienna-consultants-l@beraterforum.example")) == 45,
    "a mailing list by its host": lambda w: len(w.to("salon@lists.kaffeehaus-salon.example")) == 45,
    "newsletters left": lambda w: len(w.about("unsubscribe")) == 14,
    "role addresses and machines": lambda w: bool(w.to("noreply@paketdienst.example")),
    "a mail to more than twenty": lambda w: any(len(mail.to) > 20 for mail in w.mails),
    "a mail to more than five": lambda w: any(5 < len(mail.to) <= 20 for mail in w.mails),
    "a mail to herself with many in Bcc": lambda w: any(len(mail.bcc) > 20 for mail in w.mails),
    "many separate answers in one day": lambda w: len(w.about("Re: Garden party")) == 6,
    "somebody only ever in copy": lambda w: (
        not w.to("cosima.hartl@hartl-archiv.example")
        and any("cosima.hartl@hartl-archiv.example" in mail.cc for mail in w.mails)
    ),
    "an introduction": lambda w: len(w.about("Introduction: Anna Berger and Georg Lang")[0].to) == 2,
    "forwards": lambda w: len(w.about("Fwd: Study on reusable packaging")) == 1,
    "a forwarded invoice": lambda w: len(w.about("WG: Rechnung 2214")) == 1,
    "a sensitive subject": lambda w: len(w.about("Kündigung Stellplatz")) == 1,
    "calendar replies": lambda w: sum("method=REPLY" in str(mail.raw["Content-Type"]) for mail in w.mails) > 20,
    "automatic replies": lambda w: sum("Auto-Submitted" in mail.raw for mail in w.mails) > 10,
    "mails to herself": lambda w: bool(w.to(ALIAS)),
    "mails from the private address": lambda w: any(mail.sender == ALIAS for mail in w.mails),
    "answers to mails that are not in the folder": lambda w: (
        len({mail.answers for mail in w.mails if mail.answers} - {mail.ident for mail in w.mails}) > 500
    ),
    "the same mail twice": lambda w: max(Counter(m.ident for m in w.mails if m.ident).values()) == 2,
    "a mail without an id": lambda w: sum(not mail.ident for mail in w.mails) == 1,
    "a date without a zone": lambda w: any(not re.search(r"[+-]\d{4}$", str(mail.raw["Date"])) for mail in w.mails),
    "a date in 1979": lambda w: sum(mail.at.year == 1979 for mail in w.mails) == 1,
    "a body that looks like the next mail": lambda w: any(
        str(mail.raw.get_payload()).startswith(">From ") for mail in w.mails
    ),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_every_trap_is_there(world: World, trap: str) -> None:
    """Each situation that fools a careless reader stands in the files."""
    assert TRAPS[trap](world)


COUNTS: dict[str, tuple[Callable[[World], int], int, int]] = {
    "people": (lambda w: len(EVERYBODY) + 1, 55, 65),
    "events held": (lambda w: len(w.held), 380, 450),
    "sent mails": (lambda w: len(w.mails), 1900, 2100),
    "meetings ahead": (lambda w: sum(_day(_start(event)) > NOW.date() for event in w.events), 4, 12),
    "days of history": (lambda w: (NOW - min(m.at for m in w.mails if m.at.year > 1979)).days, 390, 540),
}


@pytest.mark.parametrize("what", COUNTS)
def test_a_believable_year(world: World, what: str) -> None:
    """The numbers lie within what the demo promises."""
    count, least, most = COUNTS[what]
    assert least <= count(world) <= most


def _day(value: datetime | date) -> date:
    return value.date() if isinstance(value, datetime) else value


def test_nothing_was_written_after_now(world: World) -> None:
    """No sent mail is from the future, and every mbox line agrees with the order of the file."""
    assert all(mail.at < NOW for mail in world.mails)
    lines = [email.utils.parsedate_to_datetime(_line(mail)) for mail in world.mails]
    assert lines == sorted(lines)


def _line(mail: Mail) -> str:
    _, _, month, day, clock, year = str(mail.raw.get_from()).split()
    return f"{day} {month} {year} {clock} +0000"


def test_the_fresh_meetings_are_days_old(world: World) -> None:
    """Those just met were met once, within the week before now, whatever the weekday."""
    for name in ("Nora Lindqvist", "Yusuf Demirel", "Clémence Aubry", "Friederike Stangl"):
        (met,) = _fresh(world, name)
        assert timedelta(0) < NOW - met < timedelta(days=7)


def test_no_address_of_anybody_real(world: World) -> None:
    """Every domain ends in .example, but for a few; a free-mail address shows that it is made up."""
    content = b"".join(path.read_bytes() for path in world.folder.iterdir() if path.is_file())
    unfolded = content.replace(b"\r\n ", b"").decode()
    found = {item.lower() for item in re.findall(r"[\w.+%-]+@[\w.-]*\w", unfolded)}
    real = {item for item in found if not item.endswith(".example")}
    assert {item.partition("@")[2] for item in real} <= REAL_DOMAINS
    people = {
        item for item in real if item.partition("@")[2] in {"gmail.com", "gmx.at", "posteo.de", "outlook.com", "web.de"}
    }
    assert people
    assert all(".demo@" in item for item in people)


def test_marks_are_of_people_in_the_mails(world: World) -> None:
    """The marks that the caller gives belong to people of the world."""
    assert [word for _, word in MARKS] == ["key", "key", "target"]
    assert all(world.to(address) for address, _ in MARKS)


def test_the_configuration_is_valid(world: World) -> None:
    """Every other command can be tried on it: no problem, no missing file, writing confirmed."""
    made = load(world.folder / "config.toml", {}, NOW.date())
    assert missing_files(made) == ()
    assert (made.state, made.write_confirmed) == (world.folder / "state", True)
    assert (made.settings.reminders, made.settings.drafts) == ("calendar", "mail")


def test_only_the_promised_files(world: World) -> None:
    """A configuration, a calendar, an mbox and two empty Maildirs, nothing else."""
    names = {str(path.relative_to(world.folder)) for path in world.folder.rglob("*")}
    maildirs = {f"Mail/{folder}/{part}" for folder in ("Drafts", "Sent") for part in ("cur", "new", "tmp")}
    assert names == {"config.toml", "calendar.ics", "Sent.mbox", "Mail", "Mail/Drafts", "Mail/Sent", *maildirs}


def test_the_same_day_makes_the_same_bytes(tmp_path: Path) -> None:
    """Two processes with different hash seeds write the same bytes."""
    made = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        code = (
            "import sys; from datetime import datetime; from pathlib import Path; from daemon.demo import make_world;"
            "make_world(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))"
        )
        environ = {**os.environ, "PYTHONHASHSEED": seed, "TZ": ("UTC", "Asia/Tokyo")[int(seed) - 1]}
        subprocess.run([sys.executable, "-c", code, str(folder), NOW.isoformat()], check=True, env=environ)
        made.append({path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()})
    assert made[0] == made[1]


ODD_DAYS = ("2026-03-29T01:30:00+00:00", "2026-12-25T03:00:00+00:00", "2027-01-01T00:00:00+01:00",
            "2028-02-29T12:00:00+00:00", "2026-11-22T23:30:00-08:00", "2026-07-06T06:00:00+02:00")  # fmt: skip


@pytest.mark.parametrize("now", ODD_DAYS)
def test_any_day_will_do(tmp_path: Path, now: str) -> None:
    """Changed clocks, Christmas, a leap day, a Monday: the world ends before now and has its first meetings."""
    moment = datetime.fromisoformat(now)
    make_world(tmp_path, moment)
    mails = _mails(tmp_path)
    assert 1900 <= len(mails) <= 2100
    assert all(mail.at < moment for mail in mails)
    calendar = Calendar.from_ical((tmp_path / "calendar.ics").read_bytes())
    met = next(item for item in calendar.walk("VEVENT") if item["SUMMARY"] == "Community heating in small towns")
    assert timedelta(0) < moment - met["DTEND"].dt < timedelta(days=5)


def test_a_world_is_replaced_and_nothing_else_is(tmp_path: Path) -> None:
    """A second demo in the same folder replaces the first; a folder of the user's own is left as it is."""
    make_world(tmp_path / "world", NOW)
    make_world(tmp_path / "world", NOW + timedelta(days=1))
    own = tmp_path / "own"
    own.mkdir()
    (own / "config.toml").write_text("[me]\n")
    with pytest.raises(FileExistsError):
        make_world(own, NOW)
    assert (is_world(tmp_path / "world"), is_world(own), is_world(tmp_path)) == (True, False, False)
    assert [path.name for path in own.iterdir()] == ["config.toml"]
