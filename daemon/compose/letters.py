"""What does the letter say that comes once a year? The pairs of a whole year, and Kith's own figures."""

from __future__ import annotations

from collections.abc import Mapping

from daemon.compose.language import LAST_RESORT, Tongue
from daemon.compose.names import plain, shortened
from daemon.compose.naming import TITLE, Naming, Reviewed, number
from daemon.compose.reminders import fitted
from daemon.compose.templates import BadTemplate, Value, Words
from daemon.model import State
from daemon.review import Annual


def letter(found: Annual, state: State, templates: Mapping[str, str]) -> Reviewed:
    """Return the letter on a year in words."""
    language = state.settings.me.language
    tongue = Tongue(language=language if f"{language}/letter" in templates else LAST_RESORT, templates=templates)
    speaker = Naming(state=state, tongue=tongue)
    done, came = found.activity, found.productivity
    values: dict[str, Value] = {
        "year": str(found.year),
        "established": speaker.line(found.established),
        "best": shortened(plain(found.best), TITLE),
        "changed": found.changed,
        "given": found.given,
        "received": found.received,
        "met": int(done["new_people"]),
        "followed_up": int(came["followed_up"]),
        "events": number(done["events"]),
        "hours": number(done["hours"]),
        "there": number(came["new_people"]),
        "mails": number(done["mails"]),
        "talks": number(came["conversations"]),
        "offered": number(done["drafts_offered"]),
        "sent": number(came["drafts_sent"]),
        "set": number(done["reminders_set"]),
        "acted": number(came["reminders_acted_on"]),
    }
    try:
        return Reviewed(words=fitted(tongue.text("letter"), values), named=tuple(speaker.named))
    except (BadTemplate, KeyError):
        return Reviewed(words=Words(title=str(found.year), body="kith review"))
