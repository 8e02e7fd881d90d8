"""Over whole years: is what the drafts say true, whom do they go to, and is it ever too much?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from daemon.cli.demo import _first_look, _same_ids
from daemon.cli.ticks import import_all
from daemon.demo import make_world
from daemon.detect import detect
from daemon.model import Decision, Entry, Me, Records, Settings, SourceState, State
from daemon.outlook import Outlook
from daemon.relate import opinions
from daemon.session import open_session
from daemon.vocabulary import load_vocabulary
from tests.detect import plain_mbox
from tests.replay import raw, weeks

pytestmark = pytest.mark.xdist_group("replay")

VIENNA, CHICAGO = ZoneInfo("Europe/Vienna"), ZoneInfo("America/Chicago")
END = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
MACHINE = re.compile(r"no-?reply|bounce|support@|info@|office@|newsletter|notifications?@|@lists?\.|-devel@|-users@")
REMINDERS = {"follow-up", "reconnect", "roundup", "promise", "introduction"}
BIRTHDAYS = (42, 51, 63, 72)
"""Working days of the demo's year on which there is a look: days after its beginning."""


class Year:
    """What was written over a year, beside the input and who may not be written to."""

    def __init__(self, looks: Sequence[weeks.Look], source: raw.Raw, quiet: set[str]) -> None:
        self.looks = looks
        self.source = source
        self.quiet = quiet
        self.people = looks[-1].state.people
        self.zone = looks[-1].state.settings.me.zone

    @property
    def drafts(self) -> list[tuple[Entry, datetime]]:
        return [(item, look.state.now) for look in self.looks for item in look.plan.write if item.kind == "draft"]

    def judged(self, item: Entry, at: datetime) -> tuple[bool, list[str]]:
        people = [self.people[who] for who in (item.person, *item.also)]
        addresses = [address for person in people for address in person.addresses]
        return raw.judged(item.title, item.body, addresses, self.source, at.astimezone(self.zone).date())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Year:
    """The demo's year, imported once, then planned from its third month on, every third day."""
    folder = tmp_path_factory.mktemp("demo")
    make_world(folder, END)
    _same_ids(folder / "state")
    session = open_session(folder / "config.toml", END)
    with session.ledger(write=True) as ledger:
        _first_look(session, ledger)
        import_all(session, ledger, session.world())
        memory = session.memory(ledger)
        whole, facts, events = memory.state(), memory.facts, tuple(ledger.records().events.values())
    begin = END - timedelta(days=330)
    strong = sorted(whole.people, key=lambda who: (-len(whole.touchpoints.get(who, ())), who))
    said = told_by_clara(whole, strong, begin)
    outlook = Outlook(whole.settings, whole.vocabulary)

    def state_at(now: datetime) -> State:
        calendar, opened = outlook.around(events, now)
        known = {who: tuple(item for item in items if item.at <= now) for who, items in facts.by_person.items()}
        people = tuple(one for one in facts.people if known.get(one.id))
        ahead = outlook.ahead(calendar, people, known, facts.own, now)
        return replace(
            whole,
            now=now,
            people={one.id: one for one in people},
            touchpoints=known,
            calendar=calendar,
            open_events=opened,
            ahead=ahead,
            decisions=tuple(item for item in (*whole.decisions, *said) if item.kind != "slot"),
            birthdays={who: f"{begin + timedelta(days=n):%m-%d}" for n, who in zip(BIRTHDAYS, strong, strict=False)},
        )

    span = END - timedelta(days=800), END + timedelta(days=60)
    source = raw.read(folder / "Sent.mbox", folder / "calendar.ics", VIENNA, span)
    source.events.update(((begin + timedelta(days=n)).date(), "birthday") for n in BIRTHDAYS)
    for item in said:
        for address in whole.people[item.about].addresses:
            source.said[address] |= {f"{item.at:%-d %B %Y}", *re.findall(r": ([^;]+)", item.value), item.value}
    noted = {text for texts in source.said.values() for text in texts}
    for who in strong:  # an introduction quotes the note on the other, too
        for address in whole.people[who].addresses:
            source.said[address] |= noted
    quiet = {item.about for item in said if item.value in {"muted", "never"}}
    return Year(list(weeks.lived(begin, 46, state_at, days=3)), source, quiet)


def told_by_clara(whole: State, strong: Sequence[str], begin: datetime) -> list[Decision]:
    """What the user says in that year: marks, notes, a promise."""

    def at(day: float, kind: str, about: str, value: str, reason: str = "") -> Decision:
        when = begin + timedelta(days=day)
        return Decision(key=f"{kind}/{about}/{value}", at=when, kind=kind, about=about, value=value, reason=reason)

    due = (begin + timedelta(days=70)).date().isoformat()
    thoughts = opinions(whole)
    fresh = [who for who in strong if whole.people[who].certain_name and thoughts[who].circle == "network"]
    return [
        *(at(-1, "mark", who, "key") for who in strong[:4]),
        at(-1, "mark", strong[5], "muted"),
        at(-1, "mark", strong[6], "never"),
        at(100, "note", fresh[8], "congratulate: the new workshop"),
        at(60, "promise", fresh[9], "the Graz study", due),
        at(20, "note", fresh[10], "needs: a trainer for pumps"),
        at(20, "note", fresh[-1], "offers: training for pumps"),
    ]


@pytest.fixture(scope="module")
def corpus(corpora: Path) -> Year:
    """A year of real sent mail, headers only, planned week by week; the twenty written to most are marked."""
    me = Me(name="Lifobu Hovude", addresses=("serite@famefure.example",), zone=CHICAGO)
    settings = Settings(me=me, reminders="home", drafts="post")
    end = datetime(2018, 3, 1, tzinfo=UTC)
    vocabulary = load_vocabulary()
    facts = detect(
        Records(messages=plain_mbox.messages(corpora / "sent.mbox")),
        settings=settings,
        vocabulary=vocabulary,
        decisions=(),
        now=end,
        known=(),
        new_id=lambda address: f"p-{address}",
        caught_up=True,
    )
    known: dict[str, list[object]] = {person.id: [] for person in facts.people}
    for item in sorted(facts.touchpoints, key=lambda one: (one.at, one.key)):
        known[item.person].append(item)
    times = sorted(item.at for item in facts.touchpoints)
    begin = times[-1] - timedelta(days=365)
    strong = sorted(known, key=lambda who: (-len(known[who]), who))[:20]
    marks = ("key", "target", "admired")
    said = [
        Decision(key=f"mark/{who}", at=begin, kind="mark", about=who, value="muted" if n == 3 else marks[n % 3])
        for n, who in enumerate(strong)
    ]

    def state_at(now: datetime) -> State:
        return State(
            now=now,
            settings=settings,
            vocabulary=vocabulary,
            people={person.id: person for person in facts.people},
            touchpoints={who: tuple(items) for who, items in known.items()},  # type: ignore[misc]
            ahead={},
            calendar=(),
            open_events=frozenset(),
            entries=(),
            decisions=tuple(said),
            sources={"archive": SourceState(account="archive", kind="mbox", caught_up=True)},
            earliest=times[0],
        )

    source = raw.read(corpora / "sent.mbox", None, CHICAGO, (end, end))
    return Year(list(weeks.lived(begin, 52, state_at)), source, {strong[3]})


@pytest.fixture(params=["demo", pytest.param("corpus", marks=pytest.mark.corpus)])
def year(request: pytest.FixtureRequest) -> Year:
    found: Year = request.getfixturevalue(request.param)
    return found


def test_what_the_drafts_say_is_true(year: Year) -> None:
    """Each day and each quotation of every draft stands in the input; nine in ten at least name something concrete."""
    assert len(year.drafts) > 8
    verdicts = [(item, *year.judged(item, at)) for item, at in year.drafts]
    assert not [(item.reason, item.title, item.body, false) for item, _, false in verdicts if false]
    assert sum(concrete for _, concrete, _ in verdicts) >= 0.9 * len(verdicts)


def test_nobody_gets_the_same_text_twice(year: Year) -> None:
    """No draft says what another said, greeting aside, to whomever."""
    said = Counter(f"{item.title}\n{item.body.partition(chr(10))[2]}" for item, _ in year.drafts)
    assert [text for text, count in said.items() if count > 1] == []


def test_drafts_go_to_people(year: Year) -> None:
    """None to a machine, a list, somebody muted or never; and to an address of that person."""
    for item, _ in year.drafts:
        assert item.person not in year.quiet
        assert item.to in year.people[item.person].addresses
        assert not MACHINE.search(item.to or "")


def test_never_more_than_a_person_can_tend(year: Year) -> None:
    """In every week at most 8 items, 5 of them reminders; three drafts at any time, one a person."""
    written = {item.key: item for look in year.looks for item in look.plan.write if item.start is not None}
    gone = {item.key for look in year.looks for item in look.state.entries if item.state == "withdrawn"}
    shown = [item for key, item in written.items() if key not in gone and item.kind in REMINDERS | {"brief", "debrief"}]
    by_week = Counter(item.start.astimezone(year.zone).isocalendar()[:2] for item in shown if item.start)
    assert max(by_week.values()) <= 8
    reminders = [item for item in shown if item.kind in REMINDERS and item.start]
    assert max(Counter(item.start.astimezone(year.zone).isocalendar()[:2] for item in reminders).values()) <= 5
    for look in year.looks:
        standing = [item for item in look.state.entries if item.kind == "draft" and item.state in {"written", "edited"}]
        assert len(standing) <= 3
        assert len({item.person for item in standing}) == len(standing)


def test_a_reason_is_used_once_a_year(year: Year) -> None:
    """But for the pick-up, and what the user asks for each time, no reason is used twice for one person in a year."""
    used: dict[tuple[str, str], datetime] = {}
    fates = {item.key: item.state for item in year.looks[-1].state.entries}
    for item, at in year.drafts:
        if item.reason in {"pick-up", "conversation", "promised"} or fates[item.key] == "withdrawn":
            continue
        before = used.get((item.person, item.reason))
        assert before is None or at - before >= timedelta(days=365), item.reason
        used[item.person, item.reason] = at


def test_every_kind_of_reason_comes_up(demo: Year) -> None:
    """The demo's year has a first meeting, a birthday, a congratulation, a promise, an introduction and more."""
    reasons = Counter(item.reason for item, _ in demo.drafts)
    assert reasons.keys() >= {"first-meeting", "pick-up", "birthday", "congratulation", "promised"}
