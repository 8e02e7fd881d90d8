"""What did the user type, whatever the editor made of it? Text that came back, as a reader sees it.

Text from calendars is data: what it says is read, its markup never comes further than here.
"""

from __future__ import annotations

import re
import unicodedata

READ_LIMIT = 20_000
"""Characters read of any text that came back."""
TEXT_LIMIT = 500
"""Characters kept of a note or a promise."""
EDGES = " \t\n,;:.|/-"
"""What stands between an answer and its text."""

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_LAYERS = 4
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9-]{0,9})(?=[\s/>])[^<>]{0,2000}>")
_BREAKS = frozenset("br p div li ul ol tr table h1 h2 h3 h4 h5 h6 blockquote html-blob pre".split())
_INLINE = frozenset("a b i u s em strong span font small big sub sup wbr tt code tbody td th mark".split())
_MARKUP = re.compile(r"<(?=[A-Za-z/!?])")
_BULLETS = re.compile(r"^(?:[•‣⁃◦▪▫●○■□·∙*+-] )+(?=\S)")
_MARKS_IN_A_ROW = 3
_JOINERS = "\u200c\u200d"
_SKIN = range(0x1F3FB, 0x1F400)
_TYPED = str.maketrans(
    dict.fromkeys("\r\v\f\x85\u2028\u2029", "\n")
    | dict.fromkeys("“”„‟«»″", '"')
    | dict.fromkeys("‘’‚‛‹′`´", "'")
    | dict.fromkeys("–—‒―−‐‑﹣－", "-")
    | {"…": "...", "\t": " "}
)
"""What keyboards and editors put for what was typed."""
_TYPED.pop(ord("‹"))  # it stands for "<" here


def plain(text: str) -> str:
    """Return ``text`` as lines without markup, entities, bullets, smart quotes, long dashes and invisible characters.

    What is no tag of an editor stays as text, its "<" as "‹". At most 20,000 characters are read. Reading the result
    again gives the same.
    """
    lines: list[str] = []
    for line in _safe(text).split("\n"):
        words = _BULLETS.sub("", " ".join(line.split()), count=1) if line else ""
        if words or (lines and lines[-1]):
            lines.append(words)
    return "\n".join(lines).rstrip("\n")


def line_of(text: str) -> str:
    """Return ``text`` as one plain line; what would be a bullet in a list is the title's own here."""
    return " ".join(_safe(text).split())


def kept(text: str) -> str:
    """Return a note or a promise as it is stored: a plain line of at most 500 characters, no comma at its ends."""
    line = line_of(text)[:TEXT_LIMIT].strip(EDGES)
    if line[:1] == "(" and line.find(")") == len(line) - 1:
        line = line[1:-1].strip(EDGES)
    return line


def _safe(text: str) -> str:
    seen = _TAG.sub(_untagged, _visible(text[:READ_LIMIT].replace("\r\n", "\n")))
    return _MARKUP.sub("‹", _decoded(seen)[:READ_LIMIT])


def says(text: str) -> bool:
    """Tell whether ``text`` holds a letter or a number."""
    return any(character.isalnum() for character in text)


def _untagged(tag: re.Match[str]) -> str:
    name = tag[1].lower()
    return "\n" if name in _BREAKS else "" if name in _INLINE else tag[0]


def _decoded(text: str) -> str:
    """Return ``text`` without entities, however often they were escaped; beyond four layers it is no editor's work."""
    for _ in range(_LAYERS):
        again = _visible(_ENTITY.sub(_character, text))
        if again == text:
            return text
        text = again
    return text.replace("&", "＆")


def _character(entity: re.Match[str]) -> str:
    from html import unescape  # a table of all there are

    return unescape(entity[0])


def _visible(text: str) -> str:
    """Return ``text`` as a plain keyboard types it, composed: no controls, no directions, no tower of marks."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text.translate(_TYPED)
    characters: list[str] = []
    marks = 0
    for character in text.translate(_TYPED):
        category = unicodedata.category(character)
        if character == "\n" or character in _JOINERS or category[0] not in "CZ" or category == "Cn":
            marks = marks + 1 if category in {"Mn", "Me"} else 0
            if marks <= _MARKS_IN_A_ROW:
                characters.append(character)
        elif category == "Zs":
            characters.append(" ")
            marks = 0
    return unicodedata.normalize("NFC", _joined(characters)).translate(_TYPED)


def _joined(characters: list[str]) -> str:
    """Return ``characters`` with joiners only where emoji or scripts need them."""
    wanted: list[str] = []
    for index, character in enumerate(characters):
        if character in _JOINERS:
            after = characters[index + 1] if index + 1 < len(characters) else " "
            if not (wanted and _joins(wanted[-1]) and _joins(after)):
                continue
        wanted.append(character)
    return "".join(wanted)


def _joins(character: str) -> bool:
    return ord(character) in _SKIN or unicodedata.category(character) in {"So", "Lo", "Mn", "Mc"}
