"""How does a page become one file? HTML by Jinja2: every text escaped, nothing fetched, no script."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from connectors.records import HTML_LIMIT
from daemon.page.values import Page, Summary
from daemon.review import Week


def document(page: Page, template: str, style: str) -> str:
    """Return the whole page as HTML, its Content-Security-Policy allowing that ``style`` and nothing else."""
    return _made(template, style, title=page.title, page=page, weeks=())


def index(weeks: Sequence[Week], template: str, style: str) -> str:
    """Return the page that leads to the pages of ``weeks``, which lie beside it."""
    return _made(template, style, title="Your weeks", page=None, weeks=weeks)


def letter(summary: Summary, template: str) -> str:
    """Return the same for a mail: no style sheet, no picture and no link, for mail programs take them out or fetch
    them. Returns "" where it would be more than a draft may hold."""
    made = _compiled(template).render(it=summary)
    return made if len(made.encode("utf-8", "replace")) <= HTML_LIMIT else ""


def _made(template: str, style: str, **values: object) -> str:
    digest = b64encode(sha256(style.encode()).digest()).decode()
    sheet = Markup(style)  # noqa: S704 - the style sheet is Kith's own
    return _compiled(template).render(**values, style=sheet, digest=Markup(f"sha256-{digest}"))  # noqa: S704 - a hash


@lru_cache(maxsize=4)
def _compiled(template: str) -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template)
