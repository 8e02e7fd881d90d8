"""What is left of a record when somebody is forgotten? Nothing that names them: pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias
from unicodedata import category, normalize
from urllib.parse import unquote

from connectors._address import fold
from connectors.records import Article, Event, Item, Mailbox, Message

_NAME_WORDS = 6
"""The longest run of words that is looked up as a name."""
_SPACELESS = "\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
"""Han, kana and Hangul."""
_WORD = re.compile(rf"[{_SPACELESS}]|(?:[^\W_{_SPACELESS}][\u0300-\u036f]*)+")
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"'’]+@[^\s@<>()\[\],;:\\\"'’!?/]*[^\W_]")
Word: TypeAlias = tuple[str, int, int]
"""A folded word, and where it stands."""

Known: TypeAlias = Callable[[str], bool]
"""Tells whether a text (an address, a ``name_key``, a ``title_mark``) was erased for good."""


def without_forgotten(item: Item, is_forgotten: Known) -> Item:
    """Return ``item`` without any trace of forgotten people: their addresses, their full names as display names of
    other addresses, and titles beside or about them."""
    dropped = frozenset(box.address for box in mailboxes(item) if is_forgotten(box.address))
    if dropped or _speaks_of(item, is_forgotten) or is_forgotten(title_mark(item)):
        item = untitled(item)
    if isinstance(item, Event):
        guests = tuple(guest for guest in item.guests if guest.address not in dropped)
        return replace(
            item,
            calendar="" if names_forgotten(item.calendar, is_forgotten) else item.calendar,
            organiser=_kept(item.organiser, dropped, is_forgotten),
            guests=tuple(replace(guest, name=_unnamed(guest.name, is_forgotten)) for guest in guests),
            guests_hidden=item.guests_hidden or bool(dropped),
        )

    def keep(boxes: tuple[Mailbox, ...]) -> tuple[Mailbox, ...]:
        return tuple(kept for box in boxes if (kept := _kept(box, dropped, is_forgotten)) is not None)

    sender = _kept(item.sender, dropped, is_forgotten)
    return replace(item, sender=sender, to=keep(item.to), cc=keep(item.cc), bcc=keep(item.bcc))


def _speaks_of(item: Item, is_forgotten: Known) -> bool:
    """Tell whether the title names somebody forgotten, or a platform writes in their name: "Ines accepted ..."."""
    sender = item.sender if isinstance(item, Message) and not item.sent else None
    texts = (title_of(item), *(() if sender is None else (sender.name,)))
    return any(names_forgotten(text, is_forgotten) for text in texts)


def untitled(item: Item) -> Item:
    """Return ``item`` without its title."""
    return replace(item, title="") if isinstance(item, Event) else replace(item, subject="")


def title_of(item: Item) -> str:
    """Return the title of an event, the subject of a mail."""
    return item.title if isinstance(item, Event) else item.subject


def title_mark(item: Item) -> str:
    """Return what tells this title of this record (all occurrences of a series): a first name in it names somebody."""
    return f"title\t{item.uid if isinstance(item, Event) else item.key}\t{title_of(item).casefold()}"


def names_forgotten(text: str, is_forgotten: Known) -> bool:
    """Tell whether ``text`` holds the full name or an address of somebody forgotten."""
    return any(True for _ in _places(text, is_forgotten))


def is_named_in(item: Article, is_forgotten: Known) -> bool:
    """Tell whether an article is about somebody forgotten: by its title, what it is about, or its address."""
    words = re.sub(r"[\W_]+", " ", unquote(item.key))
    return any(names_forgotten(text, is_forgotten) for text in (item.title, item.about, words))


def redacted(text: str, is_forgotten: Known) -> str:
    """Return ``text`` with the full names and addresses of forgotten people as ellipses."""
    parts: list[str] = []
    done = 0
    for start, end in sorted(_places(text, is_forgotten)):
        if start >= done:
            parts += (text[done:start], "…")
        done = max(done, end)
    return "".join((*parts, text[done:]))


def name_key(words: Iterable[str]) -> str:
    """Return a full name as it is remembered when forgotten: without case, accents and punctuation, words sorted."""
    return " ".join(sorted(word for text in words for word, _, _ in _words(text)))


def mailboxes(item: Item) -> Iterable[Mailbox]:
    """Return everybody whom ``item`` has beside its title."""
    if isinstance(item, Message):
        return (*((item.sender,) if item.sender else ()), *item.to, *item.cc, *item.bcc)
    guests = (Mailbox(address=guest.address, name=guest.name) for guest in item.guests)
    return (*((item.organiser,) if item.organiser else ()), *guests)


def _kept(box: Mailbox | None, dropped: frozenset[str], is_forgotten: Known) -> Mailbox | None:
    if box is None or box.address in dropped:
        return None
    return replace(box, name=_unnamed(box.name, is_forgotten))


def _unnamed(name: str, is_forgotten: Known) -> str:
    return "" if names_forgotten(name, is_forgotten) else name


def _places(text: str, is_forgotten: Known) -> Iterator[tuple[int, int]]:
    """Yield where forgotten people stand in ``text``: addresses, then runs of words."""
    ended = 0
    addresses = ((found.start(), found.end(), fold(found[0])) for found in _ADDRESS.finditer(text))
    for start, end, address in addresses:
        if address is not None and is_forgotten(address):
            yield start, end
    words = _words(text)
    for index, (_, start, _) in enumerate(words):
        length = 0 if start < ended else _name_at(words[index : index + _NAME_WORDS], is_forgotten)
        if length:
            ended = words[index + length - 1][2]
            yield start, ended


def _name_at(words: Sequence[Word], is_forgotten: Known) -> int:
    """Return how many of ``words`` are a forgotten name, the longest; a genitive without apostrophe is one too."""
    spelled = [word for word, _, _ in words]
    for length in range(len(words), 1, -1):
        *before, last = spelled[:length]
        if any(is_forgotten(" ".join(sorted((*before, form)))) for form in {last, last.removesuffix("s")}):
            return length
    return 0


def _words(text: str) -> list[Word]:
    """Return the words of ``text`` and where they stand: a hyphen and an apostrophe part them, so that "Huber's" is
    Huber; where a script sets no spaces, each character is one."""
    found = []
    for match in _WORD.finditer(text):
        folded = "".join(c for c in normalize("NFD", match[0].casefold()) if category(c)[0] != "M")
        if folded:
            found.append((folded, match.start(), match.end()))
    return found
