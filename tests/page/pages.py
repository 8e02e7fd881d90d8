"""Pages to look at: of the demo world, and of one whose every name and title means harm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from daemon.cli import main
from daemon.compose import Sentences
from daemon.model import State
from daemon.page.contents import contents
from daemon.page.document import document
from daemon.page.values import Counted, Page
from daemon.relate import opinions
from daemon.review import Past, Review, Survey, Week, survey, weekly
from daemon.session import open_session
from daemon.vocabulary import load_page

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
WEEK = Week(2026, 47)
SAID = Sentences(
    lead=("Open: Karl Wenz (Tue, workshop). A draft is ready.",),
    suggestions=("Write to Anna Berger.", "Leave the breakfast club."),
    questions=('"Call Anna" on Tue: Berger or Pichler?',),
)
HARM = (
    '<script>document.title="x"</script>',
    '"><img src="http://evil.example/x.png" onerror="alert(1)">',
    "</style><style>body{display:none}</style>",
    "\u202egnp.exe\u202c \u2066 &lt;b&gt; {{ 7 * 7 }} {% raw %}",
    "W" * 10_000,
    "a\u0300" + "\u0301" * 3_000,
)


@dataclass(frozen=True)
class Looked:
    """What a page is made of, and the folder of its world."""

    folder: Path
    state: State
    past: Past
    survey: Survey
    review: Review


def look(folder: Path) -> Looked:
    """Make the demo world in ``folder`` and look at its last week."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["kith", "demo", "--out", str(folder), "--now", NOW.isoformat()])
        with pytest.raises(SystemExit) as ended:
            main()
    assert not ended.value.code
    session = replace(open_session(folder / "config.toml"), now=NOW)
    with session.ledger(write=False) as ledger:
        memory = session.memory(ledger)
        state = memory.state()
        happened = memory.past()
    return _seen(folder, state, happened)


def _seen(folder: Path, state: State, happened: Past) -> Looked:
    found = survey(state, happened, opinions(state))
    return Looked(folder=folder, state=state, past=happened, survey=found, review=weekly(found, WEEK))


def harmful(looked: Looked) -> Looked:
    """The same world, every name and title in it one of ``HARM``."""
    state = looked.state
    people = {who: replace(item, name=_harm(at)) for at, (who, item) in enumerate(state.people.items())}
    touchpoints = {
        who: tuple(replace(item, title=_harm(at)) for at, item in enumerate(facts))
        for who, facts in state.touchpoints.items()
    }
    entries = tuple(replace(item, title=_harm(at), body=_harm(at + 1)) for at, item in enumerate(state.entries))
    occasions = tuple(replace(item, title=_harm(len(item.series or item.key))) for item in looked.past.occasions)
    return _seen(
        looked.folder,
        replace(state, people=people, touchpoints=touchpoints, entries=entries),
        replace(looked.past, occasions=occasions),
    )


def _harm(at: int) -> str:
    return HARM[at % len(HARM)]


def page_of(looked: Looked, **more: Any) -> Page:
    said = replace(SAID, **more)
    return contents(looked.review, looked.survey, said, [WEEK.before(), WEEK.before(2)])


def html_of(page: Page) -> str:
    return document(page, *load_page())


def counted(page: Page) -> Counted:
    assert page.counted is not None
    return page.counted
