"""Who says a quote, where the text tells: "…," said Sara; she answered: "…"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import polars as pl

SAID = (
    "said|says|say|saying|asked|asks|answered|answers|replied|replies|returned|cried|cries|exclaimed|"
    "exclaims|whispered|whispers|murmured|muttered|mumbled|added|continued|went on|remarked|observed|"
    "inquired|enquired|demanded|responded|rejoined|retorted|shouted|called|screamed|shrieked|yelled|"
    "sobbed|sighed|gasped|groaned|moaned|growled|stammered|stuttered|faltered|panted|breathed|protested|"
    "declared|announced|confessed|explained|suggested|ventured|began|begged|pleaded|insisted|interrupted|"
    "interposed|repeated|resumed|proceeded|concluded|agreed|admitted|argued|asserted|roared|bawled|"
    "bellowed|burst out|broke in|broke out|broke forth|put in|piped|snapped|snarled|hissed|scolded|warned|"
    "laughed|chuckled|giggled|grumbled|hinted|urged|wondered|thought|thinks|reflected|ejaculated|quoth|"
    "commanded|ordered|fluttered|persisted|wailed|uttered|crooned|dit|demanda|répondit|cria|s'écria|"
    "s’écria|reprit|murmura|ajouta|sagte|fragte|antwortete|rief|erwiderte|flüsterte|versetzte|dijo|"
    "preguntó|respondió|exclamó|contestó|gritó|murmuró|añadió|disse|chiese|rispose|esclamò|gridò|domandò|"
    "mormorò|aggiunse"
)
_SAID = re.compile(rf"\b(?:{SAID})\b")
_MARKS = "“”„‟\"«»‹›「」‚`´‘’'—–―-"
_AFTER_QUOTE = re.compile(r"[”\"’'»“‘«›‹」´]*[\s,;.!?]*[—–―-]*\s*")
_STOP = (
    "to|at|of|with|from|by|in|into|on|upon|and|or|but|for|about|after|before|as|that|who|whom|which|when|while|under|"
    "over|through|without|looking|it|is|was|had|has|so|if|not|then|once|very|quite|rather|again|more|"
    "out|up|back|off|down|turning|this|one|here|there"
)
_QUALIFIED = re.compile(
    rf"(?:(?:out|up|in|again|on|the|his|her|my|our|their) )?(?:(?!(?:{_STOP})\b)[a-z-]+,? ){{0,2}}"
)
_ADVERBS = (
    r"(?:(?:[a-z]+ly|had|has|would|could|then|also|only|just|at last|again|even|always|never|was|kept) ){0,2}"
)
_THEN_SAID = re.compile(rf"[, ]*{_ADVERBS}(?:{SAID})\b")
_PRONOUN = re.compile(r"(?:(he|il|er)|(she|elle|sie)|(I))\b(?!['’])", re.IGNORECASE)
_NOMINATIVE = re.compile(r"\b(?:[Hh]e|[Ss]he|I)\b")
_WORDS = re.compile(
    rf"(?:(?i:the|an?|his|her|my|our|their|another|le|la|un|une|der|die|das|el) (?!(?:{_STOP})\b)|(?=[A-ZÀ-ÖØ-Þ]))"
    rf"[\w’'-]+(?: (?!(?:{_STOP}|{SAID}|[a-z]+ing|[a-z]+ly)\b)[\w’'-]+){{0,3}}"
)
_VAGUE = re.compile(r"\b(?:latter|former|other|others|same|voice|voices|rest)\b", re.IGNORECASE)
_CLAUSE_END = re.compile(r"(?<!\bMr)(?<!\bMrs)(?<!\bDr)(?<!\bSt)[.!?][”’\")]*\s+")
_PREPOSITION = re.compile(r"\b(?:to|at|of|with|from|by|in|on|upon|for|about|beside|towards?|than|like)\s$")
_NAMELESS = re.compile(
    r"(?:(?:^|(?<=[.!?]\s))(?:The|An?|This|Another)|\b(?:the|an?|this|that|another)(?=(?: [\w’-]+)? [\w-]*?(?:man|woman|"
    r"girl|boy|lady|child|person|figure|gentleman|fellow|maid|servant|nurse|sister|brother|mother|father|wife|husband)\b))"
    r"(?: [\w’-]+)?? (?:(?P<male>[\w-]*?(?:\bman|men|boy|gentleman|fellow|brother|father|husband)\b)"
    r"|(?P<female>[\w-]*(?:woman|girl|lady|maid|nurse|sister|mother|wife)\b)|[\w’-]+)"
)
_LOOK_BACK = 4  # paragraphs in which a pronoun's person is sought

Span = tuple[int, int]


class Mention(NamedTuple):
    """Where a paragraph's text names a person."""

    start: int
    end: int
    person_no: int


class Speaker(NamedTuple):
    """A person of the book, or only the words that tell who speaks."""

    words: str | None
    person_no: int | None


@dataclass
class _Scene:
    """One paragraph, as far as its speakers are concerned."""

    text: str
    quotes: Sequence[Span]
    mentions: Sequence[Mention]
    said_by: list[Speaker | None] = field(default_factory=list)

    def narrated(self, start: int = 0, end: int | None = None) -> list[Mention]:
        """Mentions outside the quotes, without possessives."""
        end = len(self.text) if end is None else end
        return [
            m
            for m in self.mentions
            if start <= m.start < end
            and not any(a <= m.start < b for a, b in self.quotes)
            and self.text[m.end : m.end + 2] not in ("'s", "’s")
        ]


def quote_places(paragraph: pl.DataFrame, quote: pl.DataFrame) -> list[list[Span]]:
    """Where the quotes lie in the text of each paragraph.

    Parameters
    ----------
    paragraph, quote : polars.DataFrame
        Tables ``paragraph`` and ``quote`` of a book, in reading order.
    """
    index = {key: i for i, key in enumerate(paragraph.select("chapter_no", "paragraph_no").iter_rows())}
    texts = [text.replace("\n", " ") for text in paragraph["text"]]
    places: list[list[Span]] = [[] for _ in texts]
    for chapter_no, paragraph_no, words in quote.select("chapter_no", "paragraph_no", "text").iter_rows():
        i = index[chapter_no, paragraph_no]
        first = places[i][-1][1] if places[i] else 0
        at = texts[i].find(words, first)
        # A short quote may stand in the narration too: the right place has a mark before it.
        while at > 0 and texts[i][:at].rstrip()[-1:] not in _MARKS:
            at = texts[i].find(words, at + 1)
        at = at if at >= 0 else max(first, texts[i].find(words, first))
        places[i].append((at, at + len(words)))
    return places


def speakers(
    paragraph: pl.DataFrame,
    quote: pl.DataFrame,
    places: Sequence[Sequence[Span]],
    mentions: Sequence[Sequence[Mention]],
    person: pl.DataFrame,
) -> pl.DataFrame:
    """The quotes with ``speaker`` and ``person_no``.

    A quote's speaker is told by the verb of speech beside it. What else is quoted in the paragraph is the
    same speaker's, and so is what a quote left open goes on with. "She" is the only woman named in the
    narration before, in the nearest paragraph of the last few that names one; where two are named, or she
    who spoke just before, the speaker stays unknown.

    Parameters
    ----------
    paragraph, quote : polars.DataFrame
        Tables ``paragraph`` and ``quote`` of a book, in reading order.
    places : list of list of (int, int)
        See `quote_places`.
    mentions : list of list of Mention
        One list a paragraph.
    person : polars.DataFrame
        Table ``person``.
    """
    names = dict(person.select("person_no", "name").iter_rows())
    genders = dict(person.select("person_no", "gender").iter_rows())
    scenes: list[_Scene] = []
    chapter = None
    found: list[Speaker] = []
    for chapter_no, text, quotes, named in zip(
        paragraph["chapter_no"], paragraph["text"], places, mentions, strict=True
    ):
        if chapter_no != chapter:
            found += _settled(scenes)
            scenes, chapter = [], chapter_no
        scene = _Scene(text.replace("\n", " "), quotes, named)
        scenes.append(scene)
        for i in range(len(quotes)):
            scene.said_by.append(_told(scenes, i, genders))
    found += _settled(scenes)
    return quote.with_columns(
        pl.Series("speaker", [names.get(s.person_no, s.words) for s in found], dtype=pl.String),
        pl.Series("person_no", [s.person_no for s in found], dtype=pl.Int32),
    )


_UNKNOWN = Speaker(None, None)


def _settled(scenes: Sequence[_Scene]) -> list[Speaker]:
    """Every quote's speaker: what a quote's own words do not tell is taken over from its neighbours."""
    for scene in scenes:
        said_by = scene.said_by
        speech = [_is_speech(scene, i) for i in range(len(said_by))]
        for i in range(1, len(said_by)):
            if said_by[i] is None and speech[i]:
                said_by[i] = said_by[i - 1]
        for i in range(len(said_by) - 2, -1, -1):
            if said_by[i] is None and speech[i]:
                said_by[i] = said_by[i + 1]
    pairs = [(before, after) for before, after in pairwise(scenes) if _runs_on(before) and after.quotes]
    for before, after in pairs:
        if after.said_by[0] is None:
            after.said_by = [speaker or before.said_by[-1] for speaker in after.said_by]
    for before, after in reversed(pairs):
        if before.said_by[-1] is None:
            before.said_by = [speaker or after.said_by[0] for speaker in before.said_by]
    return [speaker or _UNKNOWN for scene in scenes for speaker in scene.said_by]


def _runs_on(scene: _Scene) -> bool:
    """Whether the paragraph ends inside a quote."""
    return bool(scene.quotes) and scene.quotes[-1][1] >= len(scene.text.rstrip())


def _is_speech(scene: _Scene, i: int) -> bool:
    """Whether a quote is more than words set apart in a sentence: the "show pupil"."""
    before = scene.text[: scene.quotes[i][0]].rstrip(_MARKS[:-4] + " ")
    return not before or not before[-1].isalnum()


def _told(scenes: Sequence[_Scene], i: int, genders: dict[int, str | None]) -> Speaker | None:
    """The speaker that the words beside a quote of the last scene tell; None where they tell nothing."""
    scene = scenes[-1]
    since = scene.quotes[i - 1][1] if i else 0
    lead = scene.text[since : scene.quotes[i][0]].rstrip(_MARKS + " ")
    subject = _tag(scene, i)
    if subject is None and lead:
        subject = _lead_in(scene, since, since + len(lead))
    elif subject is None and i == 0 and len(scenes) > 1 and scenes[-2].text.endswith(":"):
        scenes = scenes[:-1]
        before = scenes[-1]
        subject = _lead_in(before, before.quotes[-1][1] if before.quotes else 0, len(before.text))
    if subject is None:
        return None
    kind, speaker, place = subject
    return _referred(scenes, kind, place, genders) if kind in ("female", "male") else speaker


Subject = tuple[str, Speaker, int]


def _tag(scene: _Scene, i: int) -> Subject | None:
    """The subject of the verb of speech that follows a quote: "…," said Sara; "…," she answered."""
    end = scene.quotes[i][1]
    until = scene.quotes[i + 1][0] if i + 1 < len(scene.quotes) else len(scene.text)
    opening = _AFTER_QUOTE.match(scene.text, end, until)
    at = opening.end() if opening else end
    said = _SAID.match(scene.text, at, until)
    subject = _subject(scene, said.end() + 1 if said else at)
    if subject is None or subject[2] > until or not (said or _THEN_SAID.match(scene.text, subject[2])):
        return None
    return subject


def _subject(scene: _Scene, at: int) -> Subject | None:
    """The subject that begins there: its kind (person, words, female, male), who it is, where it ends."""
    text = scene.text
    qualified = _QUALIFIED.match(text, at)
    reach = qualified.end() if qualified else at
    for mention in scene.mentions:
        if at <= mention.start <= reach and text[mention.end : mention.end + 2] not in ("'s", "’s"):
            return "person", Speaker(None, mention.person_no), mention.end
    pronoun = _PRONOUN.match(text, at)
    if pronoun:
        if pronoun[3]:
            return "words", Speaker("I", None), pronoun.end()
        return "male" if pronoun[1] else "female", _UNKNOWN, pronoun.end()
    words = _WORDS.match(text, at)
    if words:
        vague = _VAGUE.search(words[0])
        return "words", _UNKNOWN if vague else Speaker(words[0], None), words.end()
    return None


def _lead_in(scene: _Scene, start: int, end: int) -> Subject | None:
    """The subject of the last verb of speech in what leads up to a quote: Sara said: "…"."""
    text = scene.text
    if text[end - 1] not in ",:":
        return None
    start = max([start, *(m.end() for m in _CLAUSE_END.finditer(text, start, end))])
    verbs = list(_SAID.finditer(text, start, end))
    if not verbs:
        return None
    verb = verbs[-1].start()
    named = [m for m in scene.narrated(start, verb) if not _PREPOSITION.search(text[: m.start][-9:])]
    pronouns = list(_NOMINATIVE.finditer(text, start, verb))
    if pronouns and (not named or pronouns[-1].start() > named[-1].start):
        return _subject(scene, pronouns[-1].start())
    if named:
        return "person", Speaker(None, named[-1].person_no), named[-1].end
    before = list(_WORDS.finditer(text, start, verb))
    if before and before[-1].end() >= verb - 1:
        return "words", Speaker(before[-1][0], None), before[-1].end()
    return _subject(scene, verbs[-1].end() + 1)


def _referred(scenes: Sequence[_Scene], gender: str, place: int, genders: dict[int, str | None]) -> Speaker:
    """Whom "he" or "she" at that place of the last scene means, if only one person can be meant."""
    scene = scenes[-1]
    addressed = {m.person_no for m in scene.mentions if any(a <= m.start < b for a, b in scene.quotes)}
    for speaker in reversed(scene.said_by):
        if speaker and speaker.person_no and genders[speaker.person_no] == gender:
            return speaker
    for back, earlier in enumerate(reversed(scenes[-1 - _LOOK_BACK :])):
        end = place if back == 0 else len(earlier.text)
        named = [m for m in earlier.narrated(0, end) if genders[m.person_no] == gender]
        acting = [m for m in named if not _PREPOSITION.search(earlier.text[max(0, m.start - 9) : m.start])]
        speaking = {s.person_no for s in earlier.said_by if s and s.person_no} if back else set()
        last = earlier.said_by[-1] if back and earlier.said_by else None
        spoke = back == 1 and last and last.person_no and genders[last.person_no] == gender
        if spoke and not _CLAUSE_END.search(earlier.text, earlier.quotes[-1][1]):
            return _UNKNOWN  # who spoke just before is not the one that answers
        if (last and last.words) or _somebody(earlier, acting[-1].end if acting else 0, end, gender):
            return _UNKNOWN
        persons = {m.person_no for m in acting} | {p for p in speaking if genders[p] == gender}
        if persons or (named and back == 0):
            persons -= addressed
            rivals = {m.person_no for m in named} - addressed - persons
            return Speaker(None, persons.pop()) if len(persons) == 1 and not rivals else _UNKNOWN
    return _UNKNOWN


def _somebody(scene: _Scene, start: int, end: int, gender: str) -> bool:
    """Whether the narration there tells of somebody without a name who may be meant: "The child stared"."""
    for match in _NAMELESS.finditer(scene.text, start, end):
        spoken = any(a <= match.start() < b for a, b in scene.quotes)
        if not spoken and match["male" if gender == "female" else "female"] is None:
            return True
    return False
