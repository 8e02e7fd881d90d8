"""Which articles fit what somebody cares about, and by which words? Ranked by BM25 (SQLite's full-text search).

Words are compared by their stems (Snowball's, English and German, so that "packages" is "packaging" and "Verpackungen"
is "Verpackung"). An article fits by what the user noted or a tag, all of it (of long phrases two words), or by two
words of titles between the two; one of the words has to stand in the article's own title. Pure: the index lives in
memory, and the same articles and words give the same order.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from connectors.records import Article
from daemon.model import State, Vocabulary
from daemon.relate.topics import Content, Topic

if TYPE_CHECKING:
    from sqlite3 import Connection

TITLE_WEIGHT, ABOUT_WEIGHT = 3.0, 1.0
ENOUGH = 2
"""Words of titles, or of a long phrase, that have to be the same."""
BEST = 50
_NAMED = "article/"
_LANGUAGES = ("english", "german")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An article, the topics that it fits, the weightiest first, and the words of them that stand in it, as shown."""

    article: Article
    topics: tuple[Topic, ...]
    words: tuple[str, ...]


def article_key(item: Article) -> str:
    """Return the name under which ``item`` is evidence."""
    return f"{_NAMED}{item.key}"


def is_article(key: str) -> bool:
    """Tell whether the evidence called ``key`` is an article."""
    return key.startswith(_NAMED)


def library(state: State) -> Library:
    """Return the articles of the day of ``state``: the same ones as before while nothing changed, for a thousand take a
    quarter of a second to put in order."""
    told = state.articles, state.vocabulary, state.settings.me.language
    if not _LAST or _LAST[0][0] != told:
        _LAST[:] = [(told, Library(state))]
    return _LAST[0][1]


class Library:
    """The articles of the day of ``state``."""

    def __init__(self, state: State) -> None:
        content = Content(state.vocabulary, state.settings.me.language)
        self._articles = state.articles
        self._stems = [(_stems(content, item.title), _stems(content, item.about)) for item in state.articles]
        self._index = self._indexed() if self._articles else None

    def matches(self, topics: Sequence[Topic]) -> tuple[Match, ...]:
        """Return the articles that fit somebody who cares about ``topics``: the user's own first, then by rank."""
        wanted = sorted({stem for topic in topics for word in topic.words for stem in [stem_of(word)] if stem})
        if not wanted or self._index is None:
            return ()
        ranked = self._index.execute(
            "SELECT rowid FROM shelf WHERE shelf MATCH ? ORDER BY bm25(shelf, ?, ?), rowid LIMIT ?",
            (" OR ".join(f'"{stem}"' for stem in wanted), TITLE_WEIGHT, ABOUT_WEIGHT, BEST),
        )
        found = [match for (row,) in ranked if (match := self._match(row - 1, topics)) is not None]
        return tuple(sorted(found, key=lambda match: not match.article.saved))

    def match(self, key: str, topics: Sequence[Topic]) -> Match | None:
        """Return how the article called ``key`` fits ``topics``, None if it does not, or is not there any more."""
        place = next((number for number, item in enumerate(self._articles) if item.key == key), None)
        return None if place is None else self._match(place, topics)

    def _indexed(self) -> Connection:
        """Return the articles, to be searched. SQLite is imported by whoever has some."""
        import sqlite3

        index = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, index.close)
        index.execute("CREATE VIRTUAL TABLE shelf USING fts5(title, about)")
        rows = ((number, " ".join(title), " ".join(about)) for number, (title, about) in enumerate(self._stems, 1))
        index.executemany("INSERT INTO shelf (rowid, title, about) VALUES (?, ?, ?)", rows)
        return index

    def _match(self, place: int, topics: Sequence[Topic]) -> Match | None:
        title, about = self._stems[place]
        there = {*title, *about}
        shared = {topic: [word for word in topic.words if stem_of(word) in there] for topic in topics}
        said = [topic for topic in topics if topic.source != "title" and _is_met(topic, shared[topic])]
        read = [topic for topic in topics if topic.source == "title" and shared[topic]]
        stems = {stem_of(word) for topic in read for word in shared[topic]}
        fitting = [*said, *(read if len(stems) >= ENOUGH or said else ())]
        words = tuple(dict.fromkeys(word for topic in fitting for word in _shown(topic, shared[topic])))
        if not fitting or not any(stem_of(word) in title for topic in fitting for word in shared[topic]):
            return None
        return Match(article=self._articles[place], topics=tuple(fitting), words=words)


_LAST: list[tuple[tuple[tuple[Article, ...], Vocabulary, str], Library]] = []


def _is_met(topic: Topic, shared: Sequence[str]) -> bool:
    return bool(shared) and len(set(shared)) >= min(len(set(topic.words)), ENOUGH)


def _shown(topic: Topic, shared: Iterable[str]) -> Iterator[str]:
    """Yield the ``shared`` words as the topic shows them."""
    if topic.source == "title":
        yield topic.shown
    else:
        yield from shared


def _stems(content: Content, text: str) -> tuple[str, ...]:
    return tuple(stem for word, _ in content.of(text) if (stem := stem_of(word)))


@lru_cache(maxsize=20_000)
def stem_of(word: str) -> str:
    """Return what ``word`` (folded) has in common with its other forms; "" if it has no letter."""
    stem = "".join(c for c in word if c.isalnum())
    for stemmer in _stemmers():
        stem = stemmer.stemWord(stem)
    return stem


@cache
def _stemmers() -> tuple[Any, ...]:
    import snowballstemmer

    return tuple(snowballstemmer.stemmer(language) for language in _LANGUAGES)
