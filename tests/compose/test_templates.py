"""What can a template do, what can it not, and is the user told?"""

from __future__ import annotations

import time

import pytest

from daemon.compose import problems
from daemon.compose.sandbox import compiled
from daemon.compose.templates import BadTemplate, render

ATTEMPTS = [
    "{{ cycler.__init__.__globals__ }}",
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ name['__class__'] }}",
    "{{ ['a'][name.__class__] }}",
    "{{ 'a'*10**9 }}",
    "{{ 'a' ~ 'b' }}",
    "{{ '%999999999d' % 1 }}",
    "{{ '%999999999d'|format(1) }}",
    "{{ name|replace('a', 'aaaaaaaaaa') }}",
    "{{ name|center(999999999) }}",
    "{{ name|attr('__class__') }}",
    "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
    "{% set a = 'aaaaaaaaaa' %}{{ a }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% extends 'other' %}",
    "{{ lipsum() }}",
    "{{ self }}",
    "{{ name.upper() }}",
    "{% raw %}{{ x }}",
    "{{ unfinished",
    "{% if name %}",
    "{{ name|nonsense }}",
    "{% if a %}" * 700,
    "{{ " + "(" * 3_000 + "1" + ")" * 3_000 + " }}",
    "x" * 8_001,
]


@pytest.mark.parametrize("text", ATTEMPTS, ids=lambda text: text[:40])
def test_attempts(text):
    """Whatever reaches out, lasts or grows is refused, at once."""
    began = time.monotonic()
    with pytest.raises(BadTemplate):
        render(text, {"name": "Ada"})
    assert time.monotonic() - began < 2


def test_data_is_no_template():
    """Template text in a value stays text."""
    assert render("{{ name }}", {"name": "{{7*7}}{% raw %}"}) == "{{7*7}}{% raw %}"


def test_what_is_possible():
    """Conditions, comparisons, literal lists and the five filters are enough."""
    text = "{% if count > 2 and not name %}a{% else %}{{ ['x', name|upper][count] }}{% endif %}"
    assert render(text, {"count": 1, "name": "ada"}) == "ADA"


def test_shipped_templates_have_no_problem(world):
    """Every template that is shipped passes every check that a user's own has to pass."""
    assert problems(world.templates) == ()


def letter(text, greeting="{{ greeting }}"):
    """Return the template of a draft that says ``text``."""
    return f"Subject: {{{{ topic }}}} x\n\n{greeting}\n\n{text}\n\n{{{{ closing }}}}"


OWN = [
    ("en/reconnect", "Title: Talk to {{ nam }}\n\nx", "unknown variable nam; there are "),
    ("en/reconnect", "Talk to {{ name }}\n\nx", "the first line has to be 'Title: ...'"),
    ("en/reconnect", "Title: {{ name }}", "there is no text after the first line"),
    ("en/reconnect", "Title: {{ name }\n\nx", "line 1: "),
    ("en/reconnect", "Title: x\n\n{{ ''.__class__ }}", "line 3: getattr is not possible"),
    ("en/reconnect", "x" * 8_001, "longer than 8000 characters"),
    ("en/reconnct", "Title: x\n\nx", "Kith uses no template of that name"),
    ("reconnect", "Title: x\n\nx", "Kith uses no template of that name"),
    ("en/date", "{{ day }}. {{ ['Jan'][month] }}", "cannot be rendered: "),
    ("en/closing", "{{ greeting }}", "unknown variable greeting; there are own_first, own_name"),
    (
        "en/draft-pick-up.7",
        letter("Hi."),
        "has to have 20 to 70 words",
    ),
    (
        "en/draft-pick-up.7",
        letter("{{ opening }} I am just checking in to hear how all of it went. If it is done, no answer is needed."),
        "forbids: just checking in",
    ),
    (
        "en/draft-first-meeting.1",
        letter("{{ opening }} What would help you most now? One line is enough, a no is fine.", greeting="Dear you,"),
        "has to begin with {{ greeting }}",
    ),
    ("en/never", "x" * 8_001, "longer than 8000 characters"),
    (
        "fr/draft-pick-up.1",
        letter("{{ opening }}"),
        "needs the template fr/",
    ),
]


@pytest.mark.parametrize(("name", "text", "wrong"), OWN)
def test_problems(world, name, text, wrong):
    """What is wrong with a user's own template is told by its name and in words."""
    found = dict(problems({**world.templates, name: text}))
    assert wrong in found[name]


def test_missing_parts_of_a_language(world):
    """A language with drafts that lacks what every draft needs is told what it lacks."""
    found = dict(problems({**world.templates, "fr/draft-pick-up.1": "Subject: x\n\nx"}))
    assert {"fr/closing", "fr/date", "fr/greeting", "fr/never", "fr/opening"} <= found.keys()


def test_compiled_once():
    """The same text is compiled once."""
    assert compiled("{{ name }}") is compiled("{{ name }}")
