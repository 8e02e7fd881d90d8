"""What holds of every plan, whoever the people are and however full the calendar is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from histories import NOW, SETTINGS, ZONE, days, decided, state, taken, touch
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.records import Event
from daemon.model import OPEN_STATES, Entry, Plan, Routine, State, instant, local_day
from daemon.plan import decide
from daemon.relate import is_open, opinions
from daemon.vocabulary import load_templates, load_vocabulary

TEMPLATES = load_templates()
VOCABULARY = load_vocabulary()
HOLIDAY = date(2026, 6, 4)
RULED = replace(SETTINGS, routine=Routine(holidays=frozenset({HOLIDAY})))
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
