"""What does a draft say, and when is there none?"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.compose import draft
from daemon.model import Decision, Entry, Wish

NAMES = [
    ("Anna Berger", True),
    ("Dr. Anna-Maria Berger", True),
    ("BERGER, ANNA", True),
    ("José Núñez O’Brien", True),
    ("王 小明", True),
    ("עדה לאבלייס", True),
    ("Anna Berger", False),
    ("Anna", False),
    ("", False),
    ("{{7*7}}", True),
    ("{% for x in y %} Ada", True),
    ("Bob, evil@e.com", True),
    ("Bob <evil@e.com>", True),
    ("=?utf-8?q?=0D=0ABcc:_x?=", True),
    ("Anna\r\nBcc: evil@e.com", True),
    ("Anna \u202egreb\u202c Berger", True),
    ("A" * 10_000, True),
    ("Anna " + "B" * 10_000, True),
    ("🎉 Anna Berger", True),
    ("<script>alert(1)</script> Berger", True),
    ("A. Berger", True),
    ("Z\u0300\u0301\u0302\u0303\u0304\u0305algo Berger", True),
]
SITUATIONS = [
    ("first-meeting", "one-to-one", "Coffee with Anna"),
    ("first-meeting", "one-to-one", "Part-time CFO"),
    ("first-meeting", "small-group", "Founders meetup"),
    ("first-meeting", "call", "Catch-up"),
    ("first-meeting", "call", "Reusable packaging"),
    ("first-meeting", "gathering", "Founders meetup"),
    ("pick-up", "one-to-one", "Tender review"),
    ("pick-up", "small-group", "Machine safety in Graz"),
    ("pick-up", "call", "License for the data set"),
    ("pick-up", "wrote", "Re: Workshop dates"),
    ("pick-up", "forwarded", "WG: Fördermittel für die Übersiedlung"),
    ("pick-up", "heard", "AW: Ausschreibung Lagerhalle"),
]
NO = ("a no is fine", "no answer", "no reply", "ein nein ist", "keine antwort nötig")
CONTENTLESS = {"Subject", "", "I"}


def composed(
    world, reason, kind, title, *, name="Anna Berger", certain=True, language="en", tone=None, cycle=0, at=None
):
    person = world.person(name, certain_name=certain)
    touch = world.touch(kind=kind, title=title, at=at or world.day)
    wishes = {person.addresses[0]: Wish(tone=tone, language=language)}
    state = world.state(touch, person=person, settings=world.settings(people=wishes))
    return draft(world.proposal("draft", reason, touch, cycle=cycle), state, {}, world.templates)


def spoken_words(text):
    return re.findall(r"[^\W\d_][\w’'-]*|\d+", text)


def constants(world, language):
    """Every word that the language's templates say by themselves."""
    texts = (text for name, text in world.templates.items() if name.startswith(f"{language}/") and "/never" not in name)
    return {word for text in texts for word in spoken_words(re.sub(r"\{[%{].*?[%}]\}", " ", text))}


def facts(world, title, name, language, day):
    """Every word that the facts hold: names, title, and the date as that language writes it."""
    months = {"en": "October", "de": "Oktober"}[language]
    known = f"{name} {name.title()} {title} {title.replace('“', '')} Clara Winter {day.day} {months} {day.year}"
    return set(spoken_words(known))


@pytest.mark.parametrize(("language", "tone"), [("en", None), ("en", "familiar"), ("de", None), ("de", "familiar")])
@pytest.mark.parametrize(("reason", "kind", "title"), SITUATIONS)
def test_every_template_keeps_every_rule(world, reason, kind, title, language, tone):
    """Every shipped template, with every kind of name, makes a draft of which each word is a constant or a fact."""
    plain_words = constants(world, language)
    for (name, certain), cycle in product(NAMES, range(3)):
        words = composed(
            world, reason, kind, title, name=name, certain=certain, language=language, tone=tone, cycle=cycle
        )
        assert words is not None, (name, cycle)
        assert_decent(words)
        text = f"{words.title}\n{words.body}"
        allowed = plain_words | facts(world, title, name[:200], language, world.day)
        assert set(spoken_words(text)) <= allowed, set(spoken_words(text)) - allowed
        for quoted in re.findall(r"[\"„](.+?)[\"“](?=[\s.,?]|$)", text):
            assert quoted in title, quoted
        assert not (set(re.findall(r"\d+", text)) - set(re.findall(r"\d+", f"14 {title}")))


def assert_decent(words):
    """Assert the rules of words that can be seen from outside."""
    lines = words.body.split("\n")
    message = words.body.partition("\n\n")[2].rpartition("\n\n")[0]
    assert 20 <= len(message.split()) <= 70
    assert "\n" not in words.title
    assert len(words.title) <= 90
    assert lines[0].endswith(",")
    assert lines[1] == ""
    assert lines[-1] in {"Clara", "Clara Winter"}
    assert f"{words.title}{words.body}".count("?") <= 1
    assert any(no in message.casefold() for no in NO)
    assert not re.search(r"[{}<>@]|=\?|kith|https?:", f"{words.title}\n{words.body}", re.IGNORECASE)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", words.title + words.body)


GREETINGS = [
    ("en", None, "Anna Berger", True, "Hi Anna,"),
    ("en", None, "Anna Berger", False, "Hello,"),
    ("en", None, "anna berger", True, "Hi Anna,"),
    ("en", None, "Berger, Anna", True, "Hi Anna,"),
    ("en", None, "Dr. Anna Berger", True, "Hi Anna,"),
    ("en", None, "A. Berger", True, "Hello,"),
    ("en", None, "Anna", True, "Hello,"),
    ("en", None, "Bob, evil@e.com", True, "Hello,"),
    ("en", None, "{{7*7}}", True, "Hello,"),
    ("de", None, "Anna Berger", True, "Guten Tag Anna Berger,"),
    ("de", None, "Dr. Anna Berger", True, "Guten Tag Dr. Anna Berger,"),
    ("de", None, "Anna Berger", False, "Guten Tag,"),
    ("de", "familiar", "Anna Berger", True, "Hallo Anna,"),
    ("de", "familiar", "Anna Berger", False, "Hallo,"),
    ("de", None, "Vincent van Gogh", True, "Guten Tag Vincent van Gogh,"),
    ("de", None, "VINCENT VAN GOGH", True, "Guten Tag Vincent van Gogh,"),
    ("de", None, "anna von der leyen", True, "Guten Tag Anna von der Leyen,"),
    ("de", None, "Anna Von der Leyen", True, "Guten Tag Anna Von der Leyen,"),
    ("de", None, "Dr. med. Otto Fuchs", True, "Guten Tag Dr. med. Otto Fuchs,"),
    ("de", None, "DR. MED. OTTO FUCHS", True, "Guten Tag Dr. med. Otto Fuchs,"),
    ("de", None, "Sam Lee III", True, "Guten Tag Sam Lee III,"),
    ("de", None, "SAM LEE III", True, "Guten Tag Sam Lee III,"),
    ("de", None, "sam lee jr.", True, "Guten Tag Sam Lee Jr.,"),
    ("de", None, "Oscar dos Santos", True, "Guten Tag Oscar dos Santos,"),
    ("de", None, "Robert Huber, MBA", True, "Guten Tag Robert Huber,"),
    ("de", None, "Robert Huber MBA", True, "Guten Tag Robert Huber,"),
    ("de", None, "Peter und Anna Huber", True, "Guten Tag,"),
    ("de", None, "HUBER Eva", True, "Guten Tag,"),
    ("de", None, "Anna Maria Luise Berger", True, "Guten Tag,"),
    ("de", "familiar", "Familie Huber", True, "Hallo,"),
    ("de", "familiar", "Oscar dos Santos", True, "Hallo Oscar,"),
    ("en", None, "Robert Huber, MBA", True, "Hi Robert,"),
    ("en", None, "Jean-Luc O’Brien", True, "Hi Jean-Luc,"),
    ("en", None, "JEAN-LUC O’BRIEN", True, "Hi Jean-Luc,"),
    ("en", None, "Anna Maria Berger", True, "Hi Anna,"),
    ("en", None, "HUBER Eva", True, "Hello,"),
    ("en", None, "山本 恵子", True, "Hello,"),
    ("en", None, "김 민준", True, "Hello,"),
    ("en", None, "Jane Doe’s iPhone", True, "Hello,"),
    ("en", None, "Jane Doe Consulting", True, "Hello,"),
    ("en", None, "J. P. Morgan", True, "Hello,"),
]


@pytest.mark.parametrize(("language", "tone", "name", "certain", "greeting"), GREETINGS)
def test_greeting(world, language, tone, name, certain, greeting):
    """A draft greets by name only when the name is certain."""
    words = composed(
        world, "first-meeting", "one-to-one", "Part-time CFO", name=name, certain=certain, language=language, tone=tone
    )
    assert words.body.split("\n")[0] == greeting


NOTHING = [
    ("pick-up", "one-to-one", "Lunch with Anna", {}, "no topic"),
    ("pick-up", "one-to-one", "Tender review", {"private": True}, "a private event"),
    ("pick-up", "one-to-one", "Divorce papers to sign", {}, "a sensitive title"),
    ("pick-up", "heard", "Tender review", {"rule": "M7"}, "only an answer proves it"),
    ("pick-up", "gathering", "Founders meetup", {}, "weak"),
    ("pick-up", "note", "Tender review", {}, "a note (C4)"),
    ("pick-up", "copied", "Tender review", {}, "only copied"),
    ("first-meeting", "gathering", "Lunch", {}, "a gathering without a title"),
    ("first-meeting", "wrote", "Tender review", {}, "never met"),
    ("first-meeting", "note", "Tender review", {}, "a note (C4)"),
    ("birthday", "one-to-one", "Tender review", {}, "no template for the reason"),
]


@pytest.mark.parametrize(("reason", "kind", "title", "fields", "why"), NOTHING)
def test_no_draft(world, reason, kind, title, fields, why):
    """Without a fact that carries it there is no draft."""
    touch = world.touch(kind=kind, title=title, **fields)
    assert draft(world.proposal("draft", reason, touch), world.state(touch), {}, world.templates) is None, why


def test_first_meeting_without_a_topic_is_short(world):
    """A first meeting of which nothing can be quoted still has its date and one question (T23)."""
    words = composed(world, "first-meeting", "one-to-one", "Lunch with Anna")
    assert "on 14 October." in words.body
    assert "unch" not in f"{words.title}{words.body}"


def test_private_title_is_not_in_a_first_meeting(world):
    """A private event dates a draft and nothing more (P34)."""
    touch = world.touch(title="Reusable packaging", private=True)
    words = draft(world.proposal("draft", "first-meeting", touch), world.state(touch), {}, world.templates)
    assert "We met on 14 October." in words.body
    assert "packaging" not in f"{words.title}{words.body}".casefold()


def test_last_quotable_topic(world):
    """A pick-up takes the last topic of its evidence that may be quoted, with that topic's own date."""
    touches = [
        world.touch(title="Old packaging study", at=world.day - timedelta(days=60)),
        world.touch(title="Tender review"),
        world.touch(title="Lunch", at=world.day + timedelta(days=2)),
        world.touch(kind="note", title="seems desperate for money", at=world.day + timedelta(days=3)),
    ]
    words = draft(world.proposal("draft", "pick-up", *touches), world.state(*touches), {}, world.templates)
    assert "Tender review" in words.body
    assert "14 October" in words.body


def test_only_evidence_is_quoted(world):
    """What is not named in the evidence does not reach a mail, and what is still to come never."""
    shown = world.touch(title="Tender review")
    hidden = world.touch(title="Rose garden exhibition", at=world.day + timedelta(days=1))
    ahead = world.touch(title="Spring fair planning", at=world.now + timedelta(days=1))
    state = world.state(shown, hidden, ahead)
    words = draft(world.proposal("draft", "pick-up", shown, ahead), state, {}, world.templates)
    assert "Tender review" in words.body


OPENINGS = [
    ("en", "one-to-one", 'When we met on 14 October, it was about "Tender review".'),
    ("en", "small-group", 'We met on 14 October for "Tender review".'),
    ("en", "call", 'We spoke on 14 October about "Tender review".'),
    ("en", "wrote", 'On 14 October I wrote to you about "Tender review".'),
    ("de", "one-to-one", "bei unserem Treffen am 14. Oktober ging es um „Tender review“."),
    ("de", "small-group", "am 14. Oktober haben wir uns zu „Tender review“ getroffen."),
    ("de", "call", "am 14. Oktober haben wir über „Tender review“ gesprochen."),
    ("de", "wrote", "am 14. Oktober habe ich Ihnen zu „Tender review“ geschrieben."),
]


@pytest.mark.parametrize(("language", "kind", "opening"), OPENINGS)
def test_opening(world, language, kind, opening):
    """A draft begins with what the record proves: how the two were in touch, when, and about what."""
    words = composed(world, "pick-up", kind, "Tender review", language=language)
    assert words.body.split("\n")[2].startswith(opening)


def test_year_when_it_is_not_this_one(world):
    """A date of another year carries the year, in the user's own days."""
    last_year = composed(world, "pick-up", "wrote", "Workshop dates", at=datetime(2025, 12, 31, 12, tzinfo=UTC))
    new_year = composed(world, "pick-up", "wrote", "Workshop dates", at=datetime(2025, 12, 31, 23, 30, tzinfo=UTC))
    assert "31 December 2025" in last_year.body
    assert "1 January I" in new_year.body


def test_variants_do_not_repeat(world):
    """Three drafts in a row to one person are three texts, and a settled draft of an older fact moves on, too."""
    bodies = [composed(world, "pick-up", "wrote", "Workshop dates", cycle=cycle).body for cycle in range(3)]
    assert len(set(bodies)) == 3
    assert composed(world, "pick-up", "wrote", "Workshop dates").body == bodies[0]
    touch = world.touch(kind="wrote", title="Workshop dates")
    old = Entry(
        key="k",
        kind="draft",
        person="p-anna",
        account="a",
        reason="pick-up",
        fact="older",
        cycle=0,
        evidence=(),
        title="",
        body="",
        state="sent",
    )
    proposal = world.proposal("draft", "pick-up", touch)
    assert draft(proposal, world.state(touch, entries=(old,)), {}, world.templates).body == bodies[1]
    standing = world.state(touch, entries=(replace(old, state="written"),))
    assert draft(proposal, standing, {}, world.templates).body == bodies[0]


TONES = [
    ({}, (), frozenset(), False),
    ({}, (), frozenset({"key"}), True),
    ({"anna@helio.example": Wish(tone="formal")}, (), frozenset({"key"}), False),
    ({"anna@helio.example": Wish(tags=("club",))}, (), frozenset(), True),
    ({"anna@helio.example": Wish(tone="familiar")}, ("formal",), frozenset(), False),
    ({}, ("formal", "familiar"), frozenset(), True),
]


@pytest.mark.parametrize(("people", "decided", "marks", "familiar"), TONES)
def test_tone(world, people, decided, marks, familiar):
    """Du or Sie: as decided last, else as configured for the person, else for the tag, else du for key people."""
    touch = world.touch()
    decisions = tuple(
        Decision(key=str(n), at=world.day + timedelta(days=n), kind="tone", about="p-anna", value=value)
        for n, value in enumerate(decided)
    )
    settings = world.settings("de", people=people, tags={"club": Wish(tone="familiar")})
    state = world.state(touch, settings=settings, decisions=decisions[::-1])
    opinions = {"p-anna": world.opinion(marks=marks)}
    words = draft(world.proposal("draft", "pick-up", touch), state, opinions, world.templates)
    assert words.body.startswith("Hallo Anna" if familiar else "Guten Tag Anna Berger")


@pytest.mark.parametrize(
    ("wished", "mine", "greeting"),
    [("de", "en", "Guten"), ("fr", "de", "Guten"), (None, "de", "Guten"), ("fr", "fr", "Hi")],
)
def test_language(world, wished, mine, greeting):
    """A draft is in the person's language, else in the user's, else in English."""
    touch = world.touch()
    wishes = {"anna@helio.example": Wish(language=wished)}
    state = world.state(touch, settings=world.settings(mine, people=wishes))
    words = draft(world.proposal("draft", "pick-up", touch), state, {}, world.templates)
    assert words.body.startswith(greeting)


@pytest.mark.parametrize(
    ("name", "closing"),
    [("Clara Winter", "Clara"), ("Dr. Clara Winter", "Clara"), ("Winter, Clara", "Clara"), ("Clara", "Clara")],
)
def test_closing(world, name, closing):
    """A draft ends with the first name of the user, whatever stands before it."""
    touch = world.touch()
    state = world.state(touch, settings=world.settings(name=name))
    words = draft(world.proposal("draft", "pick-up", touch), state, {}, world.templates)
    assert words.body.split("\n")[-1] == closing


def test_signature(world):
    """A configured signature stands in the place of the closing, as it was written."""
    touch = world.touch()
    state = world.state(touch, settings=world.settings(signature="Best\nClara Winter\nwww.winter.example"))
    words = draft(world.proposal("draft", "pick-up", touch), state, {}, world.templates)
    assert words.body.endswith("\n\nBest\nClara Winter\nwww.winter.example")


WRONG = [
    (
        "{{ opening }} Just checking in, and I hope you will tell me how it all goes with you and yours this time.",
        "phrase",
    ),
    (
        "{{ opening }} What comes next? And who else should hear of it, if anybody should, in the weeks to come?",
        "two questions",
    ),
    (
        "{{ opening }} What has come of it since, in the whole of that long year? Is it still open？ A no is fine.",
        "two questions, one of them in other letters",
    ),
    ("{{ opening }} Thanks.", "too short"),
    ("{{ opening }} " + "word " * 80, "too long"),
    (
        "{{ opening }} [your text here] and then some more words that make this one long enough to be sent off.",
        "placeholder",
    ),
    (
        "{{ opening }} Kith told me to write to you, and so I do, with more words that make this one long enough.",
        "ours",
    ),
    (
        "{{ opening }} See https://example.org for all of it, with more words that make this one long enough to go.",
        "address",
    ),
    (
        "{{ nonsense }} and then some more words that make this one long enough to be sent off to somebody soon.",
        "variable",
    ),
    (
        "{{ opening }} We met three days ago, and here come more words that make this one long enough to be sent.",
        "distance",
    ),
]


@pytest.mark.parametrize(("text", "why"), WRONG)
def test_guard_refuses(world, text, why):
    """A template that breaks a rule of words makes no draft, whoever wrote it."""
    touch = world.touch()
    sheet = f"Subject: {{{{ topic }}}}\n\n{{{{ greeting }}}}\n\n{text}\n\n{{{{ closing }}}}"
    templates = {name: sheet if "/draft-pick-up" in name else shipped for name, shipped in world.templates.items()}
    proposal = world.proposal("draft", "pick-up", touch)
    assert draft(proposal, world.state(touch), {}, templates) is None, why
    asking = {name: text.replace("Subject: ", "Subject: What now? ") for name, text in world.templates.items()}
    assert draft(proposal, world.state(touch), {}, asking) is None, "a second question in the subject"
    good = sheet.replace(
        text, "{{ opening }} What has come of it since, and is it still open? If not, no answer is needed at all."
    )
    assert draft(
        proposal, world.state(touch), {}, {n: good if "/draft" in n else t for n, t in world.templates.items()}
    )


@given(st.text(max_size=400), st.text(max_size=400), st.sampled_from(SITUATIONS), st.sampled_from(["en", "de"]))
def test_any_name_and_title(world, name, title, situation, language):
    """Whatever strangers call themselves and their meetings, a draft is one subject and a decent letter, or none."""
    words = composed(world, situation[0], situation[1], title, name=name, language=language)
    if words is not None:
        assert_decent(words)
