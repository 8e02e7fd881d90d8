"""How does a proposal become a row of the outbox? With words from the compose room, an account, and its key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from daemon import compose
from daemon.model import Entry, Proposal
from daemon.plan.desk import Desk, key_of
from daemon.plan.drafts import address_for, draft_proposals, room


def entries(desk: Desk, templates: Mapping[str, str]) -> tuple[Entry, ...]:
    """Return the rows for everything proposed on ``desk``, by time, drafts last; a key that was there is left out."""
    taken = {entry.key for entry in desk.state.entries}
    drafts = dict(_drafts(desk, templates, taken)) if desk.state.settings.drafts is not None else {}
    rows = [entry for entry, _ in drafts.values()]
    if desk.state.settings.reminders is None:
        for proposal in desk.proposals:
            if proposal.person not in drafts:
                desk.hold(proposal.person, "draft", "week-full", proposal.start)
        return tuple(rows)
    reminders = []
    for entry in _reminders(desk, templates, drafts):
        if entry.key in taken:
            desk.hold(entry.person, entry.kind, "dismissed")
        else:
            reminders.append(entry)
    return (*sorted(reminders, key=lambda item: (item.start, item.key)), *rows)


def _drafts(
    desk: Desk, templates: Mapping[str, str], taken: set[str]
) -> Iterator[tuple[str, tuple[Entry, compose.Words]]]:
    left = room(desk)
    for proposal in draft_proposals(desk):
        words = compose.draft(proposal, desk.state, desk.opinions, templates) if key_of(proposal) not in taken else None
        if words is None:
            desk.hold(proposal.person, "draft", "no-reason")
        elif left == 0:
            desk.hold(proposal.person, "draft", "drafts-full")
        else:
            left -= 1
            yield proposal.person, (_draft(desk, proposal, words), words)


def _draft(desk: Desk, proposal: Proposal, words: compose.Words) -> Entry:
    # U19: which own address was last used towards that person is not in the state: the first one configured
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
        to=address_for(desk, proposal.person),
        to_name=desk.state.people[proposal.person].name,
        sender=next(iter(desk.state.settings.me.addresses), None),
        decided=desk.state.now,
    )


def _reminders(
    desk: Desk, templates: Mapping[str, str], drafts: Mapping[str, tuple[Entry, compose.Words]]
) -> Iterator[Entry]:
    for proposal in desk.proposals:
        _, draft = drafts.get(proposal.person, (None, None))
        words = compose.reminder(proposal, desk.state, desk.opinions, templates, draft)
        yield Entry(
            key=key_of(proposal),
            kind=proposal.kind,
            person=proposal.person,
            account=desk.state.settings.reminders or "",
            reason=proposal.reason,
            fact=proposal.fact,
            cycle=proposal.cycle,
            evidence=proposal.evidence,
            title=words.title,
            body=words.body,
            start=proposal.start,
            end=proposal.end,
            alarm=proposal.alarm,
            decided=desk.state.now,
            also=proposal.also,
        )
