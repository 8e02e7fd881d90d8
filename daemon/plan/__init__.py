"""What should be written today, what taken back, and why is everybody else left in peace?

``decide`` is pure and idempotent: taken into the state, what it decided leaves nothing more to decide on the same day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from daemon.model import Decision, Entry, Held, Opinion, Plan, State
from daemon.plan import briefs, debriefs, diary, introductions, promises, reviews
from daemon.plan.briefs import brief
from daemon.plan.desk import Desk, desk
from daemon.plan.eyes import Eyes, eyes
from daemon.plan.follow_ups import follow_up
from daemon.plan.halving import is_halved
from daemon.plan.notices import notices
from daemon.plan.occasions import occasions
from daemon.plan.overtaken import freed_by, overtaken, without
from daemon.plan.reconnects import reconnect
from daemon.plan.reviews import is_due, is_off, reviewed
from daemon.plan.slots import in_line, slot_decisions
from daemon.plan.weighing import Contender, contenders
from daemon.plan.writing import entries
from daemon.relate import is_known, reconsider

__all__ = ["Contender", "brief", "contenders", "decide", "is_due", "is_halved", "is_off", "notices", "reviewed"]


def decide(
    state: State,
    opinions: Mapping[str, Opinion],
    templates: Mapping[str, str],
    happened: reviews.Happened | None = None,
    html: reviews.Html | None = None,
) -> Plan:
    """Return the plan for ``state.now``: what to write (reminders by their times, then drafts), what to take back,
    everybody held and why (RULINGS U6), and the growing slots given and freed.

    What was decided after ``state.now`` is left alone (U12). A withdrawal whose ``why`` is ``overtaken`` or ``passed``
    leaves the entry in that state, any other withdrawn. ``happened`` is asked when a review is to be written; without
    it there is none; ``html`` makes what stands beside the text of one that is a draft.
    """
    later = frozenset(entry.key for entry in state.entries if not is_known(entry, state.now))
    state = replace(state, entries=tuple(entry for entry in state.entries if entry.key not in later))
    seen = eyes(state)
    begun, freed = _begun(state, opinions, seen, templates)
    state = without(state, begun.withdraw, begun.amend)
    changed = {item.key for item in begun.withdraw} | {item.key for item in begun.amend}
    opinions = reconsider(state, opinions, {entry.person for entry in state.entries if entry.key in changed})
    if seen.shut:
        return replace(begun, held=_all_held(opinions, "blind"))
    slots = slot_decisions(state, opinions)
    state = replace(state, decisions=tuple({item.key: item for item in (*state.decisions, *slots)}.values()))
    opinions = reconsider(state, opinions, {item.about for item in slots})
    if state.settings.reminders is None and state.settings.drafts is None:
        return replace(begun, held=_all_held(opinions, "unconfirmed"), decisions=slots)
    planned = _planned(replace(desk(state, opinions, seen, later), freed=freed), begun, slots, templates)
    back = tuple(reviews.review(state, opinions, templates, happened, html)) if happened is not None else ()
    gone = (*planned.withdraw, *reviews.followed(state, back))
    return replace(planned, write=(*back, *planned.write), withdraw=gone)


def _begun(
    state: State, opinions: Mapping[str, Opinion], seen: Eyes, templates: Mapping[str, str]
) -> tuple[Plan, Mapping[str, Entry]]:
    """Return what becomes of that which stands, and by person the drafts that make room for better ones."""
    gone = overtaken(state, opinions, seen)
    freed = freed_by(gone, state)
    gone, done = diary.kept(gone, state, templates)
    begun = Plan(
        amend=(*done, *(() if seen.shut else debriefs.moved(state))),
        withdraw=(
            *gone,
            *(() if seen.shut else debriefs.over(state)),
            *promises.over(state),
            *introductions.over(state, opinions),
            *reviews.over(state),
        ),
    )
    return begun, freed


def _planned(today: Desk, begun: Plan, slots: tuple[Decision, ...], templates: Mapping[str, str]) -> Plan:
    reminds = today.state.settings.reminders is not None
    promised = tuple(promises.promise(today, templates)) if reminds else ()
    for entry in promised:
        today.entries.setdefault(entry.person, []).append(entry)
    asked = tuple(debriefs.ask(today, templates)) if reminds else ()
    follow_up(today)
    if reminds:
        introductions.introduce(today)
    told = _briefs(today, templates) if reminds else ()
    occasions(today)
    reconnect(today, in_line(today.state, today.opinions))
    written = entries(today, templates)
    return replace(
        begun,
        write=(*promised, *asked, *(item for item in told if item.amended is None), *written),
        amend=(*begun.amend, *(item for item in told if item.amended is not None)),
        withdraw=(*begun.withdraw, *today.withdrawals),
        held=tuple(today.held[key] for key in sorted(today.held)),
        decisions=slots,
    )


def _briefs(today: Desk, templates: Mapping[str, str]) -> tuple[Entry, ...]:
    """Return the briefs to write and those to amend; a follow-up that took the place of one has taken it back."""
    kept = tuple(briefs.keep(today, templates))
    return (*kept, *briefs.write(today, templates))


def _all_held(opinions: Mapping[str, Opinion], why: str) -> tuple[Held, ...]:
    network = (person for person, opinion in sorted(opinions.items()) if opinion.circle == "network")
    return tuple(Held(person=person, kind="reconnect", why=why) for person in network)
