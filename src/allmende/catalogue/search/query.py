"""What a guest typed, understood: words, phrases in quotes, words to leave out.  Any text is a valid query."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from allmende.catalogue.search import prepare, tokens
from allmende.catalogue.search.values import Atom, Backend, Form, Group

MOST_SIGNS = 200
MOST_WORDS = 12
_PARTS = re.compile(r'(-?)"([^"]*)"|([^\s"]+)')
_ANY_MARK = ("", prepare.STEM, prepare.TITLE_STEM, prepare.KEYWORD)
_QUOTES = str.maketrans(dict.fromkeys("„“”«»‟", '"'))


@dataclass(frozen=True, slots=True)
class Word:
    """One word asked for, with what may stand for it."""

    typed: str
    folded: str
    near: tuple[Form, ...]
    """Other spellings, and longer words that begin with it."""
    stems: tuple[str, ...]
    cut: bool = False
    """It begins more words than are searched for."""

    def forms(self, level: int) -> list[Form]:
        """The words that count at a level: 0 as typed, 1 also near, 2 also by stem."""
        plain = [Form(self.folded)]
        return plain if level == 0 else [*plain, *self.near]

    def in_title(self, level: int) -> Group:
        atoms = [Atom((prepare.TITLE + form.word,), form.prefix) for form in self.forms(level)]
        if level == 2:
            atoms += [Atom((mark + stem,)) for stem in self.stems for mark in (prepare.TITLE, prepare.TITLE_STEM)]
        return tuple(atoms)

    def in_keywords(self) -> Group:
        atoms = [Atom((prepare.KEYWORD + form.word,), form.prefix) for form in self.forms(1)]
        return tuple(atoms + [Atom((prepare.KEYWORD + stem,)) for stem in self.stems])

    def anywhere(self, level: int) -> Group:
        atoms = [Atom((form.word,), form.prefix) for form in self.forms(level)]
        if level == 2:
            atoms += [Atom((mark + stem,)) for stem in self.stems for mark in _ANY_MARK]
        return tuple(atoms)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order, exactly."""

    typed: str
    words: tuple[str, ...]

    short: tuple[str, ...]
    """Without fillers, as long texts are indexed."""

    def group(self) -> Group:
        return tuple(map(Atom, dict.fromkeys(filter(None, (self.words, self.short)))))


Item = Word | Phrase


@dataclass(frozen=True, slots=True)
class Asked:
    """A query in parts."""

    items: tuple[Item, ...] = ()
    without: Group = ()
    minus: tuple[str, ...] = ()
    """The excluded words as typed."""

    @property
    def terms(self) -> tuple[str, ...]:
        words = [[item.folded] if isinstance(item, Word) else item.words for item in self.items]
        return tuple(dict.fromkeys(word for group in words for word in group))

    def text(self) -> str:
        """The query as a guest would type it."""
        parts = [item.typed if isinstance(item, Word) else f'"{item.typed}"' for item in self.items]
        return " ".join([*parts, *self.minus])


def word(backend: Backend, typed: str, language: str, *, prefix: bool) -> Word:
    """A word with its spellings, stems and, as a beginning, the longer words of the vocabulary."""
    folded, *others = tokens.spellings(typed) or [tokens.fold_word(typed)]
    near = [Form(form) for form in others]
    stems = [stem for form in (folded, *others) for stem in tokens.stems_anywhere(form, language)]
    cut = False
    if prefix and len(folded) > 1:
        for form in (folded, *others):
            longer, more = backend.forms(form)
            near += longer
            cut = cut or more
    forms = tuple(form for form in dict.fromkeys(near) if form != Form(folded))
    return Word(typed.rstrip("'’ʼ"), folded, forms, tuple(dict.fromkeys(stems)), cut)


def parse(backend: Backend, text: str, language: str) -> Asked:
    """Understand what was typed; at most 200 signs and 12 words of it count."""
    text = text[:MOST_SIGNS].translate(_QUOTES)
    typed: list[tuple[str, bool]] = []  # with: is it a filler
    phrases: list[list[str]] = []
    without: list[list[str]] = []
    minus: list[str] = []
    left = MOST_WORDS
    last_is_word = False
    for sign, phrase, bare in _PARTS.findall(text):
        written = [part for part in tokens.spelled(phrase or bare) if tokens.fold_word(part)][:left]
        left -= len(written)
        if not written:
            continue
        last_is_word = False
        if sign or (bare.startswith("-")):
            without.append(written)
            minus.append(f'-"{" ".join(written)}"' if len(written) > 1 else f"-{written[0]}")
        elif phrase:
            phrases.append(written)
        else:
            typed += [(part, part in tokens.FILLERS) for part in written]
            last_is_word = not text[-1].isspace()
    if last_is_word and len(typed) > 1 and len(tokens.fold_word(typed[-1][0])) == 1:
        typed.pop()  # the first letter of a word on its way
        last_is_word = False
    wanted = [part for part, filler in typed if not filler]
    if not wanted and not phrases:
        wanted = [part for part, _ in typed]
    if last_is_word and wanted and wanted[-1] != typed[-1][0]:
        last_is_word = False
    words = [
        word(backend, part, language, prefix=last_is_word and place == len(wanted) - 1)
        for place, part in enumerate(wanted)
    ]
    items: list[Item] = [*words, *map(_phrase, phrases)]
    return Asked(tuple(items), tuple(atom for part in without for atom in _excluded(part)), tuple(minus))


def _phrase(written: list[str]) -> Phrase:
    short = [part for part in written if part not in tokens.FILLERS]
    typed = " ".join(part.rstrip("'’ʼ") for part in written)
    return Phrase(typed, tuple(map(tokens.fold_word, written)), tuple(map(tokens.fold_word, short)))


def _excluded(written: list[str]) -> list[Atom]:
    if len(written) == 1:
        return [Atom((form,)) for form in tokens.spellings(written[0])]
    return list(_phrase(written).group())


def only(asked: Asked, items: list[Item]) -> Asked:
    """The same query with other words."""
    return replace(asked, items=tuple(items))
