"""How does a template become words? A language so small that nothing a template says can last, grow or reach out.

Templates are Jinja2 in its immutable sandbox, held to output, conditions, comparisons, literal lists and five filters:
no loop, assignment, call, attribute, arithmetic or import. So every template ends, and its output is bounded by its own
length and that of its values (reliability C16). Data is a value, never a template (C15).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from daemon.compose.threads import Thread

Value: TypeAlias = str | int
TEMPLATE_LIMIT = 8_000
OUTPUT_LIMIT = 20_000

_FILTERS = ("capitalize", "lower", "title", "trim", "upper")
_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.List,
    nodes.Getitem,
    nodes.Filter,
)


def _sandbox() -> ImmutableSandboxedEnvironment:
    sandbox = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,  # plain text for mails and calendars, never HTML
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sandbox.globals.clear()
    sandbox.filters = {name: sandbox.filters[name] for name in _FILTERS}
    return sandbox


_SANDBOX = _sandbox()


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is written: a reminder's title and description, or a draft's subject and body. Plain text."""

    title: str
    body: str
    thread: Thread | None = None
    """Drafts: the thread that it goes on with, None for a new mail."""


class BadTemplate(Exception):
    """A template cannot be used; the text says why and quotes nothing but the template itself."""


@lru_cache(maxsize=512)
def compiled(text: str) -> Template:
    """Return ``text`` ready to render. Raises BadTemplate if it is too long, no Jinja2, or more than conditions."""
    if len(text) > TEMPLATE_LIMIT:
        raise BadTemplate(f"longer than {TEMPLATE_LIMIT} characters")
    try:
        tree = _SANDBOX.parse(text)
        _refuse(tree)
        return _SANDBOX.from_string(text)
    except TemplateSyntaxError as error:
        raise BadTemplate(f"line {error.lineno}: {error.message}") from None
    except (TemplateError, SyntaxError, RecursionError, MemoryError):
        raise BadTemplate("nested too deeply") from None


def variables(text: str) -> frozenset[str]:
    """Return the names ``text`` wants a value for. Raises BadTemplate as ``compiled`` does."""
    compiled(text)
    return frozenset(find_undeclared_variables(_SANDBOX.parse(text)))


def render(text: str, values: Mapping[str, Value]) -> str:
    """Return the template ``text`` with ``values``, ends stripped. Raises BadTemplate if that cannot be done."""
    template = compiled(text)
    try:
        output = template.render(values)
    except (TemplateError, TypeError, ValueError, LookupError, RecursionError, MemoryError) as error:
        reason = error.message if isinstance(error, TemplateError) else type(error).__name__
        raise BadTemplate(f"cannot be rendered: {reason}") from None
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


def _refuse(tree: nodes.Template) -> None:
    for node in (tree, *tree.find_all(nodes.Node)):
        if not isinstance(node, _ALLOWED):
            raise BadTemplate(
                f"line {node.lineno}: {type(node).__name__.lower()} is not possible in a template of words"
            )
        if isinstance(node, nodes.Name) and node.name == "self":
            raise BadTemplate(f"line {node.lineno}: there is no variable self")
        if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            raise BadTemplate(f"line {node.lineno}: no filter of that name; there are {', '.join(_FILTERS)}")


def _tidy(text: str) -> str:
    """Return ``text`` without spaces at line ends and with at most one empty line in a row."""
    tidy: list[str] = []
    for line in (line.rstrip() for line in text.strip().split("\n")):
        if line or (tidy and tidy[-1]):
            tidy.append(line)
    return "\n".join(tidy)
