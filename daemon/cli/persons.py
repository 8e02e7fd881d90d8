"""people, why: whom Kith found, and what it knows of one person, with every rule by its number."""

from __future__ import annotations

from pathlib import Path

import click

from daemon.cli import documents, screens
from daemon.cli.ground import begin, called, config_option, find_person, json_option, now_option
from daemon.cli.said import said_json
from daemon.model import Decision, Facts, Person, Verdict
from daemon.plan import contenders, decide
from daemon.relate import opinions
from daemon.relate.topics import topics
from daemon.session import Session
from daemon.state import Memory


@click.command(epilog="Example: kith people --ignored")
@config_option
@json_option
@now_option
@click.option("--ignored", is_flag=True, help="Show the addresses that are nobody, and by which rule.")
@click.option("--keep", metavar="ADDRESS", help="This address is a person, for good, whatever the rules say.")
def people(config: Path | None, *, as_json: bool, now: str | None, ignored: bool, keep: str | None) -> None:
    """List everybody Kith found, the strongest first."""
    session = begin(config, now)
    if keep is not None:
        _keep(session, keep)
        return
    with session.ledger(write=False) as ledger:
        memory = session.memory(ledger)
        if ignored:
            rows = documents.ignored_json(memory.detailed())
            click.echo(documents.as_json(rows)) if as_json else screens.ignored_text(rows)
            return
        state = memory.state()
        listed = documents.people_json(state, opinions(state))
        click.echo(documents.as_json(listed)) if as_json else screens.people_text(listed, session.zone)


def _keep(session: Session, text: str) -> None:
    from connectors._address import fold

    address = fold(text)
    if address is None:
        raise click.UsageError("--keep: that is not an address")
    with session.ledger(write=True) as ledger, ledger.unit():
        ledger.save_decisions([Decision(key=f"keep/{address}", at=session.now, kind="keep", about=address)])
        session.memory(ledger).save()
    click.echo("kept: this address is a person from now on")


@click.command(epilog='Example: kith why "anna berger"')
@config_option
@json_option
@now_option
@click.argument("person")
def why(config: Path | None, person: str, *, as_json: bool, now: str | None) -> None:
    """Show the facts behind everything Kith thinks of PERSON, what was not counted, and why nothing was written.

    PERSON is an id, an address, or a part of a name that means only one.
    """
    session = begin(config, now)
    with session.ledger(write=False) as ledger:
        memory = session.memory(ledger)
        found = find_person(memory, person)
        story = explain(memory, found)
        state = memory.state()
        thoughts = opinions(state)
        plan = decide(state, thoughts, session.templates)
        titles = {event.key: event.title for event in memory.records.events.values()}
        story["said"] = said_json(state, found, titles)
        story["opinion"] = documents.opinion_json(thoughts[found.id], session.zone)
        story["held"] = [documents.held_json(item, session.zone) for item in plan.held if item.person == found.id]
        weighed = contenders(state, thoughts, found.id, plan.write)
        story["reasons"] = [documents.contender_json(item, session.zone) for item in weighed]
        story["topics"] = [documents.topic_json(item) for item in topics(found.id, state)]
        story["planned"] = [documents.entry_json(item, session.zone) for item in plan.write if item.person == found.id]
        story["written"] = [
            documents.entry_json(item, session.zone) for item in state.entries if item.person == found.id
        ]
    click.echo(documents.as_json(story)) if as_json else screens.why_text(story, session.zone)


def explain(memory: Memory, person: Person) -> dict[str, object]:
    """Return the facts of ``person`` and the records that did not count, each with its rule."""
    facts = memory.detailed()
    zone = memory.settings.me.zone
    titles = {event.key: event.title for event in memory.records.events.values()} if facts.cards else {}
    names = {one.id: called(one) for one in facts.people}
    birthday = next((item.day for item in facts.birthdays if item.person == person.id), None)
    counted = sorted((item for item in facts.touchpoints if item.person == person.id), key=lambda item: item.at)
    return {
        "id": person.id,
        "name": person.name,
        "addresses": list(person.addresses),
        "cards": [documents.card_json(item, titles, zone) for item in facts.cards if item.person == person.id],
        "questions": [
            {"why": item.why, "may_be": [names.get(who, who) for who in item.about if who != person.id]}
            for item in facts.questions
            if item.kind == "card" and person.id in item.about
        ],
        "birthday": birthday,
        "facts": [documents.touchpoint_json(item, zone) for item in reversed(counted)],
        "not_counted": not_counted(memory, facts, person),
    }


def not_counted(memory: Memory, facts: Facts, person: Person) -> list[dict[str, object]]:
    """Return the records naming one of the person's addresses that made no fact, newest first."""
    sources = {item.source for item in facts.touchpoints if item.person == person.id}
    rows: list[tuple[str, dict[str, object]]] = []
    for key, at, title, addresses in memory.mentions(set(person.addresses)):
        if key in sources:
            continue
        verdict = _verdict(facts, key, addresses)
        if verdict is not None:
            rows.append((at, {"at": at, "title": title, "rule": verdict.rule, "why": verdict.why}))
    return [row for _, row in sorted(rows, key=lambda item: item[0], reverse=True)]


def _verdict(facts: Facts, key: str, addresses: set[str]) -> Verdict | None:
    for address in sorted(addresses):
        if (found := facts.guest_verdicts.get(f"{key}\t{address}")) is not None:
            return found
    return facts.verdicts.get(key)
