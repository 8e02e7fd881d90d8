"""What is a draft, or a line of a reminder, about? All that a template may say of a cause, out of its evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from daemon.compose.threads import Thread
from daemon.model import Cause, Person, State, Touchpoint, local_day

HOW: Mapping[str, str] = {
    "one-to-one": "met",
    "small-group": "group",
    "gathering": "there",
    "call": "spoke",
    "wrote": "wrote",
    "forwarded": "sent",
    "heard": "heard",
}
"""Kind of touch -> the code word a template asks for; other kinds are nothing to write about."""


QUOTED = ("topic", "other", "who", "text", "offer", "link", "title", "words")
"""What an occasion has out of the facts: templates may say it, and in a draft's frame dots stand for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a draft is about: ``how`` the two were in touch, on which ``day``, and the quotable ``topic`` or "".

    ``thread``: the one that it answers in, if it does not begin anew.
    """

    how: str
    day: date
    topic: str
    thread: Thread | None = None
    times: tuple[datetime, ...] = ()
    """Half hours that are offered, in the user's zone."""
    other: str = ""
    """The name of somebody else whom it is about."""
    who: str = ""
    """Of an introduction itself: the name of the one who needs something."""
    text: str = ""
    """What the user noted and may quote (C4): behind ``needs:``, ``offers:``, ``promised``, or in double quotes."""
    offer: str = ""
    """What the other of the two offers, as noted."""
    link: str = ""
    """An address of the web that the user saved: the only one a draft may hold."""
    title: str = ""
    """What stands at ``link``, as far as it may be quoted."""
    words: str = ""
    """The words by which it was found: for the user's own eyes."""


Says: TypeAlias = Callable[[Cause, Person, State], Occasion | None]
"""Returns what there is to say of a cause to that person, None if its evidence does not carry a draft or line."""


def as_occasion(touch: Touchpoint, topic: str, state: State) -> Occasion:
    """Return ``touch`` as an occasion. Raises KeyError if its kind is nothing to write about."""
    return Occasion(how=HOW[touch.kind], day=local_day(touch.at, state.settings.me.zone), topic=topic)


def touches_of(cause: Cause, person: Person, state: State) -> list[Touchpoint]:
    """Return the facts about ``person`` in the evidence of ``cause`` up to today, in order of time."""
    keys = frozenset(cause.evidence)
    touches = [t for t in state.touchpoints.get(person.id, ()) if t.key in keys and t.at <= state.now]
    return sorted(touches, key=lambda touch: (touch.at, touch.kind == "wrote", touch.key))
