"""Only a draft's own middle goes to the model the user named, in bounded time; the rest is as if there were none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from connectors.model import Model
from daemon.config import ConfigError, load
from daemon.model import Plan
from daemon.rewriting import PATIENCE, reworded
from daemon.vocabulary import load_templates, load_vocabulary
from daemon.world import World
from tests.connectors.small_server import Small, answer, drop, raw, small_server
from tests.histories import NOW, SETTINGS, entry

MESSAGE = (
    'When we met on 14 October, it was about "Pumps for the valley". What has come of it since?\n\n'
    "If something from it is still open, tell me: perhaps I know somebody who has been through it. If all is settled, "
    "no answer is needed."
)
AGAIN = MESSAGE.replace("What has come of it since?", "How has it gone since then?")


@pytest.fixture
def server() -> Iterator[Small]:
    with small_server() as made:
        yield made


def world(say_again: Callable[[str], str | None] | None) -> World:
    return World(
        settings=SETTINGS,
        vocabulary=load_vocabulary(),
        templates=load_templates(),
        sources={},
        kinds={},
        say_again=say_again,
    )


def plan(number: int = 1) -> Plan:
    body = f"Hello Ada,\n\n{MESSAGE}\n\nClara"
    drafts = [
        replace(entry("draft", f"p-{n}"), title="Pumps", body=body, evidence=("secret",), to="ada@far.example")
        for n in range(number)
    ]
    return Plan(write=(replace(entry("reconnect", "p-1"), body="secret reminder"), *drafts))


def says(text: str) -> object:
    return answer({"choices": [{"message": {"role": "assistant", "content": text}}]})


def test_the_middle_of_a_draft_goes_there_and_nothing_else(server: Small) -> None:
    """No name, no address, no subject, no reminder; all but the words of the body stays."""
    server.replies.append(says(AGAIN))  # type: ignore[arg-type]
    before = plan()
    after = reworded(before, world(Model(f"{server.url}/v1", "small").say_again))
    (asked,) = server.seen
    assert asked.path == "/v1/chat/completions"
    sent = json.loads(asked.body)
    assert sent["messages"][1] == {"role": "user", "content": MESSAGE}
    assert not [word for word in ("Ada", "ada@far", "Clara", "secret", "p-1") if word in asked.body.decode()]
    assert "tools" not in sent
    assert "authorization" not in asked.headers
    assert after.write[1].body == f"Hello Ada,\n\n{AGAIN}\n\nClara"
    assert replace(after.write[1], body=before.write[1].body) == before.write[1]
    assert after.write[0] == before.write[0]


@pytest.mark.parametrize(
    "reply",
    [
        drop,
        raw(b"", 500),
        raw(b"", 307, Location="https://evil.example/"),
        raw(b"{"),
        raw(b"[" * 100_000),
        answer({"choices": []}),
        answer({"choices": [{"message": {"content": 3}}]}),
        answer({"choices": [{"message": {"content": "Buy now at https://evil.example"}}]}),
        raw(b"x" * (1 << 19)),
    ],
    ids=["drop", "500", "redirect", "half", "deep", "empty", "a number", "an advertisement", "too large"],
)
def test_without_an_answer_worth_it_the_template_stays(server: Small, reply: object) -> None:
    """Whatever the endpoint does."""
    server.replies.append(reply)  # type: ignore[arg-type]
    assert reworded(plan(), world(Model(f"{server.url}/v1", "small").say_again)) == plan()


def test_the_first_that_fails_ends_the_asking(server: Small) -> None:
    """A tick does not wait for each draft anew."""
    server.replies.append(drop)
    assert reworded(plan(3), world(Model(f"{server.url}/v1", "small").say_again)) == plan(3)
    assert len(server.seen) == 1


def test_the_time_for_all_words_is_bounded() -> None:
    """What is not said again within it stays as it is."""
    clock = count(0, int(PATIENCE * 0.6))
    asked: list[str] = []
    after = reworded(plan(5), world(lambda text: asked.append(text) or AGAIN), clock=lambda: float(next(clock)))
    assert [item.body == plan().write[1].body for item in after.write[1:]] == [False, True, True, True, True]
    assert len(asked) == 1


def test_without_a_model_nothing_is_asked() -> None:
    """Off by default."""
    assert reworded(plan(), world(None)) == plan()


LEAST = """\
[me]
name = "Ada Example"
addresses = ["ada@example.com"]
timezone = "Europe/Berlin"
[accounts.agenda]
kind = "ics"
path = "calendar.ics"
[words]
"""


@pytest.mark.parametrize(
    ("lines", "endpoint"),
    [
        ("", None),
        ('endpoint = "http://127.0.0.1:11434/v1"\nmodel = "small"', "http://127.0.0.1:11434/v1"),
        (
            'endpoint = "https://gpu.home.example/v1"\nprivate_hosts = ["gpu.home.example"]',
            "https://gpu.home.example/v1",
        ),
        ('endpoint = "http://gpu.home.example/v1"', "refused"),
        ('endpoint = "https://ada:pw@gpu.home.example/v1"', "refused"),
    ],
)
def test_the_endpoint_is_the_users_word(tmp_path: Path, lines: str, endpoint: str | None) -> None:
    """None by default; https, or http on this machine; no login in it."""
    (tmp_path / "config.toml").write_text(LEAST + lines)
    if endpoint == "refused":
        with pytest.raises(ConfigError, match="endpoint"):
            load(tmp_path / "config.toml", {}, NOW.date())
        return
    made = load(tmp_path / "config.toml", {}, NOW.date()).model
    assert (None if made is None else made.endpoint) == endpoint
