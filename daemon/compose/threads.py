"""Does a draft go on with a thread, or begin anew? Only with a fresh one that the two have for themselves.

A thread older than 45 days, or with others on it, is not continued (PRACTICE 5 "Words"). One whose subject is more than
a topic behind the marks of an answer is not either: Gmail keeps an answer in its thread by id *and* subject.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from daemon.compose.quotes import answer_subject, topic
from daemon.model import Person, State, Touchpoint

OLDEST = timedelta(days=45)
_MAILS: frozenset[str] = frozenset({"wrote", "forwarded", "heard"})
_ID = re.compile(r"(?!.*=\?)[!-;=?-~]{1,200}@[!-;=?-~]{1,50}")
"""A Message-ID that others can be told: the key of a mail without one, or with one used twice, has another form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A thread to go on with: its ``key`` (the id of its beginning), and the mail in it that is ``answered``."""

    key: str
    answered: str
    subject: str
    address: str
    """Whom the answer goes to: the person's address on that mail."""


def thread_of(touch: Touchpoint, person: Person, state: State) -> Thread | None:
    """Return the thread of ``touch``, a mail, if another one to ``person`` may go on with it."""
    if touch.kind not in _MAILS or touch.thread is None or not _is_id(touch.thread):
        return None
    mails = [mail for mail in state.touchpoints[person.id] if mail.thread == touch.thread and mail.at <= state.now]
    last = max((mail for mail in mails if not mail.rule.startswith("M7")), key=lambda mail: (mail.at, mail.key))
    subject = answer_subject(last.title, state.vocabulary)
    if subject is None or topic(last.title, state.vocabulary) != topic(touch.title, state.vocabulary):
        return None
    if state.now - last.at > OLDEST or not _is_id(last.source) or not _is_reached(last.address, person):
        return None
    if any(mail.others for mail in mails) or _is_shared(touch.thread, person, state):
        return None
    return Thread(key=touch.thread, answered=last.source, subject=subject, address=last.address)


def _is_id(text: str) -> bool:
    return "#" not in text and _ID.fullmatch(text) is not None


def _is_reached(address: str, person: Person) -> bool:
    return address in person.addresses and address not in person.dead


def _is_shared(thread: str, person: Person, state: State) -> bool:
    """Tell whether somebody else was written to, or heard from, in ``thread``."""
    return any(mail.thread == thread for who, mails in state.touchpoints.items() if who != person.id for mail in mails)
