"""When does a draft go on with a thread, and how does it read there?"""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.compose import draft
from daemon.model import Wish
from tests.compose.test_drafts import assert_decent

CASES = tomllib.loads((Path(__file__).parent.parent / "data" / "words" / "threads.toml").read_text())["case"]
ADDRESSES = ("anna@helio.example", "anna@dead.example")
CALLED = {
    ("en", "wrote"): "I wrote to you about this.",
    ("en", "forwarded"): "I forwarded this to you.",
    ("en", "heard"): "you wrote to me about this.",
    ("de", "wrote"): "dazu geschrieben.",
    ("de", "forwarded"): "das hier weitergeleitet.",
    ("de", "heard"): "mir dazu geschrieben.",
}


def mail(world, *, days, id, title, kind="wrote", rule="M1", address="anna@helio.example", **more):  # noqa: A002
    at = world.now - timedelta(days=days)
    more = {"thread": id, "person": "p-anna", **more}
    return world.touch(kind, title, at, source=id, address=address, rule=rule, **more)


def composed(world, mails, *, language="en", tone=None, cycle=0):
    anna = world.person(addresses=ADDRESSES, dead=("anna@dead.example",))
    ben = world.person("Ben Huber", id="p-ben", addresses=("ben@near.example",))
    wishes = {ADDRESSES[0]: Wish(tone=tone, language=language)}
    state = world.state(*mails, person=anna, others=[ben], settings=world.settings(people=wishes))
    return draft(world.proposal("draft", "pick-up", mails[-1], cycle=cycle), state, {}, world.templates)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_what_is_answered(world, case):
    """A fresh thread of the two alone is gone on with, under its own subject; everything else begins anew."""
    words = composed(world, [mail(world, **fields) for fields in case["mails"]])
    assert words is not None
    assert_decent(words)
    if "answers" not in case:
        assert words.thread is None
        assert not words.title.startswith("Re:")
        assert "Machine safety in Graz" in words.body
        return
    last = case["mails"][-1]
    assert (words.thread.answered, words.title) == (case["answers"], case["subject"])
    assert words.thread.key == last.get("thread", last["id"])
    assert "Machine safety in Graz" not in words.body


@pytest.mark.parametrize(("language", "tone"), [("en", None), ("de", None), ("de", "familiar")])
@pytest.mark.parametrize(("kind", "rule"), [("wrote", "M1"), ("forwarded", "M6"), ("heard", "M3")])
def test_every_template_reads_as_an_answer(world, language, tone, kind, rule):
    """Each shipped variant says what its mail was, quotes nothing in its own thread, and keeps every rule of words."""
    fields = {"days": 30, "id": "a@winter.example", "title": "Machine safety in Graz", "kind": kind, "rule": rule}
    found = set()
    for cycle in range(3):
        words = composed(world, [mail(world, **fields)], language=language, tone=tone, cycle=cycle)
        assert_decent(words)
        assert words.title == "Re: Machine safety in Graz"
        assert CALLED[language, kind] in words.body
        assert not set('"„“') & set(words.body)
        found.add(words.body)
    assert len(found) == 3


def test_a_subject_that_no_rule_allows_begins_anew(world):
    """Where the thread's own subject would break a rule of words, the draft is a new mail and not none."""
    marks = "".join(f"{name}: " for name in ("WG", "Fwd", "TR", "RV") * 4)
    words = composed(world, [mail(world, days=30, id="a@winter.example", title=f"{marks}Machine safety in Graz")])
    assert (words.thread, "Machine safety in Graz" in words.title) == (None, True)


def test_a_first_meeting_always_begins_anew(world):
    """A mail to somebody just met, beside the meeting, is not what a first-meeting draft goes on with."""
    met = world.touch("one-to-one", "Machine safety in Graz", world.now - timedelta(days=1))
    before = mail(world, days=3, id="a@winter.example", title="Machine safety in Graz")
    state = world.state(before, met, person=world.person(addresses=ADDRESSES))
    words = draft(world.proposal("draft", "first-meeting", met, before), state, {}, world.templates)
    assert words.thread is None


@pytest.mark.parametrize(("days", "subject"), [(30, "Re: Machine safety in Graz"), (60, "My Machine safety in Graz")])
def test_a_users_own_template_answers_too(world, days, subject):
    """A template of the user's own folder has its subject overruled in a thread; the rest is the user's."""
    text = "Subject: My {{ topic }}\n\n{{ greeting }}\n\n{{ opening }} " + " ".join(["word"] * 20) + "\n\n{{ closing }}"
    templates = {**world.templates, **{f"en/draft-pick-up.{number}": text for number in (1, 2, 3)}}
    touch = mail(world, days=days, id="a@winter.example", title="Machine safety in Graz")
    state = world.state(touch, person=world.person(addresses=ADDRESSES))
    assert draft(world.proposal("draft", "pick-up", touch), state, {}, templates).title == subject
