"""introduction, introduction-check: two people whom the user makes, or made, known to each other."""

from __future__ import annotations

from daemon.compose.names import plain
from daemon.compose.occasions.noted import quoted
from daemon.compose.occasions.occasion import Occasion, touches_of
from daemon.model import Cause, Person, State, local_day


def check(cause: Cause, person: Person, state: State) -> Occasion | None:
    """Return whom ``person`` was introduced to, and when; the other has to have a name."""
    mine = next((touch for touch in touches_of(cause, person, state) if touch.kind == "introduction"), None)
    other = _other(cause, person, state)
    if mine is None or not other:
        return None
    return Occasion(how="introduced", day=local_day(mine.at, state.settings.me.zone), topic="", other=other)


def _other(cause: Cause, person: Person, state: State) -> str:
    addresses = {key.rpartition("\t")[2] for key in cause.evidence if "\t" in key} - {*person.addresses}
    named = (one for one in state.people.values() if addresses & {*one.addresses})
    return next((called(one) for one in named), "")


def called(person: Person) -> str:
    """Return the full name by which somebody is told of to a third, "" where it is not certain (T24)."""
    name = plain(person.name)
    fits = person.certain_name and len(name) <= 50 and "@" not in name and len(name.split()) > 1
    return name if fits else ""


def introduction(cause: Cause, person: Person, state: State) -> Occasion | None:
    """Return the need and the offer of the two, as the user noted them; each has to have a name to be told by.

    The evidence is the note with the need, then the note with the offer. ``day`` is that of the note on ``person``.
    """
    notes = [next((item for item in state.decisions if item.key == key), None) for key in cause.evidence[:2]]
    if len(notes) < 2 or notes[0] is None or notes[1] is None:
        return None
    needs, offers = notes[0], notes[1]
    first, second = state.people.get(needs.about), state.people.get(offers.about)
    text, offer = quoted(needs, state, "needs"), quoted(offers, state, "offers")
    if first is None or second is None or not (text and offer and called(first) and called(second)):
        return None
    about = offers if person.id == second.id else needs
    return Occasion(
        how="noted",
        day=local_day(about.at, state.settings.me.zone),
        topic="",
        other=called(first) if person.id == second.id else called(second),
        who=called(first),
        text=text,
        offer=offer,
    )
