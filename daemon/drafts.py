"""What became of a draft that is gone, and which drafts stand in each other's way? Pure.

A draft that is gone was sent if a mail went on with its thread, or began one with its subject; it was overtaken by
another mail to the person, else thrown away (RULINGS T14). There is one draft a person, whatever happens: a better one
takes the ``place`` of the one that stands, and waits as long as it can neither have that place nor see it empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from daemon.model import OPEN_STATES, Entry, EntryState, Touchpoint

UNSEEN = timedelta(hours=1)
"""A draft is sent before it is seen to be gone; clocks, and programs that wait to send, may be so much behind."""
SCHEDULED = timedelta(days=30)
"""How much later a draft that was put off to be sent may go out; a mail after that has its subject by chance."""


def gone(draft: Entry, facts: Iterable[Touchpoint]) -> EntryState:
    """Return what became of ``draft``, which is gone, by the ``facts`` about its person."""
    since = draft.decided
    later = [fact for fact in facts if fact.kind == "wrote" and since is not None and fact.at >= since]
    if any(_goes_on(mail, draft) or _is_it(mail, draft) for mail in later):
        return "sent"
    return "overtaken" if later else "discarded"


def gone_after_all(draft: Entry, facts: Iterable[Touchpoint]) -> EntryState:
    """Return the same when more is known than on the day that it was gone: what was written since is another mail.

    A mail that begins a thread with its subject is the draft whenever it comes to light, if it was written in time.
    """
    if draft.settled is None:
        return gone(draft, facts)
    by_then, at_last = draft.settled + UNSEEN, draft.settled + SCHEDULED
    return gone(
        draft, (fact for fact in facts if fact.at <= by_then or (fact.at <= at_last and not _goes_on(fact, draft)))
    )


def _goes_on(mail: Touchpoint, draft: Entry) -> bool:
    """Tell whether ``mail`` went on with the thread that ``draft`` was to answer in."""
    return draft.thread is not None and mail.thread == draft.thread


def _is_it(mail: Touchpoint, draft: Entry) -> bool:
    return _folded(mail.title) == _folded(draft.title) and _begins(mail)


def _folded(title: str) -> str:
    return " ".join(title.split()).casefold()


def _begins(mail: Touchpoint) -> bool:
    """Tell whether ``mail`` began its thread, as a draft of ours does that is no answer (T14)."""
    return mail.thread is None or mail.source == mail.thread or mail.source.startswith(f"{mail.thread}#")


# -- one a person ------------------------------------------------------------------------------------------------------


def beside(draft: Entry, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the other drafts to the person of ``draft`` that stand, or may; of a review those that are still to go."""
    return tuple(
        item
        for item in entries
        if item.kind == draft.kind
        and item.person == draft.person
        and item.key != draft.key
        and item.state in OPEN_STATES
        and (item.kind == "draft" or (item.leaving and item.account == draft.account))
    )


def replaced(entries: Iterable[Entry]) -> frozenset[str]:
    """Return the keys of the drafts whose place another one is about to take."""
    entries = tuple(entries)
    places = {item.place for item in entries if item.place and item.state == "waiting"}
    return frozenset(item.key for item in entries if item.leaving and item.ref is not None and item.outside in places)


def predecessor(draft: Entry, standing: Iterable[Entry]) -> Entry | None:
    """Return which of the ``standing`` drafts ``draft`` is to take the place of, if that is still to be done."""
    found = (item for item in standing if item.leaving and item.ref is not None and item.outside == draft.place)
    return next(found, None)
