"""Films that were never made: cues and scenes of a real novel's adaptation, with the truth about them.

A film keeps some chapters, each told in one or more scenes; the lines of a scene are the passage's own,
shortened and changed, or its narration spoken, or invented. Invented lines are real dialogue too, from
other novels, with their names replaced by this one's. Scenes are added, two chapters exchanged, others
merged; some scenes come at another place of the film (flashbacks); people go by shorter names.

The levels "as filmed" add what real films do: scenes that speak lines of another chapter than the one they tell,
lines that come in bursts, changes of chapter inside a scene, and the small differences of subtitles.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import polars as pl


@dataclass(frozen=True)
class Level:
    """How faithful a film is.

    Attributes
    ----------
    kept : float
        Share of a book scene's lines that are of its passage.
    narrated : float
        Share of them that speak what the passage narrates.
    changed : float
        Share of a kept line's words that are changed.
    skipped, merged : float
        Share of chapters that are left out; that are told together with the next one.
    added : float
        Share of scenes that are not in the book.
    flashbacks : int
        Scenes that come at another place of the film.
    borrowed : float
        Share of book scenes that speak lines of another chapter.
    burst : float
        Concentration of the Beta distribution of a scene's share of kept lines, whose mean is `kept`; 0: all scenes
        have the same share.
    joined : float
        Share of changes of chapter that fall inside a scene.
    spoken : float
        Share of lines that are spread over two cues, and of words that can be spelt otherwise and are.
    marked : float
        Share of films whose subtitles mark speakers, of some lines.
    """

    kept: float
    narrated: float
    changed: float
    skipped: float
    merged: float
    added: float
    flashbacks: int
    borrowed: float = 0
    burst: float = 0
    joined: float = 0
    spoken: float = 0
    marked: float = 0.2


# Written down before any result was seen.
LEVELS = {
    "faithful": Level(kept=0.55, narrated=0.03, changed=0.08, skipped=0.08, merged=0.05, added=0.08, flashbacks=1),
    "middle": Level(kept=0.20, narrated=0.05, changed=0.33, skipped=0.20, merged=0.10, added=0.20, flashbacks=2),
    "loose": Level(kept=0.05, narrated=0.05, changed=0.33, skipped=0.30, merged=0.10, added=0.35, flashbacks=2),
}  # fmt: skip
BORROWED = {"faithful": 0.02, "middle": 0.06, "loose": 0.12}
LEVELS |= {
    f"{name} as filmed": replace(LEVELS[name], borrowed=share, burst=0.7, joined=0.25, spoken=0.3, marked=0.4)
    for name, share in BORROWED.items()
}

N_SCENES = (70, 130)
BORROWED_WORDS = 5  # at least, of a line that another chapter lends
LINE_WORDS = 14  # a cue's length at most
SECONDS_A_LINE, SECONDS_A_SHOT = 5.0, 6.0
SILENT_SHARE = 0.1  # scenes with two lines at most
NARRATION_CHANGED = 0.5
HONORIFICS = {
    "Miss",
    "Mr.",
    "Mrs.",
    "Mr",
    "Mrs",
    "Madame",
    "Sir",
    "Lady",
    "Lord",
    "Captain",
    "Major",
    "Colonel",
    "Dr.",
}
MARKED_LINES = 0.3  # lines whose speaker is marked, in films that mark speakers
NUMBERS = dict(zip(["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "twenty", "thirty", "forty", "fifty", "hundred"],
                   (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 20, 30, 40, 50, 100), strict=True))  # fmt: skip
SPELLINGS = {
    r"\b([Dd])o not\b": r"\1on't", r"\b([Cc])annot\b": r"\1an't", r"\bI am\b": "I'm", r"\bI will\b": "I'll",
    r"\b([Ii])t is\b": r"\1t's", r"\b([Tt])hat is\b": r"\1hat's", r"our(ed|ite|ing|s)?\b": r"or\1",
    r"\b([Gg])rey\b": r"\1ray", r"is(e|ed|ing)\b": r"iz\1", r"\b([Tt])o-(day|morrow|night)\b": r"\1o\2",
    r"\b([Gg])ood-bye": r"\1oodbye", r"\b([Aa])ny one\b": r"\1nyone", r"\b([Ss])ome one\b": r"\1omeone",
}  # fmt: skip


@dataclass(frozen=True)
class Novel:
    """The tables of a book that a film is made of."""

    chapter: pl.DataFrame
    paragraph: pl.DataFrame
    sentence: pl.DataFrame
    quote: pl.DataFrame
    person: pl.DataFrame
    mention: pl.DataFrame

    @cached_property
    def names(self) -> set[str]:
        """Every word of a person's name."""
        return {word for names in self.person["names"] for name in names for word in re.findall(r"\w+", name)}

    @cached_property
    def vocabulary(self) -> list[str]:
        """Words as often as they stand in the dialogue."""
        return re.findall(r"[a-z]+", " ".join(self.quote["text"]).lower())


@dataclass(frozen=True)
class Film:
    """Tables of a film, for each chapter the stretches that show it, and whose line a cue is: chapter and paragraph."""

    scene: pl.DataFrame
    shot: pl.DataFrame
    cue: pl.DataFrame
    truth: dict[int, list[tuple[float, float]]]
    told: dict[int, tuple[int, int]]


@dataclass(frozen=True)
class _Line:
    """What is said, and the chapter and paragraph that it is of; None: invented."""

    text: str
    place: tuple[int, int] | None


@dataclass(frozen=True)
class _Passage:
    """A run of a chapter's paragraphs, to be told in one scene."""

    chapter_no: int
    quotes: list[_Line]
    narration: list[_Line]
    persons: list[str]


@dataclass(frozen=True)
class _Scene:
    """Chapters shown, lines, and who may speak."""

    chapters: list[int]
    lines: list[_Line]
    duration_s: float
    persons: list[str]


def make(novel: Novel, others: Sequence[Novel], level: Level, seed: int, film_id: str = "film") -> Film:
    """A film of `novel`; the same for the same seed."""
    return _Maker(novel, others, level, random.Random(seed)).film(film_id)


class _Maker:
    def __init__(self, novel: Novel, others: Sequence[Novel], level: Level, dice: random.Random) -> None:
        self.novel, self.others, self.level, self.dice = novel, others, level, dice
        self.film_names = self._film_names()

    def film(self, film_id: str) -> Film:
        scenes = self._scenes()
        marked = self.dice.random() < self.level.marked
        rows: dict[str, list[tuple[object, ...]]] = {"scene": [], "shot": [], "cue": []}
        truth: dict[int, list[tuple[float, float]]] = {}
        told: dict[int, tuple[int, int]] = {}
        start_s = 0.0
        for scene_no, parts in enumerate(self._joined(scenes), 1):
            scene_start_s, first_shot_no = start_s, len(rows["shot"]) + 1
            for part in parts:
                end_s = start_s + part.duration_s
                for chapter_no in part.chapters:
                    truth.setdefault(chapter_no, []).append((start_s, end_s))
                n_shots = max(1, round(part.duration_s / SECONDS_A_SHOT))
                for n in range(n_shots):
                    cuts_s = [start_s + part.duration_s * (n + k) / n_shots for k in (0, 1)]
                    rows["shot"].append((film_id, len(rows["shot"]) + 1, *cuts_s, [1.0]))
                step_s = part.duration_s / (len(part.lines) + 1)
                for n, line in enumerate(part.lines):
                    said_s = start_s + step_s * (n + 0.5)
                    speaker = self._speaker(part) if marked and self.dice.random() < MARKED_LINES else None
                    texts = self._as_cues(line.text)
                    for k, text in enumerate(texts):
                        from_s, to_s = (said_s + 0.8 * step_s * (k + i) / len(texts) for i in (0, 1))
                        cue_no = len(rows["cue"]) + 1
                        rows["cue"].append((film_id, cue_no, from_s, to_s, text, speaker, False))
                        if line.place:
                            told[cue_no] = line.place
                start_s = end_s
            rows["scene"].append((film_id, scene_no, first_shot_no, len(rows["shot"]), scene_start_s, end_s))
        columns = {
            "scene": ["film_id", "scene_no", "first_shot_no", "last_shot_no", "start_s", "end_s"],
            "shot": ["film_id", "shot_no", "start_s", "end_s", "histogram"],
            "cue": ["film_id", "cue_no", "start_s", "end_s", "text", "speaker", "is_lyrics"],
        }
        tables = {
            name: pl.DataFrame(rows[name], schema=columns[name], orient="row", infer_schema_length=None)
            for name in rows
        }
        return Film(truth=truth, told=told, **tables)

    def _joined(self, scenes: list[_Scene]) -> list[list[_Scene]]:
        """The scenes of the film: two of ours may be one, with a change of chapter inside."""
        whole = [[scenes[0]]]
        for before, scene in pairwise(scenes):
            changes = before.chapters and scene.chapters and before.chapters != scene.chapters
            if changes and len(whole[-1]) == 1 and self._chance(self.level.joined):
                whole[-1].append(scene)
            else:
                whole.append([scene])
        return whole

    def _chance(self, share: float) -> bool:
        """Throws no dice where the share is 0, so that a level stays as it is when others get more."""
        return share > 0 and self.dice.random() < share

    def _speaker(self, scene: _Scene) -> str:
        if scene.persons and self._chance(self.level.spoken):
            return self._renamed(self.dice.choice(scene.persons)).upper()
        return self._any_person().upper()

    def _as_cues(self, line: str) -> list[str]:
        """The line as subtitles have it: spelt otherwise, in two cues."""
        if not self.level.spoken:
            return [line]
        line = re.sub(
            r"\b(?:" + "|".join(NUMBERS) + r")\b",
            lambda word: str(NUMBERS[word[0]]) if self._chance(self.level.spoken) else word[0], line,
        )  # fmt: skip
        for pattern, other in SPELLINGS.items():
            if self._chance(self.level.spoken):
                line = re.sub(pattern, other, line)
        words = line.split()
        if len(words) < 4 or not self._chance(self.level.spoken):
            return [line]
        cut = self.dice.randint(2, len(words) - 2)
        return [" ".join(words[:cut]), " ".join(words[cut:])]

    def _scenes(self) -> list[_Scene]:
        level, dice = self.level, self.dice
        told = [no for no in self.novel.chapter["chapter_no"] if dice.random() >= level.skipped]
        n_book = round(dice.randint(*N_SCENES) * (1 - level.added))
        told = sorted(dice.sample(told, min(len(told), n_book)))
        words = dict(zip(self.novel.chapter["chapter_no"], self.novel.chapter["n_words"], strict=True))
        weight = {no: words[no] ** 0.7 * dice.uniform(0.5, 1.5) for no in told}
        share = n_book / sum(weight.values())
        by_chapter = [self._passages(no, max(1, round(weight[no] * share))) for no in told]
        swapped = dice.randrange(len(by_chapter) - 1)
        by_chapter[swapped : swapped + 2] = by_chapter[swapped + 1], by_chapter[swapped]
        scenes: list[_Scene] = []
        waiting: list[_Passage] = []
        for passages in by_chapter:
            if waiting:  # the chapter before is told together with this one
                passages = [_merged(a, b) for a, b in zip(waiting, passages, strict=False)] + [
                    *waiting[len(passages) :], *passages[len(waiting) :]
                ]  # fmt: skip
                waiting = []
            elif dice.random() < level.merged:
                waiting = passages
                continue
            scenes += [self._scene(p) for p in passages]
        scenes += [self._scene(p) for p in waiting]
        for _ in range(level.flashbacks):
            scene = scenes.pop(dice.randrange(len(scenes)))
            scenes.insert(dice.randrange(len(scenes) + 1), scene)
        for _ in range(round(len(scenes) * level.added / (1 - level.added))):
            scenes.insert(dice.randrange(len(scenes) + 1), self._scene(None))
        return scenes

    def _passages(self, chapter_no: int, n: int) -> list[_Passage]:
        mine = pl.col("chapter_no") == chapter_no
        last = int(self.novel.paragraph.filter(mine)["paragraph_no"].max())  # type: ignore[arg-type]
        person = dict(zip(self.novel.person["person_no"], self.novel.person["name"], strict=True))
        found = []
        for k in range(n):
            here = mine & pl.col("paragraph_no").is_between(
                last * k // n + 1, max(last * (k + 1) // n, last * k // n + 1)
            )
            found.append(
                _Passage(
                    chapter_no,
                    [line for line in _lines(self.novel.quote.filter(here)) if len(line.text.split()) >= 2],
                    _lines(self.novel.sentence.filter(here & ~pl.col("is_dialogue"))),
                    [person[no] for no in self.novel.mention.filter(here)["person_no"]],
                )
            )
        return found

    def _scene(self, passage: _Passage | None) -> _Scene:
        """A scene of the passage, or one that is not in the book."""
        dice, level = self.dice, self.level
        duration_s = min(240.0, max(15.0, dice.lognormvariate(3.9, 0.6)))
        n_lines = (
            dice.randint(0, 2) if dice.random() < SILENT_SHARE else max(1, round(duration_s / SECONDS_A_LINE))
        )
        kept = level.kept
        if level.burst and passage:
            kept = dice.betavariate(kept * level.burst, (1 - kept) * level.burst)
        kinds = [
            "invented" if passage is None else "kept" if r < kept else
            "narrated" if r < kept + level.narrated else "invented"
            for r in (dice.random() for _ in range(n_lines))
        ]  # fmt: skip
        own = iter(_spread(passage.quotes if passage else [], kinds.count("kept"), dice))
        told = iter(_spread(passage.narration if passage else [], kinds.count("narrated"), dice))
        lines: list[_Line] = []
        for kind in kinds:
            line = next({"kept": own, "narrated": told}.get(kind, iter(())), None)
            if line is None:
                lines.append(_Line(self._invented(passage.persons if passage else []), None))
            else:
                lines.append(
                    self._spoken(
                        line, level.changed if kind == "kept" else max(level.changed, NARRATION_CHANGED)
                    )
                )
        chapters = [] if passage is None else [passage.chapter_no]
        if isinstance(passage, _MergedPassage):
            chapters = passage.chapter_nos
        if chapters and lines and self._chance(level.borrowed):
            self._borrow(lines, chapters)
        spoken = [line for line in lines if line.text]
        return _Scene(chapters, spoken, duration_s, passage.persons if passage else [])

    def _spoken(self, line: _Line, changed: float) -> _Line:
        return _Line(self._changed(self._renamed(self._cut(line.text)), changed), line.place)

    def _borrow(self, lines: list[_Line], chapters: list[int]) -> None:
        """Put one to three running lines of another chapter, near or far, in place of the scene's."""
        near = [no + n for no in chapters for n in (-2, -1, 1, 2)] if self.dice.random() < 0.5 else []
        long = pl.col("text").str.split(" ").list.len() >= BORROWED_WORDS
        others = self.novel.quote.filter(~pl.col("chapter_no").is_in(chapters), long)
        others = close if len(close := others.filter(pl.col("chapter_no").is_in(near))) else others
        if not len(others):
            return
        first, at = self.dice.randrange(len(others)), self.dice.randrange(len(lines))
        borrowed = _lines(others[first : first + self.dice.randint(1, 3)])
        lines[at : at + len(borrowed)] = [self._spoken(line, self.level.changed) for line in borrowed]

    def _cut(self, text: str) -> str:
        """A line that fits a cue: some running words of the text, from the start of a sentence."""
        sentences = re.split(r"(?<=[.!?;])\s+", text)
        words = " ".join(sentences[self.dice.randrange(len(sentences)) :]).split()
        return " ".join(words[:LINE_WORDS])

    def _changed(self, line: str, share: float) -> str:
        words: list[str] = []
        for word in line.split():
            if self.dice.random() >= share:
                words.append(word)
                continue
            way = self.dice.random()
            if way < 0.5:
                words.append(self._any_word())
            elif way < 0.75:
                words.append(_other_form(word))
        return " ".join(words)

    def _invented(self, persons: list[str]) -> str:
        """A line of another novel, in which this one's people are named."""
        other = self.dice.choice(self.others)
        quotes = other.quote["text"]
        line = self._cut(quotes[self.dice.randrange(len(quotes))])

        def own(name: re.Match[str]) -> str:
            if name[0] not in other.names and name.start() == 0:
                return name[0]
            chosen = self.dice.choice(persons) if persons and self.dice.random() < 0.8 else self._any_person()
            return self._renamed(chosen)

        return re.sub(r"\b(?!I\b)[A-Z][\w’']*", own, line)

    def _any_word(self) -> str:
        return self.dice.choice(self.dice.choice(self.others).vocabulary)

    def _any_person(self) -> str:
        (name,) = self.dice.choices(
            self.novel.person["name"].to_list(), self.novel.person["n_mentions"].to_list()
        )
        return self._renamed(name)

    def _film_names(self) -> dict[str, str]:
        """How the film calls who in the book goes by several words, or by a long one."""
        short: dict[str, str] = {}
        for names in self.novel.person["names"]:
            words = [word for word in max(names, key=len).split() if word not in HONORIFICS]
            if not words:
                continue
            called = words[0] if self.dice.random() < 0.4 and len(words[0]) > 3 else words[-1]
            if len(called) > 5 and self.dice.random() < 0.3:
                called = called[:4]
            short |= {name: called for name in names}
        return short

    def _renamed(self, line: str) -> str:
        return self._name_pattern.sub(lambda name: self.film_names[name[0]], line)

    @cached_property
    def _name_pattern(self) -> re.Pattern[str]:
        names = sorted(self.film_names, key=len, reverse=True)
        return re.compile(r"\b(?:" + "|".join(map(re.escape, names)) + r")\b" if names else r"(?!)")


@dataclass(frozen=True)
class _MergedPassage(_Passage):
    chapter_nos: list[int]


def _merged(a: _Passage, b: _Passage) -> _MergedPassage:
    return _MergedPassage(
        a.chapter_no, a.quotes + b.quotes, a.narration + b.narration, a.persons + b.persons,
        [a.chapter_no, b.chapter_no],
    )  # fmt: skip


def _lines(rows: pl.DataFrame) -> list[_Line]:
    return [
        _Line(text, (c, p)) for text, c, p in rows.select("text", "chapter_no", "paragraph_no").iter_rows()
    ]


def _spread(items: list[_Line], n: int, dice: random.Random) -> list[_Line]:
    """`n` of the items in their order, or all."""
    return [items[i] for i in sorted(dice.sample(range(len(items)), min(n, len(items))))]


def _other_form(word: str) -> str:
    stem = re.sub(r"(?:ing|ed|s)$", "", word)
    return stem + "s" if stem == word else stem
