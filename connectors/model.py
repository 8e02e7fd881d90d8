"""How does a language model say a text again? One question to an OpenAI-compatible endpoint that the user named.

Only that text leaves the process; nothing is remembered there that we know of, nothing is streamed, no tool is offered.
What comes back is text that nobody believes yet.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from connectors._fetch import Bounds, Guard, guard_for, post
from connectors._reach import LOOPBACK
from connectors.records import ConnectorError

BOUNDS = Bounds(size=1 << 18, seconds=10.0)
MOST_TOKENS = 400
TASK = (
    "Say the user's message again in the same language, in other words, as plain text of 25 to 65 words. Keep its "
    "meaning, its tone and its form of address. Keep names, dates, numbers, addresses and what stands in quotation "
    "marks exactly as they are. Add no fact, no name, no greeting, no signature, no feeling and no compliment. Ask no "
    "further question. Answer with the message alone."
)


@dataclass(frozen=True)
class Model:
    """A model at an endpoint: ``endpoint`` is the base under which ``/chat/completions`` lies."""

    endpoint: str
    model: str
    private_hosts: tuple[str, ...] = ()

    def say_again(self, text: str) -> str | None:
        """Return ``text`` in other words, None if no answer came that can be read."""
        asked = {
            "model": self.model,
            "messages": [{"role": "system", "content": TASK}, {"role": "user", "content": text}],
            "temperature": 0.4,
            "seed": 1,
            "max_tokens": MOST_TOKENS,
            "stream": False,
        }
        try:
            answer = post(
                f"{self.endpoint.rstrip('/')}/chat/completions",
                json.dumps(asked).encode(),
                self._guard(),
                BOUNDS,
                {"Content-Type": "application/json", "Accept": "application/json"},
            )
        except ConnectorError:
            return None
        return _content(answer.body) if answer.status == 200 else None

    def _guard(self) -> Guard:
        return guard_for((*self.private_hosts, *LOOPBACK))


def _content(body: bytes) -> str | None:
    try:
        found: Any = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return None
    return found if isinstance(found, str) else None
