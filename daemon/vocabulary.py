"""Which words does Kith know? Reads the word lists and templates that are data, not code.

``data/*.toml`` hold lists by name; ``data/words.LANG.toml`` those of one language, merged under the same names.
``words/LANG/*.txt`` are the templates; a folder of the user's overrules them file by file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from daemon import names
from daemon.model import Vocabulary

TEMPLATE_LIMIT = 64 * 1024
_FOLDS: Mapping[str, Callable[[str], str]] = {"quotes.toml": str.casefold, "hints.toml": str.casefold}
"""Quotes and subjects are compared as they are written; detection folds titles and names without accents."""


@cache
def load_vocabulary(languages: tuple[str, ...] | None = None) -> Vocabulary:
    """Return all word lists, those of ``languages`` merged in: None for every language, since titles come in several.

    English always; an unknown language adds nothing.
    """
    lists: dict[str, set[str]] = {}
    wanted = None if languages is None else {f"words.{language}.toml" for language in ("en", *languages)}
    for entry in sorted(_folder("data"), key=lambda item: item.name):
        if entry.name.endswith(".toml") and (wanted is None or entry.name[:6] != "words." or entry.name in wanted):
            fold = _FOLDS.get(entry.name, names.fold)
            for name, words in tomllib.loads(entry.read_text("utf-8")).items():
                lists.setdefault(name, set()).update(fold(word) for word in words)
    return Vocabulary(_Lists({name: frozenset(words) for name, words in lists.items()}))


class _Lists(dict[str, frozenset[str]]):
    """The lists, and the stop words of a language under ``stop-LANG``, read when asked for: no rule needs them."""

    def __missing__(self, name: str) -> frozenset[str]:
        kind, _, language = name.partition("-")
        if kind != "stop":
            raise KeyError(name)
        return _stop_languages() if language == "languages" else _stop_words(language)


@cache
def _stop_words(language: str) -> frozenset[str]:
    """Return the folded stop words of ``language`` and their parts, none where nobody listed them."""
    import stop_words

    found = stop_words.get_stop_words(language) if language in stop_words.LANGUAGE_MAPPING else ()
    return frozenset(part for word in found for part in (names.fold(word), *names.words(word)))


@cache
def _stop_languages() -> frozenset[str]:
    import stop_words

    return frozenset(stop_words.LANGUAGE_MAPPING)


def languages() -> tuple[str, ...]:
    """Return the languages that templates are shipped in."""
    return tuple(sorted(entry.name for entry in _folder("words") if entry.is_dir() and entry.name[:1] != "_"))


def load_templates(folder: Path | None = None) -> Mapping[str, str]:
    """Return template texts by ``LANG/name`` (no suffix), the user's ``folder`` overruling file by file.

    Raises OSError or UnicodeDecodeError if a file of the user's cannot be read, ValueError if it is over 64 KiB.
    """
    templates = dict(_shipped())
    if folder is not None:
        for path in sorted(folder.glob("*/*.txt")):
            if path.stat().st_size > TEMPLATE_LIMIT:
                raise ValueError(f"{path}: larger than {TEMPLATE_LIMIT} bytes")
            templates[f"{path.parent.name}/{path.stem}"] = path.read_text("utf-8")
    return templates


@cache
def _shipped() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for language in languages():
        for entry in files("daemon").joinpath("words").joinpath(language).iterdir():
            if entry.name.endswith(".txt"):
                found[f"{language}/{entry.name.removesuffix('.txt')}"] = entry.read_text("utf-8")
    return found


def _folder(name: str) -> Iterable[Traversable]:
    return files("daemon").joinpath(name).iterdir()


@cache
def load_page() -> tuple[str, str]:
    """Return the template of the review's page, and its style sheet."""
    template, style = (files("daemon").joinpath("data").joinpath(f"review.{kind}") for kind in ("html", "css"))
    return template.read_text("utf-8"), style.read_text("utf-8")


@cache
def load_mail() -> str:
    """Return the template of the review in a mail."""
    return files("daemon").joinpath("data").joinpath("review-mail.html").read_text("utf-8")
