"""check: is the configuration right, and does Kith know all the user's addresses? Offline, writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from daemon.cli import screens
from daemon.cli.codes import say
from daemon.cli.ground import begin, config_option
from daemon.compose import problems as template_problems
from daemon.config import ConfigError, Problem, missing_files
from daemon.model import Person, Question
from daemon.session import Session
from daemon.vocabulary import load_templates

QUESTIONS = 10


@click.command(epilog="Example: kith check --config config.toml")
@config_option
def check(config: Path | None) -> None:
    """List everything that is wrong with the configuration, each with its path and a hint. Ends with 0 or 78."""
    session = begin(config)
    found = [*missing_files(session.configuration), *_templates(session)]
    if found:
        raise ConfigError(found)
    made = session.configuration
    click.echo(f"{made.path}: fine. {len(made.accounts)} accounts:")
    for name, kind in made.kinds.items():
        uses = [
            use
            for use, chosen in (("reminders", made.settings.reminders), ("drafts", made.settings.drafts))
            if chosen == name
        ]
        reads = made.accounts[name].open_source(name, session.zone.key) is not None
        click.echo(f"  {name} ({kind}): {', '.join([*(['read'] if reads else []), *uses]) or 'unused'}")
    _seen(session)


def _templates(session: Session) -> list[Problem]:
    folder = session.configuration.templates_folder
    if folder is None:
        return []
    try:
        templates = load_templates(folder)
    except (OSError, ValueError) as error:
        return [Problem(path="words.folder", text=f"cannot be read ({type(error).__name__})")]
    return [Problem(path=f"words.folder: {name}.txt", text=text) for name, text in template_problems(templates)]


def _seen(session: Session) -> None:
    """Tell what the records say about the configuration: other addresses of the user's, calendars without guests."""
    with session.ledger(write=False) as ledger:
        if not ledger.sources():
            click.echo("Nothing has been read yet. Next: kith once")
            return
        for source in ledger.sources().values():
            for note in source.notes:
                say(f"kith: {source.account}: {note}")
        memory = session.memory(ledger)
        facts = memory.detailed()
        people = {person.id: person for person in facts.people}
        asked = [words for question in facts.questions if (words := _question(question, people))]
        for words in asked[:QUESTIONS]:
            click.echo(words)
        if len(asked) > QUESTIONS:
            click.echo(f"... and {len(asked) - QUESTIONS} more like these.")


def _question(question: Question, people: Mapping[str, Person]) -> str:
    """Return a question only the user can answer, with the command that answers it; "" for those asked elsewhere."""
    if question.kind == "own-address":
        return f"Is {question.about[0]} yours? ({question.count} mails) Then add it to [me] addresses."
    known = [people[who] for who in question.about if who in people]
    if question.kind == "merge" and len(known) > 1:
        addresses = " and ".join(person.addresses[0] for person in known)
        return f"One person? {known[0].name}: {addresses}   kith merge {known[0].id} {known[1].id}"
    return _birthday(question, known)


def _birthday(question: Question, known: list[Person]) -> str:
    days = " or ".join(screens.day_of_year(item) for item in question.about if item[:1].isdigit())
    if question.kind == "birthday-day" and known:
        return f"When is {known[0].name}'s birthday: {days}? Correct it in your contacts or your calendar."
    if question.kind == "birthday" and known:
        listed = "; ".join(
            f"{person.name} <{person.addresses[0]}>" if person.addresses else person.name for person in known
        )
        return f"Whose birthday is {days}: {listed}? If they are one person: kith merge."
    if question.kind == "birthday":
        many = "birthdays in your calendar name" if question.count > 1 else "birthday in your calendar names"
        return f"{question.count} {many} nobody Kith knows by full name."
    return ""
