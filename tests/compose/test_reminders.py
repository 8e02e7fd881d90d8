"""What does a reminder say?"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.compose import Words, reminder
from daemon.model import Decision, SourceState, Wish

DAY = datetime(2026, 10, 14, 10, tzinfo=UTC)
ANNA = "anna@helio.example"

DRAFT = Words(title="Tender review", body="...")
HOSTILE = [
    "{{7*7}}",
    "Bob, evil@e.com",
    "=?utf-8?q?=0D=0ABcc:_x?=",
    "Anna\r\nDESCRIPTION:x",
    "\u202egro.elpmaxe",
    "x" * 10_000,
    "word " * 2_000,
    "🎉" * 300,
    "<script>alert(1)</script>",
    "Z" + "\u0300" * 500,
    '"; rm -rf ~; echo "',
    "",
    "\u200d",
]


def test_reconnect_whole(world):
    """A reconnect reminder says when and about what, whose turn, how to help, what lies in Drafts, and why."""
    touches = [
        world.touch(title="Lunch with Anna"),
        world.touch(kind="wrote", title="Re: Workshop dates", at=world.day + timedelta(days=8)),
    ]
    opinion = world.opinion(helped_by=1)
    words = reminder(
        world.proposal("reconnect", "due", *touches), world.state(*touches), {"p-anna": opinion}, world.templates, DRAFT
    )
    assert words.title == "Talk to Anna Berger"
    assert words.body == (
        "Last talk: lunch on Wed 14 Oct.\n"
        'Last mail from you: Thu 22 Oct, "Workshop dates".\n'
        "\n"
        "It is your turn: you had more help from Anna than you gave.\n"
        "How can you help Anna? If you do not know, that is a good\n"
        "question to ask.\n"
        "\n"
        'A text is in Drafts: "Tender review".\n'
        "\n"
        "Answer in the title: called, met, done, later 3w, no, never.\n"
        "Not now? Move it. Not at all? Delete it.\n"
        "Already wrote? It goes away by itself.\n"
        "---\n"
        "Why: a good time to be in touch again.\n"
        'kith why "anna berger"'
    )


def test_follow_up_whole(world):
    """A follow-up says when the two first talked and about what."""
    touch = world.touch(kind="small-group", title="Founders meetup")
    words = reminder(world.proposal("follow-up", "first-meeting", touch), world.state(touch), {}, world.templates, None)
    assert words.title == "Write to Anna Berger"
    assert words.body == (
        'First talk: meeting on Wed 14 Oct, "Founders meetup".\n'
        "\n"
        "How can you help Anna first? If you do not know, that is a\n"
        "good question to ask.\n"
        "\n"
        "Answer in the title: done, called, no, never.\n"
        "Not now? Move it. Not at all? Delete it.\n"
        "Already wrote? It goes away by itself.\n"
        "---\n"
        'Why: a first meeting. kith why "anna berger"'
    )


def test_roundup_whole(world):
    """A round-up has a line for everybody, and says where from when all come from one place."""
    others = [world.person(name, id=f"p-{n}") for n, name in enumerate(("Karl Wenz", "Ines Moreau", "Milan Kovač"))]
    touches = [
        world.touch(kind="small-group", title="Founders meetup", person=id_) for id_ in ("p-anna", "p-0", "p-1", "p-2")
    ]
    proposal = world.proposal("roundup", "first-meeting", *touches, also=("p-0", "p-1", "p-2"))
    state = world.state(*touches, others=others)
    words = reminder(proposal, state, {}, world.templates, None)
    assert words.title == "Four more from Founders meetup"
    assert words.body.split("\n")[:6] == [
        "First meetings that have no reminder of their own:",
        "",
        "- Anna Berger: meeting on Wed 14 Oct",
        "- Karl Wenz: meeting on Wed 14 Oct",
        "- Ines Moreau: meeting on Wed 14 Oct",
        "- Milan Kovač: meeting on Wed 14 Oct",
    ]
    mixed = world.state(replace(touches[0], title="Tender review"), *touches[1:], others=others)
    assert reminder(proposal, mixed, {}, world.templates, None).title == "Four more to write to"
    long = world.state(
        *(replace(t, title="Packaging and logistics in the eastern regions") for t in touches), others=others
    )
    assert reminder(proposal, long, {}, world.templates, None).title == "Four more to write to"


def test_a_quote_in_the_subject_of_the_draft(world):
    """The subject of the draft stands in quotes, so those within it are single ones."""
    touch = world.touch()
    subject = Words(title='A question about "Tender review"', body="...")
    words = reminder(world.proposal("reconnect", "due", touch), world.state(touch), {}, world.templates, subject)
    assert "A text is in Drafts: \"A question about 'Tender review'\"." in words.body.replace("\n", " ")


def test_long_roundup_counts_the_rest(world):
    """A round-up of a whole conference names some and counts the others."""
    others = [world.person(f"Person {n} {'long ' * 40}", id=f"p-{n:03}") for n in range(60)]
    proposal = world.proposal("roundup", "first-meeting", also=tuple(person.id for person in others))
    words = reminder(proposal, world.state(others=others), {}, world.templates, None)
    assert words.title.startswith("61 more")
    assert words.body.count("\n- ") == 25
    assert "and 36 more: kith plan" in words.body
    assert_fits(words)


TURNS = [
    ({"helped_by": 2, "helped": 1, "began_by_me": 9}, "It is your turn: you had more help from Anna than you gave."),
    ({"began_by_them": 2, "began_by_me": 1}, "It is your turn: Anna began more often than you."),
    ({"began_by_them": 1, "began_by_me": 4}, "You began more often than Anna. One question is enough."),
    ({"began_by_them": 2, "began_by_me": 2}, None),
]


@pytest.mark.parametrize(("fields", "line"), TURNS)
def test_turn(world, fields, line):
    """Whose turn it is comes from help given and taken, then from who began; even is not said."""
    touch = world.touch()
    opinions = {"p-anna": world.opinion(**fields)}
    words = reminder(world.proposal("reconnect", "due", touch), world.state(touch), opinions, world.templates, None)
    if line:
        assert line in words.body.split("\n")
    else:
        assert "turn" not in words.body
        assert "began" not in words.body


USUAL = {"two_way_days": tuple(date(2026, 3, 2) + timedelta(days=35 * n) for n in range(5))}
"""Five days, five weeks apart."""
EVERY = {ANNA: Wish(every=28)}
SAID = Decision(key="d", at=DAY, kind="every", about="p-anna", value="10")
WHYS = [
    ("the pair's own habit", {**USUAL, "ideal": 35.0}, {}, "you two usually meet every 5 weeks"),
    ("the habit, stretched twice by refusals", {**USUAL, "ideal": 78.75}, {}, "you two usually meet every 5 weeks"),
    ("the habit, cut to the shortest", {**USUAL, "ideal": 42.0}, {}, "a good time to be in touch again"),
    ("the habit, cut to the longest", {**USUAL, "ideal": 30.0}, {}, "a good time to be in touch again"),
    ("four days are no habit yet", {"two_way_days": USUAL["two_way_days"][1:], "ideal": 35.0}, {}, "a good time"),
    ("touches of one week are one", {"two_way_days": (date(2026, 3, 2),) * 5, "ideal": 28.0}, {}, "a good time"),
    ("an interval of Kith's own", {"ideal": 60.0}, {}, "a good time to be in touch again"),
    ("configured for the person", {**USUAL, "ideal": 28.0}, {"people": EVERY}, "wanted every 4 weeks"),
    ("configured, and stretched by refusals", {"ideal": 42.0}, {"people": EVERY}, "wanted every 4 weeks"),
    (
        "configured for a tag",
        {"ideal": 7.0},
        {"people": {ANNA: Wish(tags=("club",))}, "tags": {"club": Wish(every=7)}},
        "wanted every week",
    ),
    ("said, in days", {"ideal": 10.0}, {"decisions": (SAID,), "people": EVERY}, "wanted every 10 days"),
    ("marked key", {"ideal": 21.0, "marks": frozenset({"key"})}, {}, "wanted every 3 weeks"),
    ("no opinion", None, {}, "a good time to be in touch again"),
]


@pytest.mark.parametrize(("case", "fields", "wishes", "why"), WHYS, ids=[row[0] for row in WHYS])
def test_why(world, case, fields, wishes, why):
    """The reason claims a habit only of the pair's own making, and a wish only of the user's."""
    days = (fields or {}).get("two_way_days", ())
    touches = [world.touch(at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC)) for day in dict.fromkeys(days)]
    decisions = wishes.get("decisions", ())
    configured = {name: wish for name, wish in wishes.items() if name != "decisions"}
    state = world.state(*touches, settings=world.settings(**configured), decisions=decisions)
    opinions = {"p-anna": world.opinion(**fields)} if fields else {}
    words = reminder(world.proposal("reconnect", "due", *touches), state, opinions, world.templates, None)
    assert f"Why: {why}" in words.body, case
    assert words.body.count("every") == why.count("every")


@pytest.mark.parametrize(
    ("kinds", "language", "why"),
    [
        (("one-to-one", "small-group"), "en", "you two usually meet every 5 weeks"),
        (("one-to-one", "call"), "en", "you two usually talk every 5 weeks"),
        (("one-to-one", "heard"), "en", "you two are usually in touch every 5 weeks"),
        (("one-to-one", "small-group"), "de", "ihr trefft euch sonst alle 5 Wochen"),
        (("one-to-one", "call"), "de", "ihr sprecht sonst alle 5 Wochen miteinander"),
        (("one-to-one", "heard"), "de", "ihr habt sonst alle 5 Wochen Kontakt"),
    ],
)
def test_how_the_two_are_in_touch(world, kinds, language, why):
    """Whether the two meet, talk or write is read from their days."""
    touches = [
        world.touch(kind=kinds[n % 2], at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
        for n, day in enumerate(USUAL["two_way_days"])
    ]
    state = world.state(*touches, settings=world.settings(language))
    opinions = {"p-anna": world.opinion(**USUAL, ideal=35.0)}
    words = reminder(world.proposal("reconnect", "due", *touches), state, opinions, world.templates, None)
    assert why in words.body.replace("\n", " ")


@pytest.mark.parametrize(
    ("language", "way", "why"),
    [
        ("en", "call, or propose to meet", "Why: no answer on record to your last mails."),
        ("de", "anrufen oder ein Treffen vorschlagen", "Warum: keine Antwort auf deine letzten Mails verzeichnet."),
    ],
)
def test_silence_rule(world, language, way, why):
    """After two mails without an answer the reminder proposes another way, and no further mail."""
    touches = [world.touch(kind="wrote", title="Workshop dates", at=world.day + timedelta(days=n)) for n in (0, 8)]
    opinions = {"p-anna": world.opinion(silent=True, began_by_me=9, helped_by=1)}
    state = world.state(*touches, settings=world.settings(language))
    words = reminder(world.proposal("reconnect", "due", *touches), state, opinions, world.templates, DRAFT)
    text = words.body.replace("\n", " ")
    assert way in text
    assert why in text
    for other in ("Drafts", "Entwürfe", "question", "Frage", "turn", "dran", "wrote", "geschrieben"):
        assert other not in text
    assert_fits(words)


SEEN = [
    ("routine-meeting", "Weekly product sync", {}, "Last seen: Weekly product sync on Wed 14 Oct."),
    ("routine-meeting", "Jour fixe", {}, "Last seen: Jour fixe on Wed 14 Oct."),
    ("gathering", "Founders meetup", {}, "Last seen: Founders meetup on Wed 14 Oct."),
    ("routine-meeting", "Weekly product sync", {"private": True}, "Last seen: meeting on Wed 14 Oct."),
    ("routine-meeting", "Cancer support group", {}, "Last seen: meeting on Wed 14 Oct."),
    ("routine-meeting", "", {}, "Last seen: meeting on Wed 14 Oct."),
]


@pytest.mark.parametrize(("kind", "title", "fields", "line"), SEEN)
def test_seen_at_a_routine_meeting(world, kind, title, fields, line):
    """Who was only seen in a crowd or a series was seen, and where is named unless it is private or hurts."""
    touch = world.touch(kind=kind, title=title, **fields)
    words = reminder(world.proposal("reconnect", "due", touch), world.state(touch), {}, world.templates, None)
    assert words.body.split("\n")[:2] == [line, ""]


def test_seen_before_a_talk_is_not_told(world):
    """The routine meeting before the last talk says nothing new; the one after it does."""
    seen = world.touch(kind="routine-meeting", title="Jour fixe")

    def lines(days):
        talk = world.touch(kind="call", title="Budget round", at=world.day + timedelta(days=days))
        state = world.state(seen, talk)
        return reminder(world.proposal("reconnect", "due", talk), state, {}, world.templates, None).body

    assert "Last seen" not in lines(1)
    assert lines(-1).startswith(
        'Last talk: call on Tue 13 Oct, "Budget round".\nLast seen: Jour fixe on Wed 14 Oct.\n\n'
    )


BLIND = [
    ("en", "mail", DAY, "Kith has not seen your mail since Wed 14 Oct."),
    ("en", "events", DAY, "Kith has not seen your calendar since Wed 14 Oct."),
    ("en", "mail", None, "Kith cannot see your mail now."),
    ("de", "mail", DAY, "Kith hat deine Mails seit Mi, 14. Okt nicht gesehen."),
    ("de", "events", DAY, "Kith hat deinen Kalender seit Mi, 14. Okt nicht gesehen."),
    ("de", "events", None, "Kith sieht deinen Kalender gerade nicht."),
]


@pytest.mark.parametrize("kind", ["reconnect", "follow-up", "roundup"])
@pytest.mark.parametrize(("language", "reads", "since", "line"), BLIND)
def test_blind(world, kind, language, reads, since, line):
    """While Kith cannot see where it saw somebody last, the reminder says so first (C25)."""
    old = world.touch(kind="call", at=world.day - timedelta(days=9), account="phone")
    last = world.touch(account="post")
    ill = SourceState(account="post", kind="imap", problem="needs-login", last_success=since, reads=reads)
    well = SourceState(account="phone", kind="ics")

    def first_line(*sources):
        settings = world.settings(language)
        state = world.state(old, last, settings=settings, sources={item.account: item for item in sources})
        words = reminder(world.proposal(kind, "due", last), state, {}, world.templates, None)
        assert_fits(words)
        return words.body.split("\n")[0]

    assert first_line(ill, well) == line
    assert first_line(replace(ill, problem=""), well) != line
    assert first_line(replace(ill, account="phone")) != line


def test_private_title_stays_off_the_screen(world):
    """A private event is a meeting with a date and nothing more (P34)."""
    touch = world.touch(title="Lunch: reusable packaging", private=True)
    words = reminder(world.proposal("reconnect", "due", touch), world.state(touch), {}, world.templates, None)
    assert words.body.startswith("Last talk: meeting on Wed 14 Oct.\n")


def test_mail_by_them_and_nothing_at_all(world):
    """Their mail is told as theirs; with no record the reminder says so."""
    heard = world.touch(kind="heard", rule="M3", title="Tender review")
    proposal = world.proposal("reconnect", "due", heard)
    assert (
        'Last mail to you: Wed 14 Oct, "Tender review".'
        in reminder(proposal, world.state(heard), {}, world.templates, None).body
    )
    assert reminder(proposal, world.state(), {}, world.templates, None).body.startswith(
        "No conversation on record yet."
    )


@pytest.mark.parametrize(
    ("name", "addresses", "title"),
    [
        ("", ("ada@example.com",), "Talk to ada@example.com"),
        ("boss@corp.example", ("evil@x.example",), "Talk to evil@x.example"),
        ("", ("a.very.long.mailbox.name@subdomain.example.com",), "Talk to a.very.long.mailbox.name@subdom…"),
        ("Alexandra Konstantinopoulou Meyer-Landrut", ("a@x.example",), "Talk to Alexandra Konstantinopoulou…"),
        ("<b>Ada</b> Lovelace", ("a@x.example",), "Talk to ‹b›Ada‹/b› Lovelace"),
    ],
)
def test_title_names(world, name, addresses, title):
    """A title has the name early, in at most 40 characters; without a name the address, shortened."""
    state = world.state(person=world.person(name, addresses=addresses, certain_name=False))
    assert reminder(world.proposal("reconnect", "due"), state, {}, world.templates, None).title == title


@pytest.mark.parametrize(
    ("name", "others", "command"),
    [
        ("Anna Berger", (), 'kith why "anna berger"'),
        ("Anna Berger", ("Anna Bergerova",), "kith why p-anna"),
        ("Γιώργος Παπαδόπουλος", (), 'kith why "γιώργος παπαδόπουλος"'),
        ("Max Groß", (), 'kith why "max groß"'),
        ("$(reboot)", (), "kith why p-anna"),
        ("--all", (), "kith why p-anna"),
        ('Anna "Ann" Berger', (), "kith why p-anna"),
        ("", (), "kith why p-anna"),
        ("A Name Far Too Long To Be Typed On A Phone", (), "kith why p-anna"),
    ],
)
def test_command(world, name, others, command):
    """The command names a person by a name that is safe to type and nobody else's, otherwise by id."""
    people = [world.person(other, id=f"p-{n}") for n, other in enumerate(others)]
    state = world.state(person=world.person(name), others=people)
    words = reminder(world.proposal("reconnect", "due"), state, {}, world.templates, None)
    assert words.body.split("\n")[-1].endswith(command)


def test_discreet(world):
    """No title tells a stranger over the shoulder what Kith thinks: no stage, score or count of days."""
    for kind in ("follow-up", "reconnect", "roundup"):
        title = reminder(world.proposal(kind, "due"), world.state(), {}, world.templates, None).title.casefold()
        assert not any(word in title for word in ("silent", "overdue", "score", "stage", "days", "kith", "dormant"))


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", ["follow-up", "reconnect", "roundup"])
@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: repr(text[:20]))
def test_hostile(world, hostile, kind, language):
    """Names and titles of strangers stay text: no markup, no second line of a header, nothing that runs."""
    touch = world.touch(title=hostile)
    state = world.state(touch, person=world.person(hostile), settings=world.settings(language))
    draft = Words(title=hostile, body="")
    assert_fits(reminder(world.proposal(kind, "due", touch), state, {}, world.templates, draft))


@given(st.text(max_size=300), st.text(max_size=300), st.sampled_from(["follow-up", "reconnect", "roundup"]))
def test_any_name_and_title(world, name, title, kind):
    """Whatever a name or a title holds, a reminder fits on a phone and holds no control character."""
    touch = world.touch(title=title)
    state = world.state(touch, person=world.person(name))
    assert_fits(reminder(world.proposal(kind, "due", touch), state, {}, world.templates, Words(title=title, body="")))


def assert_fits(words):
    """Assert the limits of wording.md."""
    assert 0 < len(words.title) <= 40
    assert all(len(line) <= 60 for line in words.body.split("\n"))
    assert words.body.count("\n") < 120
    assert sum(line.startswith(("Why:", "Warum:")) for line in words.body.split("\n")) == 1
    assert "kith why" in words.body
    text = words.title + words.body.replace("\n", "")
    bad = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}} - {"\u200c", "\u200d"}
    assert not bad
    assert not set(text) & {"<", ">"}
    assert not re.search(r"=\?[^?]+\?[bq]\?", text, re.IGNORECASE)


def test_broken_template_of_the_user(world):
    """A reminder is written although the user's template cannot be used: the name, and the command that tells why."""
    touch = world.touch()
    templates = {**world.templates, "en/reconnect": "Title: {{ nonsense }}\n\nx"}
    words = reminder(world.proposal("reconnect", "due", touch), world.state(touch), {}, templates, None)
    assert words == Words(title="Anna Berger", body='Anna Berger\n---\nkith why "anna berger"')


def test_order_of_facts_never_matters(world):
    """The same facts in another order make the same words."""
    touches = [
        world.touch(title="Tender review"),
        world.touch(kind="wrote", title="Workshop dates"),
        world.touch(kind="call", title="Budget round", at=world.day + timedelta(days=1)),
    ]
    proposal = world.proposal("reconnect", "due", *touches)
    forward = reminder(proposal, world.state(*touches), {}, world.templates, None)
    assert reminder(proposal, world.state(*reversed(touches)), {}, world.templates, None) == forward
