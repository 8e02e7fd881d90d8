"""Is the review in a mail simple markup that fetches nothing and runs nothing, and does it say what the page says?"""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from connectors._letter import Letter, write_letter
from connectors.records import HTML_LIMIT, Draft, Mailbox
from daemon.compose import sentences
from daemon.model import SourceState
from daemon.page import in_mail
from daemon.page.contents import summary
from daemon.page.document import letter
from daemon.page.telling import UNNAMED
from daemon.review import survey, weekly
from daemon.vocabulary import load_mail, load_templates
from tests.page.pages import HARM, NOW, SAID, Looked, counted, harmful, page_of

pytestmark = pytest.mark.xdist_group("page")
KEPT = {
    "html",
    "head",
    "meta",
    "title",
    "body",
    "h1",
    "h2",
    "p",
    "ul",
    "li",
    "table",
    "tr",
    "th",
    "td",
    "b",
    "bdi",
    "code",
}
"""Elements that mail programs show, or leave out without their text."""
ATTRIBUTES = {"lang", "charset", "dir", "align", "valign", "style"}
STYLE = "padding: 2px 16px 2px 0"


class Reader(HTMLParser):
    """Reads a mail as a program does that knows no style: elements, attributes, and texts line by line."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


def mail_of(looked: Looked, **more: Any) -> str:
    return letter(summary(looked.review, looked.survey, replace(SAID, **more)), load_mail())


@pytest.fixture(scope="module")
def good(looked: Looked) -> str:
    return mail_of(looked)


@pytest.fixture(scope="module")
def bad(looked: Looked) -> str:
    groups = [replace(group, name=HARM[at % len(HARM)]) for at, group in enumerate(looked.review.groups * 5)]
    hurt = harmful(looked)
    hurt = replace(hurt, review=replace(hurt.review, groups=tuple(groups)))
    return mail_of(hurt, lead=HARM, suggestions=HARM, questions=HARM * 3)


@pytest.mark.parametrize("kind", ["good", "bad"])
def test_it_is_markup_that_every_program_shows(kind: str, good: str, bad: str) -> None:
    """Headings, paragraphs, lists and tables, each closed; one style on cells, nothing that runs, fetches or leads
    anywhere."""
    text = good if kind == "good" else bad
    reader = Reader(text)
    assert {tag for tag, _ in reader.elements} <= KEPT
    assert {name for _, attributes in reader.elements for name in attributes} <= ATTRIBUTES
    assert {attributes.get("style", STYLE) for _, attributes in reader.elements} == {STYLE}
    assert reader.open == []
    assert [tag for tag, _ in reader.elements].count("h1") == 1
    assert "://" not in text.replace("http://evil.example/x.png", "")
    assert len(text.encode()) < HTML_LIMIT / 2


def test_it_says_what_the_page_says(good: str, looked: Looked) -> None:
    """The pairs with their usual week, who is in touch, every group with its verdict, and the sentences."""
    said, page = Reader(good).text, page_of(looked)
    for pair in counted(page).pairs:
        assert f"{pair.activity}: {pair.done.shown} {pair.productivity}: {pair.came.shown} {pair.usual}" in said
    for standing in counted(page).standings:
        assert f"{standing.name} {standing.people.shown}" in said
    for group in counted(page).told:
        assert f"{group.name} {group.verdict} {group.evidence.shown} {group.question}".strip() in said
    for sentence in (*SAID.lead, *SAID.suggestions, *SAID.questions, page.title, page.span, page.until):
        assert sentence in said
    named = [looked.state.people[who].name for who in looked.review.key.due]
    assert named
    assert f"Key people to be in touch with {len(named)}: {', '.join(named)}" in said


def test_its_sentences_are_those_of_the_review(looked: Looked) -> None:
    """In the language of the user, marked as such."""
    me = replace(looked.state.settings.me, language="de")
    state = replace(looked.state, settings=replace(looked.state.settings, me=me))
    found = survey(state, looked.past, looked.survey.opinions)
    said = sentences(looked.review, state, load_templates())
    made = Reader(in_mail(looked.review, found, load_templates(), load_mail()))
    assert all(sentence in made.text for sentence in (*said.lead, *said.suggestions, *said.questions))
    assert {attributes["lang"] for _, attributes in made.elements if "lang" in attributes} == {"en", "de"}
    alone = replace(state, settings=replace(state.settings, reminders=None))
    there = in_mail(looked.review, survey(alone, looked.past, looked.survey.opinions), load_templates(), load_mail())
    assert not any(sentence in Reader(there).text for sentence in said.questions)
    assert "in your calendar" not in there


def test_a_source_that_cannot_be_seen_is_said_first(looked: Looked) -> None:
    """Numbers made with one eye shut are not to be believed (PRACTICE 8)."""
    ill = SourceState(account="sent", kind="mbox", problem="unavailable", last_success=NOW, reads="mail")
    state = replace(looked.state, sources={"sent": ill})
    found = survey(state, looked.past, looked.survey.opinions)
    text = Reader(in_mail(looked.review, found, load_templates(), load_mail())).text
    assert text.index("Kith has not seen your mail since Fri 20 Nov.") < text.index("Open:")


def test_harm_stays_text(bad: str) -> None:
    """Markup is shown as it was written, no direction turns, nothing is endless; and a mail is made of it."""
    assert "&lt;script&gt;document.title=" in bad
    assert "{{ 7 * 7 }}" in bad
    assert not set(bad) & set("\u202e\u202c\u2066")
    assert "W" * 301 not in bad
    own = Mailbox(address="clara@winter.example")
    made = write_letter(Draft(key="k", sender=own, to=own, subject="Week", body="Week", at=NOW, html=bad))
    assert Letter(made).says(Letter(made).fingerprint())


def test_a_week_off_says_only_that(looked: Looked) -> None:
    """No numbers and no tables."""
    quiet = replace(looked, review=replace(looked.review, away=True))
    reader = Reader(mail_of(quiet, lead=(), suggestions=(), questions=()))
    assert "Week off. Nothing counted." in reader.text
    assert not {"table", "h2", "ul"} & {tag for tag, _ in reader.elements}


def test_whom_the_user_muted_is_not_named(looked: Looked) -> None:
    """Everybody whom the mail would name is muted: they count, and stand nowhere."""
    hidden = {
        *looked.review.key.due,
        *looked.review.growing.holders,
        *looked.review.ahead,
        *looked.review.initiative_lost,
    }
    opinions = {
        who: replace(item, marks=item.marks | {"muted"}) if who in hidden else item
        for who, item in looked.survey.opinions.items()
    }
    text = mail_of(replace(looked, survey=replace(looked.survey, opinions=opinions)), lead=(), suggestions=())
    assert UNNAMED in text
    assert [who for who in hidden if looked.state.people[who].name in text] == []


def test_a_private_series_is_not_named(looked: Looked) -> None:
    """It has its hours, and no title (P34)."""
    occasions = tuple(replace(item, private=True, title="Doctor") for item in looked.past.occasions)
    found = survey(looked.state, replace(looked.past, occasions=occasions), looked.survey.opinions)
    text = mail_of(replace(looked, survey=found, review=weekly(found, looked.review.week)), questions=())
    assert "a private series" in text
    assert "Doctor" not in text


def test_the_same_week_is_the_same_mail(looked: Looked, good: str) -> None:
    """Byte for byte."""
    assert mail_of(looked) == good


def test_what_is_too_large_is_left_out(looked: Looked) -> None:
    """Nothing is cut in the middle of an element: there is no HTML then, and the text alone goes."""
    made = summary(looked.review, looked.survey, SAID)
    assert letter(replace(made, title="x" * HTML_LIMIT), load_mail()) == ""
