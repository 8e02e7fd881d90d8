"""note: what the user says of somebody, in the words that answer a reminder too (docs/answers.md)."""

from __future__ import annotations

from pathlib import Path

import click

from daemon.cli.answers import leave_room
from daemon.cli.ground import begin, called, config_option, find_person
from daemon.hand import SETTLING, Noted
from daemon.model import Decision
from daemon.tick import ear

TONES = {"du": "familiar", "familiar": "familiar", "sie": "formal", "formal": "formal"}
TEXT_LIMIT = 2_000


@click.command(epilog='Example: kith note anna "needs: a part-time CFO"')
@config_option
@click.argument("person")
@click.argument("words", nargs=-1, required=True, metavar="TEXT")
def note(config: Path | None, person: str, words: tuple[str, ...]) -> None:
    """Note TEXT on PERSON.

    "called", "spoke" or "met" (with a day, or none for today) counts as just that, "promised the study by 18 Feb" is a
    promise, "x" a wish to speak with them, "key" and "never" are marks; "later 3w", "no" and "done" answer the reminder
    that stands. "du" sets the tone. Everything else is a note.
    """
    text = " ".join(words)
    if not text.strip() or len(text) > TEXT_LIMIT or any("\ud800" <= c <= "\udfff" for c in text):
        raise click.UsageError(f"a note has 1 to {TEXT_LIMIT} readable characters")
    session = begin(config)
    with session.ledger(write=True) as ledger:
        memory = session.memory(ledger)
        found = find_person(memory, person)
        tone = TONES.get(text.strip().casefold())
        if tone is not None:
            key = f"tone/{found.id}//{len(ledger.decisions()) + 1}"
            made = Noted(decisions=(Decision(key=key, at=session.now, kind="tone", about=found.id, value=tone),))
        else:
            state = memory.state()
            made = ear(ledger, state, session.templates).note(found.id, text, state.entries)
        if not made.decisions and made.answered is None:
            raise click.UsageError("no reminder of this person stands in the calendar that this could answer")
        if any((item.kind, item.value) == ("mark", "key") for item in made.decisions):
            leave_room(memory, found)
        with ledger.unit():
            ledger.save_decisions(made.decisions)
            ledger.save_entries([] if made.answered is None else [made.answered])
            session.memory(ledger).save()
    click.echo(f"noted ({_words(made)}): {called(found)}")


def _words(made: Noted) -> str:
    """Return what was understood, in a word or two."""
    said = [item.value if item.kind in {"sign", "mark", "tone"} else item.kind for item in made.decisions]
    if made.answered is not None:
        said.append("not this time" if made.answered.leaving == SETTLING["no"] else made.answered.leaving or "later")
    return ", ".join(dict.fromkeys(said))
