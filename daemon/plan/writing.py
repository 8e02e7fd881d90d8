"""How does a proposal become a row of the outbox? With words from the compose room, an account, and its key."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from daemon import compose
from daemon.model import Cause, Entry, Proposal
from daemon.plan.desk import Desk, key_of
from daemon.plan.drafts import TO, address_for, draft_proposals, replaceable, room, told_with
from daemon.relate.articles import is_article


def entries(desk: Desk, templates: Mapping[str, str]) -> tuple[Entry, ...]:
    """Return the rows for everything proposed on ``desk``, by time, drafts last; a key that was there is left out."""
    taken = desk.later | {entry.key for entry in desk.state.entries}
    _leave_taken(desk, taken)
    drafts = dict(_drafts(desk, templates, taken)) if desk.state.settings.drafts is not None else {}
    rows = [entry for entry, _ in drafts.values()]
    if desk.state.settings.reminders is None:
        for proposal in desk.proposals:
            if proposal.person not in drafts:
                desk.hold(proposal.person, "draft", "week-full", proposal.start)
        return tuple(rows)
    reminders = _reminders(desk, templates, drafts)
    return (*sorted(reminders, key=lambda item: (item.start or desk.state.now, item.key)), *rows)


def _leave_taken(desk: Desk, taken: Collection[str]) -> None:
    """Drop the proposals whose key was there before, and with them their drafts: nothing comes twice under one key."""
    if desk.state.settings.reminders is None:
        return
    for proposal in desk.proposals:
        if key_of(proposal) in taken:
            desk.hold(proposal.person, proposal.kind, "snoozed" if key_of(proposal) in desk.later else "dismissed")
    desk.proposals[:] = [proposal for proposal in desk.proposals if key_of(proposal) not in taken]


def _drafts(
    desk: Desk, templates: Mapping[str, str], taken: Collection[str]
) -> Iterator[tuple[str, tuple[Entry, compose.Words]]]:
    left, said = room(desk), set[str]()
    for competing in draft_proposals(desk):
        made = ((item, compose.draft(item, desk.state, desk.opinions, templates, said)) for item in competing)
        fresh = ((item, words) for item, words in made if words is not None and key_of(item) not in taken)
        proposal, words = next(fresh, (competing[0], None))
        stands = replaceable(desk, proposal.person)
        if words is None and stands is None:
            desk.hold(proposal.person, "draft", "no-reason")
        elif left == 0 and stands is None:
            desk.hold(proposal.person, "draft", "drafts-full")
        elif words is not None:
            if stands is None:
                left -= 1
            else:
                desk.take_back(stands, "displaced")
                desk.freed = {**desk.freed, proposal.person: stands}
            said.add(compose.said_by(words.title, words.body))
            yield proposal.person, (_draft(desk, proposal, words), words)


def _draft(desk: Desk, proposal: Proposal, words: compose.Words) -> Entry:
    thread, stands = words.thread, desk.freed.get(proposal.person)
    to = thread.address if thread is not None else address_for(desk, proposal.person)
    other = next(iter(proposal.also), None)
    return Entry(
        key=key_of(proposal),
        kind="draft",
        person=proposal.person,
        account=desk.state.settings.drafts or "",
        reason=proposal.reason,
        fact=proposal.fact,
        cycle=proposal.cycle,
        evidence=proposal.evidence,
        title=words.title,
        body=words.body,
        to=to,
        to_name=desk.state.people[proposal.person].name,
        second=None if other is None else address_for(desk, other),
        second_name="" if other is None else desk.state.people[other].name,
        also=proposal.also,
        sender=_sender(desk, proposal.person, to),
        decided=desk.state.now,
        thread=thread.key if thread is not None else None,
        in_reply_to=thread.answered if thread is not None else None,
        place=stands.outside if stands is not None and stands.account == desk.state.settings.drafts else "",
    )


def _sender(desk: Desk, person: str, to: str | None) -> str | None:
    """Return the own address last used towards ``to``, if it is configured, else the first that is (U19)."""
    own = desk.state.settings.me.addresses
    used = (item.mine for item in reversed(desk.facts(person)) if item.address == to and item.kind in TO and item.mine)
    last = next(used, "")
    return last if last in own else next(iter(own), None)


def _reminders(
    desk: Desk, templates: Mapping[str, str], drafts: Mapping[str, tuple[Entry, compose.Words]]
) -> Iterator[Entry]:
    for proposal in desk.proposals:
        row, draft = drafts.get(proposal.person, (None, None))
        told = replace(proposal, causes=told_with(desk, proposal, row))
        words = compose.reminder(told, desk.state, desk.opinions, templates, draft)
        yield Entry(
            key=key_of(proposal),
            kind=proposal.kind,
            person=proposal.person,
            account=desk.state.settings.reminders or "",
            reason=proposal.reason,
            fact=proposal.fact,
            cycle=proposal.cycle,
            evidence=tuple(dict.fromkeys((*proposal.evidence, *_read_in(told.causes)))),
            title=words.title,
            body=words.body,
            start=proposal.start,
            end=proposal.end,
            alarm=proposal.alarm,
            decided=desk.state.now,
            also=proposal.also,
        )


def _read_in(causes: Collection[Cause]) -> Iterator[str]:
    """Yield the articles that a reminder tells of: none is told of twice."""
    yield from (key for cause in causes for key in cause.evidence if is_article(key))
