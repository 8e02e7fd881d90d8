"""What holds of every plan, whoever the people are and however full the calendar is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.records import Event
from daemon.model import OPEN_STATES, Decision, Entry, EntryState, Plan, Routine, State, instant, local_day
from daemon.plan import decide
from daemon.relate import is_known, is_open, opinions
from daemon.vocabulary import load_templates, load_vocabulary
from tests.histories import NOW, SETTINGS, ZONE, days, decided, entry, state, taken, touch

TEMPLATES = load_templates()
VOCABULARY = load_vocabulary()
HOLIDAY = date(2026, 6, 4)
RULED = replace(SETTINGS, routine=Routine(holidays=frozenset({HOLIDAY})))
STATES = (*get_args(EntryState), *4 * ("edited", "moved", "written"))
"""Those that stand come up more often: with them there is more to go wrong."""
KINDS = ["one-to-one", "small-group", "call", "wrote", "heard", "routine-meeting", "gathering"]


@st.composite
def worlds(draw: st.DrawFn) -> State:
    """People with chance histories, some just met, some marked; a calendar with meetings and days off."""
    facts = {}
    for number in range(draw(st.integers(1, 14))):
        who = f"p-{number}"
        recent = draw(st.integers(0, 3))
        ago = draw(st.lists(st.integers(60, 15_000), min_size=0 if recent else 1, max_size=8))
        ago += [draw(st.integers(60, 3 * 1440))] if recent == 0 else []
        items = [
            touch(
                draw(st.sampled_from(KINDS if minutes > 1440 * 3 or recent else ["one-to-one", "small-group"])),
                NOW - timedelta(minutes=minutes * (30 if minutes > 5000 else 1)),
                person=who,
                address=f"{who}@far.example",
                title="Pumps for the valley",
            )
            for minutes in ago
        ]
        facts[who] = tuple(sorted({item.key: item for item in items}.values(), key=lambda item: (item.at, item.key)))
    marks = draw(
        st.dictionaries(
            st.sampled_from(sorted(facts)), st.sampled_from(["key", "target", "muted", "never"]), max_size=6
        )
    )
    return state(
        {who: items for who, items in facts.items() if items},
        settings=RULED,
        decisions=tuple(decided("mark", who, mark) for who, mark in sorted(marks.items())),
        calendar=tuple(draw(st.lists(events(), max_size=8))),
    )


@st.composite
def events(draw: st.DrawFn) -> Event:
    day = (NOW + days(draw(st.integers(0, 27)))).date()
    if draw(st.booleans()):
        start = instant(day, ZONE) + timedelta(hours=draw(st.integers(7, 10)))
        return event(start, start + timedelta(minutes=draw(st.integers(10, 300))))
    return event(
        day, day + timedelta(days=draw(st.integers(1, 4))), kind=draw(st.sampled_from(["default", "out-of-office"]))
    )


def event(start: datetime | date, end: datetime | date, **more: object) -> Event:
    key = f"{start.isoformat()}-{end.isoformat()}"
    return Event(key=key, uid=key, source_id=key, account="agenda", start=start, end=end, **more)  # type: ignore[arg-type]


def plan_for(world: State) -> Plan:
    world = replace(world, vocabulary=VOCABULARY)
    return decide(world, opinions(world), TEMPLATES)


def is_off(day: date, calendar: tuple[Event, ...]) -> bool:
    away = (
        item for item in calendar if item.all_day and (item.kind == "out-of-office" or (item.end - item.start).days > 1)
    )
    return day.weekday() > 4 or day == HOLIDAY or any(item.start <= day < item.end for item in away)  # type: ignore[operator]


def check(world: State, plan: Plan) -> None:
    """Assert everything that no plan may break."""
    after = taken(world, plan)
    shown = [item for item in after.entries if item.kind != "draft" and item.state not in {"withdrawn", "failed"}]
    starts = [local_day(item.start, ZONE) for item in shown if item.start]
    assert max(Counter(starts).values(), default=0) <= 2
    assert max(Counter(day.isocalendar()[:2] for day in starts).values(), default=0) <= 5
    first = Counter(
        local_day(item.start, ZONE).isocalendar()[:2] for item in shown if item.kind == "follow-up" and item.start
    )
    assert max(first.values(), default=0) <= 3
    drafts = [item.person for item in after.entries if item.kind == "draft" and item.state in OPEN_STATES]
    assert len(drafts) <= 3
    assert len(set(drafts)) == len(drafts)
    keys = [item.key for item in after.entries]
    assert len(set(keys)) == len(keys)
    about = Counter(
        who
        for item in after.entries
        if item.kind != "draft" and is_open(item, world.now)
        for who in (item.person, *item.also)
    )
    assert max(about.values(), default=0) <= 1
    for item in plan.write:
        check_time(world, item)


def check_time(world: State, item: Entry) -> None:
    if item.kind == "draft":
        assert item.start is None
        return
    assert item.start is not None
    assert item.end is not None
    assert item.start >= world.now
    assert item.start <= world.now + days(28)
    assert not is_off(local_day(item.start, ZONE), world.calendar)
    assert time(9) <= item.start.astimezone(ZONE).time() <= time(17)
    for other in world.calendar:
        if not other.all_day:
            assert not (instant(other.start, ZONE) < item.end and item.start < instant(other.end, ZONE))


@settings(max_examples=60)
@given(worlds())
def test_no_limit_is_ever_exceeded(world: State) -> None:
    """No week, day or draft above its limit; nothing in the past, on a day off, on busy time, or twice for a person."""
    check(world, plan_for(world))


@settings(max_examples=60)
@given(worlds(), st.sampled_from(["waiting", "written"]))
def test_deciding_again_writes_nothing_more(world: State, as_: str) -> None:
    """Once its result is in the state, the same day has nothing more to write, take back or decide."""
    after = taken(world, plan_for(world), as_)
    again = plan_for(after)
    assert (again.write, again.withdraw, again.decisions) == ((), (), ())


@st.composite
def lived(draw: st.DrawFn) -> State:
    """A world in which things were written, answered, marked and unmarked before, or will be after now."""
    world = draw(worlds())
    who = sorted(world.people)
    rows = {item.key: item for item in draw(st.lists(rows_about(world, who), max_size=12))} if who else {}
    said = draw(st.lists(words_about(who), max_size=8)) if who else []
    words = {item.key: item for item in (*world.decisions, *said)}
    world = replace(world, entries=tuple(rows.values()), decisions=tuple(words.values()))
    return answered(draw, world) if draw(st.booleans()) else world


def answered(draw: st.DrawFn, world: State) -> State:
    """Return ``world`` with what was decided in it some days ago, and whatever the user did with that."""
    for ago in sorted(draw(st.sets(st.integers(1, 9), min_size=1, max_size=2)), reverse=True):
        then = replace(world, now=NOW - days(ago))
        before = {item.key for item in world.entries}
        rows = (
            item if item.key in before else replace(item, state=draw(st.sampled_from(STATES)))
            for item in taken(then, plan_for(then)).entries
        )
        world = replace(world, entries=tuple(rows))
    return world


@st.composite
def rows_about(draw: st.DrawFn, world: State, people: list[str]) -> Entry:
    """A row of any kind and state about somebody, on facts of theirs or on none that is left."""
    about = draw(st.sampled_from(people))
    keys = [item.key for item in world.touchpoints[about]] + ["nothing\tleft"]
    kind = draw(st.sampled_from(["reconnect", "reconnect", "follow-up", "draft", "draft", "roundup"]))
    fact, day = draw(st.sampled_from(keys)), draw(st.sampled_from([*range(-9, 9), *range(-60, 21, 4)]))
    past = min(day, draw(st.integers(-60, 0))) - draw(st.integers(0, 9))
    decided_on = draw(st.sampled_from([past, past, past, 2]))
    first = kind in {"follow-up", "roundup"} or (kind == "draft" and draw(st.booleans()))
    other = draw(st.sampled_from(people))
    return entry(
        kind,
        about,
        day=day,
        state=draw(st.sampled_from(STATES)),
        key=f"{kind}/{about}/{draw(st.integers(0, 9))}",
        reason="first-meeting" if first else "pick-up" if kind == "draft" else "due",
        fact=fact,
        evidence=tuple(dict.fromkeys((fact, *draw(st.lists(st.sampled_from(keys), max_size=2))))),
        decided=NOW + days(decided_on),
        settled=NOW + days(draw(st.integers(decided_on, max(decided_on, 0)))),
        ref=draw(st.sampled_from(["ref", "ref", None])),
        leaving=draw(st.sampled_from(["", "", "", "overtaken", "muted"])),
        also=(other,) if kind == "roundup" and other != about else (),
    )


@st.composite
def words_about(draw: st.DrawFn, people: list[str]) -> Decision:
    about, at = draw(st.sampled_from(people)), NOW + days(draw(st.integers(-90, 2)))
    kind = draw(st.sampled_from(["mark", "unmark", "unmark", "slot", "slot-free", "circle", "every"]))
    if kind in {"mark", "unmark"}:
        return decided(kind, about, draw(st.sampled_from(["key", "target", "muted", "never"])), at)
    values = {"slot-free": ["muted", "let go"], "circle": ["network", "service", "correspondent"], "every": ["20"]}
    said = decided(kind, about, draw(st.sampled_from(values.get(kind, [""]))), at)
    return replace(said, key=f"slot/{about}/{at.isoformat()}") if kind.startswith("slot") else said


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(lived(), st.sampled_from(["waiting", "written"]))
def test_deciding_twice_is_deciding_once(world: State, as_: str) -> None:
    """Whatever was written before, and whatever became of it, the same day has nothing more to decide after that."""
    after = taken(world, plan_for(world), as_)
    again = plan_for(after)
    assert (again.write, again.withdraw, again.decisions) == ((), (), ())


def check_drafts(world: State) -> None:
    """Assert that one draft a person stays, or those that the user edited; that a new one comes only where none stays,
    and takes the place only of one that leaves."""
    world = replace(world, entries=tuple(item for item in world.entries if is_known(item, world.now)))
    plan = plan_for(world)
    gone = {item.key for item in plan.withdraw}
    drafts = [item for item in world.entries if item.kind == "draft"]
    stay = [item for item in drafts if item.state in OPEN_STATES and item.key not in gone and not item.leaving]
    new = [item for item in plan.write if item.kind == "draft"]
    for who, count in Counter(item.person for item in (*stay, *new)).items():
        assert count in {1, sum(item.person == who and item.state == "edited" for item in stay)}
    outside = {item.outside: item for item in drafts}
    for item in new:
        if item.place:
            assert outside[item.place].key in gone
            assert (outside[item.place].state, outside[item.place].person) == ("written", item.person)
    assert not {item.key for item in drafts if item.state == "edited"} & gone


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(lived())
def test_one_open_draft_a_person_whatever_happened(world: State) -> None:
    """Whatever was written before, and whatever the user did with it."""
    check_drafts(world)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.data())
def test_one_open_draft_for_people_who_were_two(world: State, data: st.DataObject) -> None:
    """Drafts to two who are one now, untouched, not yet delivered or edited."""
    after = taken(world, plan_for(world))
    doubles = [
        replace(
            item,
            key=f"{item.key}/{number}",
            state=data.draw(st.sampled_from(["written", "waiting", "edited"])),
            reason=data.draw(st.sampled_from(["pick-up", "first-meeting"])),
        )
        for item in after.entries
        if item.kind == "draft"
        for number in range(data.draw(st.integers(0, 2)))
    ]
    check_drafts(replace(after, entries=(*after.entries, *doubles)))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(lived())
def test_what_was_decided_later_is_not_there_yet(world: State) -> None:
    """Rows decided after now change nothing: not what is written, taken back, held or decided (U12)."""
    known = tuple(item for item in world.entries if item.decided is None or item.decided <= world.now)
    assert plan_for(world) == plan_for(replace(world, entries=known))


@settings(max_examples=40)
@given(worlds(), st.randoms(use_true_random=False))
def test_order_never_matters(world: State, random) -> None:  # type: ignore[no-untyped-def]
    """People, calendar and decisions in another order give the same plan."""
    people = list(world.people.items())
    events_, decisions = list(world.calendar), list(world.decisions)
    for items in (people, events_, decisions):
        random.shuffle(items)
    other = replace(world, people=dict(people), calendar=tuple(events_), decisions=tuple(decisions))
    assert plan_for(other) == plan_for(world)


@settings(max_examples=60)
@given(worlds())
def test_nobody_is_left_without_a_word(world: State) -> None:
    """Everybody in the network is written about or held with a reason, never both for one kind."""
    plan = plan_for(world)
    written = {who for item in plan.write for who in (item.person, *item.also)}
    held = {item.person for item in plan.held}
    assert {who for who, item in opinions(world).items() if item.circle == "network"} <= written | held
    assert len({(item.person, item.kind) for item in plan.held}) == len(plan.held)
    assert not {(item.person, item.kind) for item in plan.write} & {(item.person, item.kind) for item in plan.held}


@settings(max_examples=12)
@given(worlds(), st.data())
def test_a_month_of_days(world: State, data: st.DataObject) -> None:
    """Day after day, whatever the user does with what was written, no limit is exceeded and nothing comes back."""
    deleted: set[str] = set()
    for day in range(0, 30, 3):
        today = replace(world, now=NOW + days(day))
        plan = plan_for(today)
        check(today, plan)
        assert not deleted & {item.key for item in plan.write}
        world = taken(today, plan)
        standing = [item.key for item in world.entries if item.state == "written"]
        for key in data.draw(st.lists(st.sampled_from(standing), max_size=2, unique=True)) if standing else ():
            answer = data.draw(st.sampled_from(["dismissed", "done", "edited"]))
            deleted |= {key} if answer == "dismissed" else set()
            entries = (
                replace(item, state=answer if item.kind != "draft" else "discarded", settled=today.now)
                if item.key == key
                else item
                for item in world.entries
            )
            world = replace(world, entries=tuple(entries))
