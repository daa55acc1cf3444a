"""Names in running text: runs of capitalised words, with what stands before them (Miss, Captain, Uncle)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_FEMALE = (
    "miss mrs ms mme madame mlle mademoiselle madam lady dame aunt auntie granny queen princess duchess "
    "countess baroness marchioness empress sister mother signora signorina señora señorita donna frau fräulein"
)
_MALE = (
    "mr mister sir lord m monsieur signor signore señor don herr uncle king prince duke count baron earl marquis "
    "viscount emperor tsar squire master brother father captain colonel major general lieutenant sergeant corporal "
    "ensign cornet admiral commodore bishop pope friar"
)
_OTHER = (
    "dr doctor professor prof reverend rev judge cousin nurse honourable honorable hon private president "
    "inspector grandma grandpa docteur doktor tenente capitano maggiore dottore"
)
FEMALE, MALE = frozenset(_FEMALE.split()), frozenset(_MALE.split())
HONORIFICS = FEMALE | MALE | frozenset(_OTHER.split())
MARRIED = frozenset({"mrs", "mme", "madame", "signora", "señora", "frau"})
UNMARRIED = frozenset({"miss", "mlle", "mademoiselle", "signorina", "señorita", "fräulein"})

_OF_SEVERAL = frozenset({"misses", "messrs", "mesdames"})
_UPPER = "".join(chr(code) for code in range(0x530) if chr(code).isupper())
_ABBREVIATED = "Mr|Mrs|Ms|Dr|Prof|Rev|Hon|Mme|Mlle|Capt|Col|Gen|Lt|Sgt"
_CAPITALISED = re.compile(
    rf"\b(?:(?:{_ABBREVIATED}|[{_UPPER}])\.(?=[ ]?[{_UPPER}])"
    rf"|(?:Ste?\. |[dl]['’])?[{_UPPER}](?:['’](?=[{_UPPER}]))?[^\W\d_]+(?:[-'’][^\W\d_]+)*)"
)
_POSSESSIVE = re.compile(r"['’]s$")
_CONTRACTION = re.compile(r"['’](?:ll|d|ve|re|m|t)$")
_PARTICLE = re.compile(
    r" (?:de la|de|du|des|la|le|van der|van den|van|von|zu|di|da|del|della|ten|ter|bin|ibn) "
)
_DETERMINED = re.compile(
    r"\b(?:the|an?|this|that|these|those|no|some|every|each|any|other)[ \n]$", re.IGNORECASE
)
_SENTENCE_END = ".!?…:;—–―-”\"»’')]*\n"
_OPENING = "“‘„«»\"'(["


@dataclass(frozen=True, order=True, slots=True)
class Form:
    """A form of a person's name.

    Attributes
    ----------
    honorifics : tuple of str
        In lower case, without dots: ``("miss",)``.
    core : tuple of str
        The name itself: ``("Sara", "Crewe")``.
    """

    honorifics: tuple[str, ...]
    core: tuple[str, ...]

    @property
    def gender(self) -> str | None:
        """The gender of the honorifics, the first that has one."""
        for honorific in self.honorifics:
            if honorific in FEMALE:
                return "female"
            if honorific in MALE:
                return "male"
        return None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where a form stands.

    Attributes
    ----------
    paragraph : int
        Index of the text.
    start, end : int
        Place in the text, without a possessive ending.
    form : Form
    inside_sentence : bool
        Whether it has its capital without beginning a sentence.
    determined : bool
        Whether an article or the like stands before it: the Rectory, the Lascar.
    place_like : bool
        Whether it is a title joined by "of": Prince of Wales.
    """

    paragraph: int
    start: int
    end: int
    form: Form
    inside_sentence: bool
    determined: bool
    place_like: bool


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    text: str  # without a possessive ending
    possessive: bool

    @property
    def honorific(self) -> str | None:
        word = self.text.rstrip(".").lower()
        return word if word in HONORIFICS else _SHORTENED.get(word)


_SHORTENED = {"capt": "captain", "col": "colonel", "gen": "general", "lt": "lieutenant", "sgt": "sergeant"}


def occurrences(texts: Sequence[str]) -> list[Occurrence]:
    """Every run of capitalised words that may be somebody's name, in order.

    A sentence's first word belongs to a run only where the book writes it with a capital elsewhere too.
    Possessive endings end a name: in "Sara's Emily" there are two. Runs wholly in capitals are left out.

    Parameters
    ----------
    texts : sequence of str
        Paragraphs.
    """
    words = [_words(text) for text in texts]
    written = Counter(word for text in texts for word in re.findall(r"[^\W\d_]+", text))
    inside = Counter(
        word.text
        for text, found in zip(texts, words, strict=True)
        for word in found
        if not _begins(text, word.start)
    )

    def is_name(word: _Word) -> bool:
        as_common = written[word.text.lower()]
        return not as_common or inside[word.text] > as_common

    found = []
    for paragraph, text in enumerate(texts):
        for run in _runs(text, words[paragraph]):
            begins = _begins(text, run[0].start)
            if begins and not run[0].honorific and not is_name(run[0]):
                run, begins = run[1:], False
            for i, part in enumerate(_parts(run)):
                first, last = part[0], part[-1]
                titles = 0
                while titles < len(part) - 1 and part[titles].honorific:
                    titles += 1
                form = Form(
                    tuple(str(word.honorific) for word in part[:titles]),
                    tuple(word.text for word in part[titles:]),
                )
                # "Queen's Crawley" is a place; "the Misses Osborne" are no one person.
                of_title = any(word.possessive for word in part[:titles])
                if of_title or form.core[0].lower() in _OF_SEVERAL or all(map(str.isupper, form.core)):
                    continue
                found.append(
                    Occurrence(
                        paragraph, first.start, last.start + len(last.text), form,
                        inside_sentence=i > 0 or not begins or bool(titles),
                        determined=i == 0 and bool(_DETERMINED.search(text[max(0, first.start - 8) : first.start])),
                        place_like=" of " in text[first.start : last.start],
                    )
                )  # fmt: skip
    return found


def _words(text: str) -> list[_Word]:
    words = []
    for match in _CAPITALISED.finditer(text):
        word = match[0]
        if _CONTRACTION.search(word):
            continue
        ending = _POSSESSIVE.search(word)
        words.append(
            _Word(match.start(), match.end(), word[: ending.start()] if ending else word, bool(ending))
        )
    return words


def _begins(text: str, at: int) -> bool:
    """Whether the word there begins a sentence, a line or what stands in quotation marks or brackets."""
    at -= 1
    if at >= 0 and text[at] in _OPENING:
        return True
    while at >= 0 and text[at] == " ":
        at -= 1
    return at < 0 or text[at] in _SENTENCE_END


def _runs(text: str, words: Sequence[_Word]) -> Iterator[list[_Word]]:
    run: list[_Word] = []
    for word in words:
        if run:
            gap = text[run[-1].end : word.start]
            titled = all(before.honorific for before in run) and gap in (" of ", " of the ")
            if not (gap in (" ", "\n", "") or titled or _PARTICLE.fullmatch(gap)):
                yield run
                run = []
        run.append(word)
    if run:
        yield run


def _parts(run: Sequence[_Word]) -> Iterator[list[_Word]]:
    """A run cut before an honorific that follows a name, and after a possessive."""
    part: list[_Word] = []
    for i, word in enumerate(run):
        has_name = any(not before.honorific for before in part)
        if has_name and word.honorific and i + 1 < len(run):
            yield part
            part = []
        part.append(word)
        if word.possessive and (has_name or not word.honorific or len(part) > 1):
            yield part
            part = []
    if any(not word.honorific for word in part) or len(part) > 1:
        yield part
