"""What a process keeps between two looks at the ledger is what reading the whole ledger says."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mbox import Mbox
from connectors.records import Event, Guest, Mailbox, Message
from daemon import knowledge, learning
from daemon.demo import make_world
from daemon.demo.people import ALIAS, ME, ME_NAME
from daemon.derived import View
from daemon.detect.cards import card_decision
from daemon.knowledge import Knowledge
from daemon.ledger import Ledger, open_ledger
from daemon.model import CardSource, Decision, Me, Settings, SourceState, instant
from daemon.relate import opinions
from daemon.session import open_session
from daemon.state import Memory
from daemon.tick import catch_up
from daemon.vocabulary import load_vocabulary

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Vienna")
CLARA = Settings(
    me=Me(name=ME_NAME, addresses=(ME, ALIAS), zone=ZONE), hints={"calendar": ("linkedin",), "sent": ("linkedin",)}
)
VOCABULARY = load_vocabulary()
Item = Event | Message


@cache
def demo() -> tuple[Item, ...]:
    """The records of Clara's invented year, in order of time."""
    with TemporaryDirectory() as folder:
        make_world(Path(folder), NOW)
        session = open_session(Path(folder) / "config.toml", NOW)
        with session.ledger(write=True) as ledger:
            catch_up(ledger, session.world(), NOW, lambda _: None)
            records = ledger.records()
    items = [*records.events.values(), *records.messages.values()]
    return tuple(sorted(items, key=lambda item: (moment(item), item.key)))


def moment(item: Item) -> datetime:
    return item.at or NOW if isinstance(item, Message) else instant(item.start, ZONE)


class Watch:
    """A ledger that stays open, and what is known of it."""

    def __init__(self, ledger: Ledger, wishes: Settings = CLARA) -> None:
        self.ledger = ledger
        self.wishes = wishes
        self.knowledge = Knowledge(lasting=True)
        self.looks: list[bool] = []
        """Of each tick, whether it read every record."""

    @property
    def read_everything(self) -> bool:
        """The last tick read every record."""
        return self.looks[-1]

    def memory(self, now: datetime, *, kept: bool = True) -> Memory:
        knowledge = self.knowledge if kept else None
        accounts = self.ledger.sources()
        return Memory(self.ledger, self.wishes, VOCABULARY, now, accounts, knowledge=knowledge)

    def tick(
        self, now: datetime, items: Sequence[Item] = (), gone: Sequence[str] = (), told: Sequence[Decision] = ()
    ) -> Memory:
        with self.ledger.turn(), self.ledger.unit():
            self.ledger.save_records(items, gone)
            self.ledger.save_decisions(told)
            memory, before = self.memory(now), self.knowledge.shelf
            memory.facts  # noqa: B018 - to be looked at before it is saved
            self.looks.append(self.knowledge.shelf not in {before, None})
            memory.save()
        return memory

    def check(self, memory: Memory) -> None:
        """Assert that all that is known is what everything read again says."""
        anew = self.memory(memory.now, kept=False)
        full = anew.derive()
        known = memory.facts
        assert (known.people, known.touchpoints) == (full.people, full.touchpoints)
        if full.full is not None and (verdicts := memory.knowledge.verdicts(memory)) is not None:
            assert verdicts == full.full.verdicts
        assert (known.until, known.earliest, known.own) == (full.until, full.earliest, full.own)
        assert (set(self.ledger.people()), set(self.ledger.touchpoints())) == (set(full.people), set(full.touchpoints))
        state, fresh = memory.state(), self.memory(memory.now, kept=False).state()
        assert replace(state, touchpoints=dict(state.touchpoints)) == fresh
        assert opinions(state, self.knowledge.summaries) == opinions(fresh)


@contextmanager
def watch(folder: Path, wishes: Settings = CLARA) -> Iterator[Watch]:
    with open_ledger(folder, lean=True) as ledger:
        with ledger.turn(), ledger.unit():
            ledger.save_sources(
                [SourceState(account=name, kind="ics", caught_up=True) for name in ("calendar", "sent")]
            )
        yield Watch(ledger, wishes)


def test_a_year_day_by_day(tmp_path: Path) -> None:
    """Clara's whole year comes day by day: every two weeks all is as if everything were read."""
    first = NOW - timedelta(days=365)
    with watch(tmp_path) as seen:
        events = [item for item in demo() if isinstance(item, Event)]
        seen.tick(first, [*events, *(item for item in demo() if isinstance(item, Message) and moment(item) <= first)])
        for day in range(365):
            now, until = first + timedelta(days=day), first + timedelta(days=day + 1)
            come = [item for item in demo() if isinstance(item, Message) and now < moment(item) <= until]
            memory = seen.tick(until, come)
            assert not seen.read_everything, "a day's mail is followed, not everything read again"
            if day % 13 == 0:
                seen.check(memory)
        seen.check(memory)


def test_what_only_deriving_needed_is_let_go_before_facts_are_saved(tmp_path: Path) -> None:
    """When facts are saved no record is in memory any more, and what detection said can be asked for all the same."""

    def alive() -> int:
        return sum(isinstance(item, Event | Message) for item in gc.get_objects())

    with watch(tmp_path) as seen, seen.ledger.unit():
        seen.ledger.save_records(demo())
        before, memory = alive(), seen.memory(NOW, kept=False)
        known = memory.facts
        assert (alive() >= before + len(demo()), known.full is not None) == (True, True)
        del known
        memory.save()
        assert alive() == before
        assert memory.facts.full is None
        assert memory.detailed() == seen.memory(NOW, kept=False).derive().full


# -- whatever happens --------------------------------------------------------------------------------------------------

NAMES = ["Maria Huber", "Thomas Aigner", "Karim Haddad", "Ines Moreau", "Karl"]
numbers = st.integers(0, 10_000)
steps = st.one_of(
    st.tuples(st.just("come"), st.lists(numbers, min_size=1, max_size=5)),
    st.tuples(st.just("go"), numbers),
    st.tuples(st.sampled_from(["cancelled", "accepted", "other title", "other people", "other time"]), numbers),
    st.tuples(st.just("time"), st.sampled_from([0, 1, 20, 200, 2000])),
    st.tuples(st.sampled_from(["mark", "sign", "note", "merge", "split", "keep"]), numbers),
    st.tuples(st.sampled_from(["card", "part", "accepted an invitation", "evening"]), numbers),
    st.tuples(st.just("elsewhere"), numbers),
    st.tuples(st.just("error"), numbers),
)


def edited(item: Item, how: str) -> Item:
    """The record as it may be changed: cancelled, answered, with another title, one more person, a day later."""
    more = Mailbox(address="dora.double@new.example", name="Dora Double")
    if isinstance(item, Message):
        at = None if item.at is None else item.at + timedelta(days=1)
        changes = {
            "other title": {"subject": "Kaffee"},
            "other people": {"to": (*item.to, more)},
            "other time": {"at": at},
        }
        return replace(item, **changes.get(how, {"draft": True}))  # type: ignore[arg-type]
    guest = Guest(address=more.address, name=more.name, answer="accepted")
    day = timedelta(days=1)
    changed: dict[str, dict[str, Any]] = {
        "cancelled": {"status": "cancelled"},
        "accepted": {"guests": tuple(replace(one, answer="accepted") for one in item.guests)},
        "other title": {"title": "Lunch with Maria"},
        "other people": {"guests": (*item.guests, guest)},
        "other time": {"start": item.start + day, "end": item.end + day},
    }
    return replace(item, **changed[how])


def decided(kind: str, number: int, seen: Watch, now: datetime) -> Decision:
    people = sorted(seen.ledger.people(), key=lambda person: person.id)
    one = people[number % len(people)] if people else None
    other = people[number // 7 % len(people)] if people else None
    about = "" if one is None else next(iter(one.addresses), "") if kind == "keep" else one.id
    values = {
        "mark": "target",
        "sign": "call",
        "note": "tall",
        "merge": other.id if other else "",
        "split": next(iter(one.addresses), "") if one else "",
    }
    return Decision(key=f"d{number}/{kind}", at=now, kind=kind, about=about, value=values.get(kind, ""))


def named(number: int) -> str:
    """Somebody of the demo's, or one of ``NAMES``."""
    people = {box.name: box for item in demo() if isinstance(item, Message) for box in item.to if box.name}
    known = [*NAMES, *sorted(people)]
    return known[number % len(known)]


def card(number: int, seen: Watch, now: datetime) -> Decision:
    """A card of any source; with an address, or an event, of the demo's."""
    boxes = sorted({box.address for item in demo() if isinstance(item, Message) for box in item.to})
    events = sorted(seen.ledger.records().events.values(), key=lambda event: event.key)
    source: CardSource = ("debrief", "typed", "vcard", "connections")[number % 4]
    address = (boxes[number % len(boxes)], "nobody@new.example", None)[number // 4 % 3]
    return card_decision(
        named(number // 12),
        now - timedelta(days=number % 20),
        source,
        new_id=seen.ledger.person_id,
        addresses=() if address is None else (address,),
        event=events[number % len(events)].key if events and source == "debrief" and number % 3 else None,
    )


def accepted(number: int, now: datetime) -> Message:
    """LinkedIn's mail that somebody accepted an invitation."""
    sender = Mailbox(address="invitations@linkedin.com", name=f"{named(number)} via LinkedIn")
    at = now - timedelta(hours=number % 100)
    return Message(
        key=f"hint{number}", account="sent", at=at, sender=sender, subject="Ann accepted your invitation", sent=False
    )


def evening(number: int, now: datetime) -> Event:
    """An open event a little before or after now."""
    start = now + timedelta(hours=number % 120 - 90)
    return Event(
        key=f"evening{number % 3}",
        uid=f"evening{number % 3}",
        source_id=f"evening{number % 3}",
        account="calendar",
        start=start,
        end=start + timedelta(hours=3),
        title=("Founders meetup", "Stammtisch", "Dinner")[number % 7 % 3],
    )


CARDS = frozenset({"card", "part", "a mail to a card", "accepted an invitation", "evening"})


def about_cards(seen: Watch, kind: str, value: int, now: datetime) -> None:
    """Let one thing happen that has to do with cards."""
    if kind == "card":
        seen.check(seen.tick(now, told=[card(value, seen, now)]))
    elif kind == "part":
        people = sorted(seen.ledger.people(), key=lambda person: person.id)
        joined = [(person.id, id_) for person in people for id_ in (*person.cards, person.id)] or [("", "")]
        about, out = joined[value % len(joined)]
        seen.check(seen.tick(now, told=[Decision(key=f"p{value}", at=now, kind="split", about=about, value=out)]))
    elif kind == "a mail to a card":
        cards = [person.name for person in seen.ledger.people() if person.card] or NAMES
        to = Mailbox(address=f"n{value % 50}@new.example", name=sorted(cards)[value % len(cards)])
        sender = Mailbox(address=ME, name=ME_NAME)
        seen.check(seen.tick(now, [Message(key=f"w{value}", account="sent", at=now, sender=sender, to=(to,))]))
    elif kind == "accepted an invitation":
        seen.check(seen.tick(now, [accepted(value, now)]))
    elif kind == "evening":
        seen.check(seen.tick(now, [evening(value, now)]))


def take(seen: Watch, step: tuple[str, Any], now: datetime) -> datetime:
    """Let one thing happen; return the time after it."""
    kind, value = step
    stored = seen.ledger.records()
    names = sorted([*stored.events, *stored.messages])
    known = stored.events | stored.messages  # type: ignore[operator]
    if kind in CARDS:
        about_cards(seen, kind, value, now)
    elif kind == "come":
        seen.check(seen.tick(now, [demo()[number % len(demo())] for number in value]))
    elif kind == "time":
        now += timedelta(hours=value)
        seen.check(seen.tick(now))
    elif kind == "go" and names:
        seen.check(seen.tick(now, gone=[names[value % len(names)]]))
    elif kind in {"cancelled", "accepted", "other title", "other people", "other time"} and names:
        seen.check(seen.tick(now, [edited(known[names[value % len(names)]], kind)]))
    elif kind == "elsewhere":
        elsewhere(seen, [demo()[value % len(demo())]], at=now)
        seen.check(seen.tick(now))
    elif kind == "error":
        with suppress(ZeroDivisionError), seen.ledger.turn(), seen.ledger.unit():
            seen.ledger.save_records([demo()[value % len(demo())]])
            seen.memory(now).save()
            raise ZeroDivisionError
        seen.knowledge = Knowledge(lasting=True)
        seen.check(seen.tick(now))
    elif kind in {"mark", "sign", "note", "merge", "split", "keep"}:
        seen.check(seen.tick(now, told=[decided(kind, value, seen, now)]))
    return now


@settings(max_examples=25)
@given(st.integers(0, 5_000), st.lists(steps, min_size=1, max_size=6))
def test_whatever_happens_is_followed(first: int, script: list[tuple[str, Any]]) -> None:
    """Records come, change and go, time passes, the user decides, another process writes, a tick fails: what is known
    and stored is always what reading everything again says."""
    begin = first % (len(demo()) - 80)
    with TemporaryDirectory() as folder, watch(Path(folder)) as seen:
        now = moment(demo()[begin + 70])
        seen.check(seen.tick(now, demo()[begin : begin + 80]))
        for step in script:
            now = take(seen, step, now)


@contextmanager
def apart() -> Iterator[None]:
    """Let everything that is studied be studied in a copy of this process, and nothing here."""
    here, learned = os.getpid(), learning._learned

    def elsewhere_only(view: View) -> Any:
        assert os.getpid() != here
        return learned(view)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(knowledge, "MANY", 0)
        patch.setattr(learning, "_learned", elsewhere_only)
        yield


@settings(max_examples=15)
@given(st.integers(0, 5_000), st.lists(steps, min_size=1, max_size=6))
def test_what_a_copy_studied_is_followed_as_if_it_were_studied_here(first: int, script: list[tuple[str, Any]]) -> None:
    """Whether a copy of the process studies or the process itself: the same is known, and the same changes of it are
    followed."""
    begin, looks = first % (len(demo()) - 80), []
    for where in (nullcontext, apart):
        with TemporaryDirectory() as folder, watch(Path(folder)) as seen, where():
            now = moment(demo()[begin + 70])
            seen.check(seen.tick(now, demo()[begin : begin + 80]))
            for step in script:
                now = take(seen, step, now)
            looks.append(seen.looks)
    assert looks[0] == looks[1]
    assert looks[0][0]


def test_few_records_are_studied_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is begun for a few records, nor for a single look at many."""
    monkeypatch.setattr(learning, "made_or_here", None)
    with watch(tmp_path) as seen:
        seen.check(seen.tick(NOW, demo()[: knowledge.MANY - 1]))
        monkeypatch.setattr(knowledge, "MANY", 0)
        assert seen.memory(NOW, kept=False).derive().people == seen.memory(NOW).facts.people


def test_where_no_copy_can_be_had_all_is_studied_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process to be had, one that is killed, one that meets an error: the same comes out, and an error shows."""
    here, learned = os.getpid(), learning._learned
    monkeypatch.setattr(knowledge, "MANY", 0)

    def no_process() -> int:
        raise BlockingIOError

    def killed(view: View) -> Any:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return learned(view)

    def wrong(_: View) -> Any:
        raise ZeroDivisionError

    with watch(tmp_path) as seen:
        for name, how in (("os.fork", no_process), ("daemon.learning._learned", killed)):
            with monkeypatch.context() as patch:
                patch.setattr(name, how)
                seen.knowledge = Knowledge(lasting=True)
                seen.check(seen.tick(NOW, [replace(demo()[0], account=name), *demo()[1:60]]))
                assert seen.read_everything
        monkeypatch.setattr("daemon.learning._learned", wrong)
        seen.knowledge = Knowledge(lasting=True)
        with pytest.raises(ZeroDivisionError):
            seen.tick(NOW, demo()[60:70])


def test_what_no_commit_holds_yet_is_studied_too(tmp_path: Path) -> None:
    """Records that were only staged when the copy was made, which reads the ledger's file but never its lock."""
    with watch(tmp_path) as seen, apart():
        seen.check(seen.tick(NOW, demo()[:60]))
        seen.knowledge = Knowledge(lasting=True)
        seen.check(seen.tick(NOW, demo()[60:90]))
        assert seen.looks == [True, True]


def test_the_event_of_a_card_gets_another_title(tmp_path: Path) -> None:
    """Whom the user met at an event was met at it under its new name, too."""
    with watch(tmp_path) as seen:
        seen.tick(NOW, demo()[:60])
        met = next(item for item in demo()[:60] if isinstance(item, Event))
        told = card_decision("Ines Moreau", NOW, "debrief", new_id=seen.ledger.person_id, event=met.key)
        seen.check(seen.tick(NOW, told=[told]))
        seen.check(seen.tick(NOW, [replace(met, title="Something else")]))
        assert "Something else" in {item.title for item in seen.ledger.touchpoints() if item.source == told.key}


def test_asked_twice_within_one_tick(tmp_path: Path) -> None:
    """What was saved in the unit of work under way is known and followed on; a record that came since is seen."""
    with watch(tmp_path) as seen:
        seen.tick(NOW, demo()[:200])
        shelf = seen.knowledge.shelf
        with seen.ledger.unit():
            seen.ledger.save_records(demo()[200:210])
            first = seen.memory(NOW)
            assert first.save() > 0
            assert seen.memory(NOW).facts is first.facts
            assert seen.memory(NOW).save() == 0
        assert seen.memory(NOW).facts is first.facts
        assert seen.knowledge.shelf is shelf, "everything was read again"
        seen.check(seen.tick(NOW, demo()[210:220]))
        assert seen.knowledge.shelf is shelf
        with seen.ledger.unit():
            seen.ledger.save_records(demo()[220:230])
            seen.memory(NOW).save()
            seen.ledger.save_records(demo()[230:250])
            again = seen.memory(NOW)
            assert again.save() > 0
        seen.check(again)


def test_what_was_followed_is_forgotten(tmp_path: Path) -> None:
    """Which rows changed is remembered up to the next look only, however many looks there are."""
    with watch(tmp_path) as seen:
        for number in range(20):
            seen.tick(NOW, demo()[number * 10 : number * 10 + 10])
            with seen.ledger.turn(), seen.ledger.unit():
                seen.ledger.set_meta("other", number)
            seen.memory(NOW).facts  # noqa: B018 - to be looked at
        assert len(seen.ledger._storage._changes) == 0
        assert seen.looks == [True, *[False] * 19]


def test_what_is_new_is_packed_before_all_is_derived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The indexes are as small as they can be while a copy of the process stands beside it."""
    learned, waiting = learning._learned, list[int]()

    def noted(view: View) -> Any:
        indexes = view.ledger._storage._indexes.values()
        waiting.append(sum(built.waiting for found in indexes for built in found._built.values()))
        return learned(view)

    monkeypatch.setattr(learning, "_learned", noted)
    with watch(tmp_path) as seen:
        seen.tick(NOW, demo()[:60])
        seen.knowledge = Knowledge(lasting=True)
        with seen.ledger.turn(), seen.ledger.unit():
            seen.ledger.save_records([replace(item, account="anew") for item in demo()[:60]])
        built = [built for found in seen.ledger._storage._indexes.values() for built in found._built.values()]
        assert sum(each.waiting for each in built) > 0
        seen.memory(NOW).facts  # noqa: B018 - to be derived
    assert waiting[-1] == 0


def test_another_address_the_user_typed_turns_up(tmp_path: Path) -> None:
    """The second address typed beside a name is a person's as well, even if it is only copied later."""
    typed = ("ines@new.example", "ines@old.example")
    with watch(tmp_path) as seen:
        seen.tick(NOW, demo()[:60])
        told = card_decision("Ines Moreau", NOW, "typed", new_id=seen.ledger.person_id, addresses=typed)
        seen.check(seen.tick(NOW, told=[told]))
        mail = next(item for item in demo() if isinstance(item, Message) and len(item.to) == 1)
        seen.check(seen.tick(NOW, [replace(mail, key="cc", at=NOW, cc=(Mailbox(address=typed[1]),))]))
        assert typed[1] in {address for person in seen.ledger.people() for address in person.addresses}


card_steps = st.one_of(
    st.tuples(st.sampled_from(["card", "part", "accepted an invitation", "evening", "merge"]), numbers),
    st.tuples(st.just("come"), st.lists(numbers, min_size=1, max_size=3)),
    st.tuples(st.just("a mail to a card"), numbers),
    st.tuples(st.sampled_from(["go", "other people", "other time", "cancelled", "other title"]), numbers),
    st.tuples(st.just("time"), st.sampled_from([1, 20, 60, 400])),
)


@settings(max_examples=25)
@given(st.integers(0, 5_000), st.lists(numbers, max_size=6), st.lists(card_steps, min_size=1, max_size=8))
def test_cards_are_followed(first: int, told: list[int], script: list[tuple[str, Any]]) -> None:
    """Cards of every source lie among the decisions while records come, change and go: whom they join, and where people
    were probably met, is always what reading everything again says."""
    begin = first % (len(demo()) - 40)
    with TemporaryDirectory() as folder, watch(Path(folder)) as seen:
        now = moment(demo()[begin + 40])
        seen.tick(now, [*demo()[begin : begin + 40], evening(first, now), accepted(first, now)])
        seen.check(seen.tick(now, told=[card(number, seen, now) for number in told]))
        for step in script:
            now = take(seen, step, now)


def elsewhere(
    seen: Watch, items: Sequence[Item] = (), gone: Sequence[str] = (), *, at: datetime = NOW, derive: bool = True
) -> None:
    """Another process writes records, and facts with them if it comes so far."""
    with open_ledger(seen.ledger.folder) as other, other.unit():
        other.save_records(items, gone)
        if derive:
            Memory(other, CLARA, VOCABULARY, at, other.sources()).save()


@pytest.mark.parametrize(("first", "others"), [((2, 82), (1, 0)), ((100, 180), (142, 99)), ((100, 180), (99, 142))])
def test_facts_of_another_process_at_the_same_moment_are_noticed(
    tmp_path: Path, first: tuple[int, int], others: tuple[int, int]
) -> None:
    """Records that another process added, facts and all, are seen although the facts hold for the same span."""
    with watch(tmp_path) as seen:
        seen.check(seen.tick(NOW, [item for item in demo()[slice(*first)] if item not in {demo()[n] for n in others}]))
        for number in others:
            elsewhere(seen, [demo()[number]])
            seen.check(seen.tick(NOW))


def test_facts_that_another_process_left_behind_are_cleared_away(tmp_path: Path) -> None:
    """A record came and went elsewhere, its facts only came: nothing of them is left."""
    with watch(tmp_path) as seen:
        seen.check(seen.tick(NOW, demo()[100:180]))
        mail = next(item for item in reversed(demo()) if isinstance(item, Message) and item.to)
        elsewhere(seen, [mail])
        elsewhere(seen, gone=[f"{mail.account}\t{mail.key}"], derive=False)
        seen.check(seen.tick(NOW))


def test_what_is_around_is_looked_at_again_when_it_changes(tmp_path: Path) -> None:
    """An upcoming meeting gets another title; days pass, one by one: the calendar around is as if seen anew."""
    with watch(tmp_path) as seen:
        now = NOW - timedelta(days=30)
        seen.check(seen.tick(now, demo()))
        coming = next(item for item in demo() if isinstance(item, Event) and moment(item) > now + timedelta(days=2))
        seen.check(seen.tick(now, [replace(coming, title="Something else")]))
        for _ in range(6):
            now += timedelta(hours=25)
            seen.check(seen.tick(now))


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    """A look at which nothing has happened leaves the ledger as it is."""
    with watch(tmp_path) as seen:
        seen.tick(NOW, demo()[:200])
        before = seen.ledger.sequence
        seen.check(seen.tick(NOW))
        assert seen.ledger.sequence == before


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    """One more mail to somebody known writes the mail, its fact, and for how long the facts hold."""
    with watch(tmp_path) as seen:
        seen.tick(NOW, demo())
        before = seen.ledger.sequence
        mail = next(item for item in reversed(demo()) if isinstance(item, Message) and len(item.to) == 1)
        new = replace(mail, key="new", message_id="new", at=NOW, subject="Tea", in_reply_to=None, root=None)
        seen.tick(NOW, [new])
        changed = seen.ledger.changed(before)
        assert changed is not None
        assert {table: len(keys) for table, keys in changed.items()} == {"mails": 1, "touchpoints": 1, "meta": 1}


# -- real mail ---------------------------------------------------------------------------------------------------------


@pytest.mark.corpus
def test_real_mail_month_by_month(corpora: Path, tmp_path: Path) -> None:
    """2,154 real sent mails come month by month: persons and facts are those of reading everything."""
    me = Me(name="Lifobu Hovude", addresses=("serite@famefure.example",), zone=ZoneInfo("America/Chicago"))
    source = Mbox(path=corpora / "sent.mbox").open_source("sent", "UTC")
    assert source is not None
    items = sorted(source.pull(None, NOW).items, key=lambda item: (moment(item), item.key))
    with watch(tmp_path, Settings(me=me)) as seen:
        for start in range(0, len(items), 60):
            part = items[start : start + 60]
            memory = seen.tick(moment(part[-1]), part)
            if start // 60 % 3 == 0:
                seen.check(memory)
        seen.check(memory)
