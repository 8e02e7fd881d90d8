"""What holds of strength and opinions for every history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.model import DEFAULT_WEIGHTS, Capacity, Decision, State, StrengthRules, Touchpoint, local_day
from daemon.relate import Summaries, Summary, opinions, strength, summarise
from daemon.vocabulary import load_vocabulary
from tests.histories import NOW, SETTINGS, ZONE, days, decided, history, person, state, touch

RULES = StrengthRules()
KINDS = sorted(DEFAULT_WEIGHTS)


@st.composite
def touches(draw: st.DrawFn) -> Touchpoint:
    minutes = draw(st.integers(0, 500 * 24 * 60))
    return touch(
        draw(st.sampled_from(KINDS)), NOW - timedelta(minutes=minutes), source=f"s{draw(st.integers(0, 40))}-{minutes}"
    )


def world(facts: list[Touchpoint]) -> State:
    return state({"p-1": tuple(sorted(facts, key=lambda item: (item.at, item.key)))})


@given(st.lists(touches(), max_size=25), touches())
def test_another_day_never_lowers(facts: list[Touchpoint], more: Touchpoint) -> None:
    """One touch more on another day never lowers the strength (C49)."""
    busy = {local_day(item.at, ZONE) for item in facts}
    if local_day(more.at, ZONE) not in busy:
        assert strength([*facts, more], RULES, ZONE, NOW) >= strength(facts, RULES, ZONE, NOW)


@given(st.lists(touches(), max_size=25), st.randoms(use_true_random=False))
def test_order_never_matters(facts: list[Touchpoint], random) -> None:  # type: ignore[no-untyped-def]
    """However the facts are ordered, summary and strength are the same, to the last digit."""
    other = list(facts)
    random.shuffle(other)
    unique = {item.key: item for item in facts}
    if all(unique[item.key] == item for item in facts):
        assert strength(other, RULES, ZONE, NOW) == strength(facts, RULES, ZONE, NOW)
        assert summarise(other, RULES, ZONE) == summarise(facts, RULES, ZONE)


@given(st.lists(touches(), max_size=15))
def test_the_same_fact_twice_is_one(facts: list[Touchpoint]) -> None:
    """A fact that arrives twice counts once, everywhere."""
    once = opinions(world(list({item.key: item for item in facts}.values())))
    assert opinions(world([*facts, *facts])) == once


@given(st.lists(touches(), min_size=1, max_size=15), st.integers(1, 1000))
def test_strength_only_fades(facts: list[Touchpoint], later: int) -> None:
    """With nothing new, strength only falls, by half in each half-life."""
    now, then = strength(facts, RULES, ZONE, NOW), strength(facts, RULES, ZONE, NOW + days(later))
    assert then <= now
    assert then == pytest.approx(now * 0.5 ** (later / RULES.half_life))


@given(st.lists(touches(), max_size=25))
def test_a_day_counts_at_most_its_limit(facts: list[Touchpoint]) -> None:
    """No day adds more than the limit, however much happened on it."""
    found = {local_day(item.at, ZONE) for item in facts}
    assert strength(facts, RULES, ZONE, NOW) <= RULES.day_limit * len(found) + 1e-9


@given(st.lists(touches(), max_size=15), st.lists(touches(), min_size=1, max_size=5))
def test_the_future_is_invisible(facts: list[Touchpoint], future: list[Touchpoint]) -> None:
    """Facts and decisions later than now change no opinion."""
    later = [replace(item, at=NOW + (NOW - item.at) + days(1), source=f"later-{item.source}") for item in future]
    assert opinions(world([*facts, *later])) == opinions(world(facts))


@given(st.lists(touches(), max_size=25))
def test_summary_and_facts_agree(facts: list[Touchpoint]) -> None:
    """The strength from a kept summary is the strength from the facts."""
    unique = list({item.key: item for item in facts}.values())
    assert opinions(world(unique))["p-1"].strength == pytest.approx(strength(unique, RULES, ZONE, NOW))


def test_weights_as_written() -> None:
    """The weights are those of PRACTICE 3: one day's touch of each kind, and the limit of a day."""
    ago = NOW - days(90)
    assert {kind: strength([touch(kind, ago)], RULES, ZONE, NOW) * 2 for kind in KINDS} == pytest.approx(
        DEFAULT_WEIGHTS
    )
    day = [touch("call", ago), touch("call", ago + timedelta(hours=1))]
    assert strength(day, RULES, ZONE, ago + timedelta(hours=1)) == pytest.approx(5, abs=0.01)


def test_days_are_the_users() -> None:
    """Two touches across midnight in the user's zone are two days, though one in UTC."""
    before, after = datetime(2026, 3, 2, 22, 30, tzinfo=UTC), datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert strength([touch("one-to-one", before), touch("one-to-one", after)], RULES, ZONE, after) > 9.9


def test_a_meeting_ahead_holds() -> None:
    """Due is zero while a meeting stands in the coming 14 days; a gathering holds nobody (C23, S46)."""
    lines = ["one-to-one -300..-90/30"]
    for kind, day, wanted in (
        ("one-to-one", 13, 0.0),
        ("small-group", 2, 0.0),
        ("gathering", 2, 2.0),
        ("one-to-one", 15, 2.0),
    ):
        ahead = {"p-1": (touch(kind, NOW + days(day)),)}
        found = opinions(state({"p-1": history(lines)}, ahead=ahead))["p-1"]
        assert found.due == pytest.approx(wanted), (kind, day)


def test_marks_follow_time() -> None:
    """Marks stand as last said; what is said later than now does not count yet."""
    said = (
        decided("mark", value="key", at=NOW - days(5)),
        decided("unmark", value="key", at=NOW - days(4)),
        decided("mark", value="admired", at=NOW - days(3)),
        decided("mark", value="never", at=NOW + days(1)),
        decided("mark", value="emperor"),
    )
    assert opinions(state({"p-1": ()}, decisions=said))["p-1"].marks == {"admired"}


def test_only_so_many_are_key() -> None:
    """Of all marked key the first ten are tended so; the next gets the pace of an established one, and why says so."""
    marks = [decided("mark", f"p-{n}", "key", NOW - days(30 - n)) for n in range(12)]
    people = {f"p-{n}": history(["one-to-one -90"], f"p-{n}", f"n{n}@far.example") for n in range(12)}
    found = opinions(state(people, decisions=tuple(marks)))
    assert [found[f"p-{n}"].key for n in range(12)] == [True] * 10 + [False] * 2
    assert [found[f"p-{n}"].ideal for n in (9, 10)] == [21, 60]
    assert [found[f"p-{n}"].marks for n in (9, 10)] == [{"key"}] * 2
    assert "10 others were marked key before" in found["p-10"].circle_why
    assert "others" not in found["p-9"].circle_why


def test_the_place_among_key_people_is_kept_and_given_up() -> None:
    """Saying key again costs no place; taking it back makes room for the next, and it is found at the end again."""
    settings = replace(SETTINGS, capacity=Capacity(key=1))
    people = {who: history(["one-to-one -90"], who, f"{who}@far.example") for who in ("p-1", "p-2")}
    said = [decided("mark", "p-1", "key", NOW - days(9)), decided("mark", "p-2", "key", NOW - days(8))]
    said += [decided("mark", "p-1", "key", NOW - days(7))]

    def tended(more: list[Decision]) -> list[str]:
        found = opinions(state(people, settings=settings, decisions=(*said, *more)))
        return [who for who, item in found.items() if item.key]

    back = [decided("unmark", "p-1", "key", NOW - days(6)), decided("mark", "p-1", "key", NOW - days(5))]
    assert (tended([]), tended(back[:1]), tended(back)) == (["p-1"], ["p-2"], ["p-2"])
    gone = state({"p-2": people["p-2"]}, settings=settings, decisions=tuple(said))
    assert opinions(gone)["p-2"].key


def test_the_later_word_wins() -> None:
    """A circle said after a mark wins over it, and the other way round."""
    mark, circle = decided("mark", value="key", at=NOW - days(5)), decided("circle", value="service", at=NOW - days(4))
    assert opinions(state({"p-1": ()}, decisions=(mark, circle)))["p-1"].circle == "service"
    later = replace(mark, at=NOW - days(3))
    assert opinions(state({"p-1": ()}, decisions=(later, circle)))["p-1"].circle == "network"


def test_help_is_counted_for_a_year() -> None:
    """Help given and received within 365 days is counted; an introduction begun by the other is help received (P28)."""
    lines = ["forwarded -30", "introduction -20 began=me", "introduction -10 began=them", "forwarded -400"]
    found = opinions(state({"p-1": history(lines)}))["p-1"]
    assert (found.helped, found.helped_by) == (2, 1)


def test_threads_and_meetings_begun() -> None:
    """Each thread and each meeting is begun once, whoever writes in it later."""
    lines = [
        "wrote -40..-30/5 thread=a began=me",
        "heard -20 thread=b began=them",
        "wrote -19 thread=b began=them",
        "one-to-one -5 began=them",
    ]
    found = opinions(state({"p-1": history(lines)}))["p-1"]
    assert (found.began_by_me, found.began_by_them) == (1, 2)


def test_notes_are_no_touches() -> None:
    """A note is neither a touch nor a sign."""
    found = opinions(state({"p-1": history(["one-to-one -50", "note -2"])}))["p-1"]
    assert (found.touches, found.last_touch, round(found.silence or 0)) == (1, NOW - days(50), 50)


def test_nobody_is_left_out() -> None:
    """Everybody has an opinion, also who was never touched, and nobody else has one."""
    world = state({"p-1": history(["call -3"]), "ghost": history(["call -3"], person="ghost")}, persons=[person("p-2")])
    known = {key: value for key, value in world.people.items() if key != "ghost"}
    found = opinions(replace(world, people=known))
    assert set(found) == {"p-1", "p-2"}
    assert (found["p-2"].strength, found["p-2"].silence, found["p-2"].last_touch) == (0.0, None, None)
    assert summarise((), RULES, ZONE) == Summary()


def test_shipped_lists_are_found() -> None:
    """With the word lists that are shipped, sharing a free-mail host makes nobody a colleague, an own domain does."""
    people = [person("p-1", addresses=("ada@gmail.com",)), person("p-2", addresses=("ada@winter.example",))]
    found = opinions(state(persons=people, vocabulary=load_vocabulary()))
    assert [found[key].circle for key in ("p-1", "p-2")] == ["correspondent", "colleague"]


def test_a_crowded_domain_makes_no_colleagues() -> None:
    """At a domain with more than 150 addresses nobody is a colleague by it (P17)."""
    people = [person(f"p-{n}", f"Person {n}", (f"n{n}@winter.example",)) for n in range(151)]
    assert opinions(state(persons=people))["p-1"].circle == "correspondent"
    assert opinions(state(persons=people[:150]))["p-1"].circle == "colleague"


@given(st.lists(touches(), min_size=1, max_size=25), st.lists(st.integers(0, 25), max_size=4))
def test_growing_is_beginning_anew(facts: list[Touchpoint], cuts: list[int]) -> None:
    """A summary that grows with the facts is, to the last digit, that of all of them, in whatever steps they came."""
    ordered = tuple(sorted({item.key: item for item in facts}.values(), key=lambda item: (item.at, item.key)))
    kept = Summaries(growing=True)
    for cut in sorted({min(cut, len(ordered)) for cut in cuts}):
        kept.of("p-1", ordered[:cut], RULES, ZONE, NOW + days(9999))
    assert kept.of("p-1", ordered, RULES, ZONE, NOW + days(9999)) == summarise(ordered, RULES, ZONE)


@given(st.lists(touches(), min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_growing_sees_what_came_in_between(facts: list[Touchpoint], random) -> None:  # type: ignore[no-untyped-def]
    """A fact that turns up late, before others in time, is summed up in its place."""
    ordered = tuple(sorted({item.key: item for item in facts}.values(), key=lambda item: (item.at, item.key)))
    some = tuple(item for item in ordered if random.random() < 0.5)
    kept = Summaries(growing=True)
    kept.of("p-1", some, RULES, ZONE, NOW + days(9999))
    assert kept.of("p-1", ordered, RULES, ZONE, NOW + days(9999)) == summarise(ordered, RULES, ZONE)
