"""What does a review say, in words? The lines of wording.md, a week off, and titles that want to be more than text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.records import Mailbox, Message
from daemon import compose
from daemon.compose import Reviewed
from daemon.grammar import replies
from daemon.model import Person, Settings, SourceState, State
from daemon.review import Ask, Doubt, Review, Survey, Tip, Week, survey, weekly
from daemon.told import of_records
from daemon.vocabulary import load_templates, load_vocabulary
from tests.histories import NOW, days, decided, entry
from tests.review.lives import LAST_WEEK, surveyed

TEMPLATES = load_templates()
HOSTILE = [
    "<script>alert(1)</script>",
    "\u202egnp.exe",
    "x" * 10_000,
    "[bold red]rich[/]",
    "{{ 7 * 7 }}{% raw %}",
    "one\r\nSUMMARY:two\x00\x1b[31m",
    "Who? What? Where？",
    "spoke: Everybody",
    "=?utf-8?q?Ada?=",
]


def with_words(found: Survey) -> Survey:
    return replace(found, state=replace(found.state, vocabulary=load_vocabulary()))


def reviewed(row: dict[str, object], week: Week = LAST_WEEK, language: str = "en") -> Reviewed:
    found = with_words(surveyed(row))
    me = replace(found.state.settings.me, language=language)
    state = replace(found.state, settings=replace(found.state.settings, me=me))
    return compose.review(weekly(replace(found, state=state), week), state, TEMPLATES)


BUSY: dict[str, object] = {
    "evening": "-173..-5/14",
    "a": ["one-to-one -5 title=Coffee minutes=60", "wrote -4"],
    "b": ["one-to-one -4.2 title=Workshop minutes=90"],
    "c": ["gathering -20 title=Meetup", "wrote -19", "one-to-one -2.2 title=Lunch minutes=60"],
    "d": ["call -3", "call -12", "call -30"],
    "entries": ["draft -5 sent", "reconnect -5 overtaken"],
}


def test_the_review_in_english() -> None:
    """What made the week good, the one thing to do, pairs beside what is usual, questions, empty lines to fill."""
    said = reviewed(BUSY)
    assert said.words.title == "Your week: met 2, followed up 1"
    lines = said.words.body.split("\n")
    assert " ".join(lines[:2]) == "You wrote to C Person on Wed 13 May; that is why you two met on Sat 30 May."
    assert lines[2] == "Open: B Person (Thu 28 May)."
    for line in (
        "New people 2 -> followed up 1 (usual: 0.5 -> 0.2)",
        "Drafts offered 1 -> sent 1",
        "Reminders 1 -> acted on 1",
        "Follow up with B Person?",
        "3 calls with D Person: keep in touch?",
        "spoke:",
        "Why: kith review --week 2026-W22",
    ):
        assert line in lines
    assert re.search(r"^Evening: \d+ h since ", said.words.body, re.MULTILINE)
    assert set(said.named) >= {"b", "c", "d"}


def test_the_review_in_german() -> None:
    """The same in the user's language."""
    said = reviewed(BUSY, language="de")
    assert said.words.title == "Deine Woche: 2 getroffen, 1 nachgefasst"
    for line in ("Nachfassen bei B Person?", "3 Anrufe mit D Person: in Kontakt bleiben?", "gesprochen:"):
        assert line in said.words.body.split("\n")
    assert "Wozu ist es jetzt gut?" in said.words.body.replace("\n", " ")


@pytest.mark.parametrize("language", ["en", "de"])
def test_in_a_mail_nothing_is_to_be_filled_in(language: str) -> None:
    """The same words, but for the lines to write into; questions are for the calendar, and only if there is one."""
    found = with_words(surveyed(BUSY))
    state = replace(found.state, settings=with_language(found.state, language))
    made = weekly(replace(found, state=state), LAST_WEEK)
    event = compose.review(made, state, TEMPLATES)
    mail = compose.review(made, state, TEMPLATES, mail=True)
    own = {
        "en": "Answer these in the review in your calendar:",
        "de": "Antworte darauf im Rückblick in deinem Kalender:",
    }
    lines, said = mail.words.body.split("\n"), event.words.body.split("\n")
    assert mail.words.title == event.words.title
    assert set(lines) - set(said) == {own[language]}
    assert set(said) - set(lines) <= {
        *("Yes or no behind a question, or any word:", "Ja oder nein hinter eine Frage, oder ein Wort:"),
        *("Spoke with someone I could not see (phone, chat)?", "spoke:", "gesprochen:"),
        *("Mit jemandem gesprochen, den ich nicht sehen konnte", "(Telefon, Chat)?"),
    }
    assert not {"spoke:", "gesprochen:"} & set(lines)
    alone = replace(state, settings=replace(state.settings, reminders=None))
    assert "?" not in compose.review(made, alone, TEMPLATES, mail=True).words.body


@pytest.mark.parametrize("text", HOSTILE)
def test_its_subject_and_text_tell_nothing(text: str) -> None:
    """Sent to oneself, the mail is one that may tell Kith something: no title or name makes it do so."""
    found, state = hostile(text)
    said = compose.review(found, state, TEMPLATES, mail=True)
    own = Mailbox(address=state.settings.me.addresses[0])
    sent = Message(key="m", account="a", at=NOW, sender=own, to=(own,), subject=said.words.title)
    assert list(of_records([sent], state.settings.me, state.vocabulary)) == []
    assert not re.search(r"[<>]", said.words.body.replace("->", ""))
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in said.words.body if c not in "\n\u200c\u200d")


def with_language(state: State, language: str) -> Settings:
    return replace(state.settings, me=replace(state.settings.me, language=language))


def test_a_week_off_says_only_that() -> None:
    """No numbers, no questions, nothing to fill."""
    said = reviewed({}, LAST_WEEK)
    assert (said.words.title, said.words.body) == ("Your week: off", "Week off. Nothing counted.")
    assert (said.asked, said.named) == ((), ())


def test_nobody_is_named_whom_the_user_does_not_want_to_read_of() -> None:
    """Muted and never: no line about them, and no question either."""
    found = with_words(surveyed(BUSY))
    state = replace(found.state, decisions=(decided("mark", "b", "never"), decided("mark", "d", "muted")))
    said = compose.review(weekly(found, LAST_WEEK), state, TEMPLATES)
    assert "B Person" not in said.words.body
    assert "D Person" not in said.words.body


def test_a_source_that_cannot_be_seen_is_said_first() -> None:
    """Numbers made with one eye shut are not to be believed (PRACTICE 8)."""
    found = with_words(surveyed(BUSY))
    ill = SourceState(account="archive", kind="mbox", problem="unavailable", last_success=NOW - days(2), reads="mail")
    said = compose.review(weekly(found, LAST_WEEK), replace(found.state, sources={"archive": ill}), TEMPLATES)
    assert said.words.body.split("\n")[0] == "Kith has not seen your mail since Sat 30 May."


def test_halving_is_said() -> None:
    """Kith says so when it asks for less because it was not heard (P25)."""
    found = with_words(surveyed(BUSY))
    said = compose.review(weekly(found, LAST_WEEK, halved=True), found.state, TEMPLATES)
    assert "half as many" in said.words.body.replace("\n", " ")


def hostile(text: str) -> tuple[Review, State]:
    """A review full of ``text``: as a name, as the title of a group, of an event and of a promise."""
    found = with_words(surveyed(BUSY))
    people = {who: replace(person, name=text) for who, person in found.state.people.items()}
    titled = {who: tuple(replace(t, title=text) for t in items) for who, items in found.state.touchpoints.items()}
    promise = entry("promise", "a", day=-1, title=f"Promise: {text}")
    state = replace(found.state, people=people, touchpoints=titled, entries=(promise,))
    doubts = (
        Doubt(key="e1", at=NOW - days(4), kind="doubtful-title", title=text),
        Doubt(key="e2", at=NOW - days(4), kind="ambiguous-name", title=text),
    )
    again = survey(state, replace(found.past, doubts=doubts), found.opinions)
    made = weekly(again, LAST_WEEK)
    groups = tuple(replace(group, name=text) for group in made.groups)
    return replace(made, groups=groups), state


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_titles_stay_text(text: str, language: str) -> None:
    """Short lines, no control or direction character, no markup, and each question is still one."""
    found, state = hostile(text)
    me = replace(state.settings.me, language=language)
    state = replace(state, settings=replace(state.settings, me=me))
    check(compose.review(found, state, TEMPLATES))


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=80))
def test_any_title_stays_text(text: str) -> None:
    """So for any text at all."""
    found, state = hostile(text)
    check(compose.review(found, state, TEMPLATES))


def check(said: Reviewed) -> None:
    words = said.words
    assert len(words.title) <= 40
    lines = words.body.split("\n")
    assert all(len(line) <= 60 for line in lines)
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} and c not in "\u200c\u200d" for c in "".join(lines))
    assert not re.search(r"[<>]", words.body.replace("->", ""))
    assert len(replies(words.body, words.body)) == len(said.asked) + 1
    assert not any(replies(words.body, words.body))


def test_the_terminal_shows_text_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Markup of rich, escapes and directions in names and titles come out as plain words."""
    from daemon.cli.week import week_text

    for text in HOSTILE:
        found, state = hostile(text)
        week_text(found, state, TEMPLATES)
    shown = capsys.readouterr().out
    assert "[bold red]rich[/]" in shown
    assert not any(unicodedata.category(c) in {"Cc", "Cf"} and c != "\n" for c in shown)
    assert "x" * 100 not in shown


def test_questions_have_keys_that_stay() -> None:
    """The same question has the same key in another week, so that it is asked once."""
    first = {ask.key for ask in weekly(surveyed(BUSY), LAST_WEEK).questions}
    again = weekly(surveyed(BUSY), Week.read("2026-W23"), asked=first)
    assert "calls\td" in first
    assert not any(ask.kind == "calls" for ask in again.questions)
    assert Tip(kind="follow-up", about=("a", "b")).key == "follow-up\ta\tb"
    which = Ask(kind="ambiguous-name", about=("a", "b"), facts=("e",), touch="call")
    assert which.key == "ambiguous-name\te\tcall\ta\tb"


def test_a_person_without_a_name_is_called_by_the_address() -> None:
    """Somebody has to be called something."""
    found = with_words(surveyed(BUSY))
    people = {**found.state.people, "b": Person(id="b", name="", addresses=("b@far.example",))}
    said = compose.review(weekly(found, LAST_WEEK), replace(found.state, people=people), TEMPLATES)
    assert "Follow up with b@far.example?" in said.words.body.split("\n")
