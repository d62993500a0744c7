"""From what a guest typed to what is found, with a way out when nothing is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from allmende.catalogue.search import prepare, query, tokens
from allmende.catalogue.search.query import Asked, Item, Word
from allmende.catalogue.search.ranking import Found, matches, ranges, rank
from allmende.catalogue.search.typos import correct
from allmende.catalogue.search.values import Atom, Backend, Group, Hits, Match, Suggestion, split_key

_LOOKED_AT = 60
"""Titles that suggestions are chosen from."""
_WORDS_TRIED = 24
"""Words that a beginning may stand for, the most frequent first."""


def answer(backend: Backend, text: str, language: str, kinds: Sequence[int], limit: int, cap: int) -> Hits:
    """See :func:`allmende.catalogue.search.find`."""
    asked = query.parse(backend, text, language)
    found = rank(backend, asked, kinds, limit=limit, cap=cap)
    if found.keys or not asked.items:
        return _hits(found, asked)
    known, corrected, unknown = _check(backend, asked, kinds, language)
    if corrected:
        asked = query.only(asked, [item for item in known if item is not None])
        found = rank(backend, asked, kinds, limit=limit, cap=cap)
        if found.keys:
            return _hits(found, asked, corrected=asked.text(), relaxed=unknown)
    asked = query.only(asked, [item for item in known if item is not None])
    found = _most(backend, asked, kinds, limit, cap, all_known=not unknown)
    return _hits(found, asked, corrected=asked.text() if corrected and found.keys else None, relaxed=bool(found.keys))


def _hits(found: Found, asked: Asked, *, corrected: str | None = None, relaxed: bool = False) -> Hits:
    keys = [split_key(number) for number in found.keys]
    return Hits(keys, found.total, found.capped, corrected, relaxed, asked.terms)


def _check(backend: Backend, asked: Asked, kinds: Sequence[int], language: str) -> tuple[list[Item | None], bool, bool]:
    """Each item as it is, corrected, or None when nothing comes near; whether any was corrected, and any is unknown."""
    checked: list[Item | None] = []
    corrected = False
    for item in asked.items:
        better: Item | None = item
        if not matches(backend, item, asked.without, kinds):
            better = correct(backend, item, asked.without, kinds, language) if isinstance(item, Word) else None
            corrected = corrected or better is not None
        checked.append(better)
    return checked, corrected, None in checked


def _most(backend: Backend, asked: Asked, kinds: Sequence[int], limit: int, cap: int, *, all_known: bool) -> Found:
    """Documents with most of the words: with all that are known, else with all but one, else with any."""
    if not all_known:
        found = rank(backend, asked, kinds, limit=limit, cap=cap)
        if found.keys:
            return found
    items = list(asked.items)
    if len(items) > 2:
        parts = [query.only(asked, items[:place] + items[place + 1 :]) for place in reversed(range(len(items)))]
        found = _merged([rank(backend, part, kinds, limit=limit, cap=cap) for part in parts], limit, cap)
        if found.keys:
            return found
    singles = [rank(backend, query.only(asked, [item]), kinds, limit=limit, cap=cap) for item in items]
    return _merged(sorted(singles, key=lambda found: found.total), limit, cap)


def _merged(parts: list[Found], limit: int, cap: int) -> Found:
    """Keys of several answers: first those in most of them, then those of the rarest words."""
    times = Counter(key for part in parts for key in part.keys)
    keys = sorted(dict.fromkeys(key for part in parts for key in part.keys), key=lambda key: -times[key])
    total = max([len(keys), *(part.total for part in parts)])
    incomplete = any(part.capped or part.total > len(part.keys) for part in parts)
    return Found(keys[:limit], min(total, cap), incomplete)


def complete(backend: Backend, text: str, language: str, limit: int, kinds: Sequence[int]) -> list[Suggestion]:
    """See :func:`allmende.catalogue.search.suggest`."""
    typed = [word for word in tokens.spelled(text[: query.MOST_SIGNS]) if tokens.fold_word(word)][: query.MOST_WORDS]
    if not typed or len(tokens.fold_word(typed[-1])) < 2:
        return []
    last = query.word(backend, typed[-1], language, prefix=True)
    groups: list[Group] = [
        tuple(Atom((prepare.TITLE + form,)) for form in tokens.spellings(word)) for word in typed[:-1]
    ]
    match = Match((*groups, last.in_title(1)[:_WORDS_TRIED]))
    share = -(-_LOOKED_AT // max(len(kinds), 1))  # a frequent word of one kind must not crowd out the other kinds
    each = [one for kind in kinds for one in ranges([kind])]
    rows = [row for one in each for row in backend.match_labels(match, one.low, one.high, share)]
    begun = _folded(text)
    beginnings = [tuple(tokens.spellings(word)) for word in typed]
    titles = [(_title(label, language, beginnings), key) for key, label in rows]
    titles.sort(key=lambda entry: (not _folded(entry[0]).startswith(begun), len(entry[0]), entry[0], entry[1]))
    words = _words([title for title, _ in titles], beginnings[0], max(limit // 3, 1)) if len(typed) == 1 else []
    found = [Suggestion(word) for word in words]
    seen = {_folded(suggestion.text) for suggestion in found}
    for title, key in titles:
        if (same := _folded(title)) not in seen:
            seen.add(same)
            found.append(Suggestion(title, split_key(key)))
    return found[:limit]


def _folded(text: str) -> str:
    return " ".join(tokens.tokenize(text))


def _title(label: str, language: str, beginnings: list[tuple[str, ...]]) -> str:
    """The title in the language that has most of the typed words, the guest's among equals."""
    titles = prepare.titles_of(label)
    if len(titles) < 2:
        return next(iter(titles.values()), "")

    def worth(entry: tuple[str, str]) -> tuple[int, bool]:
        words = tokens.tokenize(entry[1])
        return sum(any(word.startswith(forms) for word in words) for forms in beginnings), entry[0] == language

    return max(titles.items(), key=worth)[1]


def _words(titles: list[str], beginnings: tuple[str, ...], limit: int) -> list[str]:
    """The words that titles go on with, as written, the most frequent first."""
    times: Counter[str] = Counter()
    for title in titles:
        times.update({word for word in tokens.tokenize(title) if word.startswith(beginnings)})
    ordered = sorted(times, key=lambda word: (-times[word], len(word), word))[:limit]
    return [next(_written(word, titles), word) for word in ordered]


def _written(word: str, titles: list[str]) -> Iterator[str]:
    for title in titles:
        if word in tokens.tokenize(title):
            yield from (form.rstrip("'’ʼ") for form in tokens.spelled(title) if tokens.fold_word(form) == word)
