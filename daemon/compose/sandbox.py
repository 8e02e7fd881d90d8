"""In what do templates run? Jinja2 in its immutable sandbox, held to what ``templates`` says of the language.

Imported with the first template that is rendered or checked: most commands say nothing in anybody's words.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from daemon.compose.templates import TEMPLATE_LIMIT, BadTemplate, Value

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


def rendered(text: str, values: Mapping[str, Value]) -> str:
    """Return the template ``text`` with ``values``. Raises BadTemplate as ``compiled`` does, or if it cannot be."""
    template = compiled(text)
    try:
        output: str = template.render(values)
    except (TemplateError, TypeError, ValueError, LookupError, RecursionError, MemoryError) as error:
        reason = error.message if isinstance(error, TemplateError) else type(error).__name__
        raise BadTemplate(f"cannot be rendered: {reason}") from None
    return output


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
