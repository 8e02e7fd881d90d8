"""How does a template become words? A language so small that nothing a template says can last, grow or reach out.

Templates are Jinja2 in its immutable sandbox, held to output, conditions, comparisons, literal lists and five filters:
no loop, assignment, call, attribute, arithmetic or import. So every template ends, and its output is bounded by its own
length and that of its values (reliability C16). Data is a value, never a template (C15).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from daemon.compose.threads import Thread

Value: TypeAlias = str | int
TEMPLATE_LIMIT = 8_000
OUTPUT_LIMIT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is written: a reminder's title and description, or a draft's subject and body. Plain text."""

    title: str
    body: str
    thread: Thread | None = None
    """Drafts: the thread that it goes on with, None for a new mail."""


class BadTemplate(Exception):
    """A template cannot be used; the text says why and quotes nothing but the template itself."""


def variables(text: str) -> frozenset[str]:
    """Return the names ``text`` wants a value for. Raises BadTemplate if it is too long, no Jinja2, or says more."""
    from daemon.compose import sandbox

    return sandbox.variables(text)


def render(text: str, values: Mapping[str, Value]) -> str:
    """Return the template ``text`` with ``values``, ends stripped. Raises BadTemplate if that cannot be done."""
    from daemon.compose.sandbox import rendered

    output = rendered(text, values)
    if len(output) > OUTPUT_LIMIT:
        raise BadTemplate(f"makes more than {OUTPUT_LIMIT} characters")
    return output.strip()


def sheet(text: str, header: str, values: Mapping[str, Value]) -> Words:
    """Return the template ``text`` as words: its first line after ``header`` (``Subject`` or ``Title``), and the rest.

    Raises BadTemplate, also when the header or the rest is missing.
    """
    first, _, rest = render(text, values).partition("\n")
    label, colon, title = first.partition(":")
    if label.strip() != header or not colon or not title.strip():
        raise BadTemplate(f"the first line has to be '{header}: ...'")
    if not rest.strip():
        raise BadTemplate("there is no text after the first line")
    return Words(title=title.strip(), body=_tidy(rest))


def _tidy(text: str) -> str:
    """Return ``text`` without spaces at line ends and with at most one empty line in a row."""
    tidy: list[str] = []
    for line in (line.rstrip() for line in text.strip().split("\n")):
        if line or (tidy and tidy[-1]):
            tidy.append(line)
    return "\n".join(tidy)
