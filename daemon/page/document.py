"""How does a page become one file? HTML by Jinja2: every text escaped, nothing fetched, no script."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from hashlib import sha256

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from daemon.page.values import Page


def document(page: Page, template: str, style: str) -> str:
    """Return the whole page as HTML, its Content-Security-Policy allowing that ``style`` and nothing else."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    sheet = Markup(style)  # noqa: S704 - the style sheet is Kith's own
    return _compiled(template).render(page=page, style=sheet, digest=Markup(f"sha256-{digest}"))  # noqa: S704 - a hash


@lru_cache(maxsize=2)
def _compiled(template: str) -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template)
