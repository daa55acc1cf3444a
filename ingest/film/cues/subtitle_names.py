"""Names of speakers in subtitles: which of what stands before a colon, or in brackets, is one.

Names in capitals (``HARRY:``, ``McGONAGALL:``, ``MAN #1:``), with a title (``Professor McGonagall:``) and roles
(``Narrator:``) are told by their form. Other names (``Harry:``, ``[Harry]``) could as well be words (``Listen:``) or
sounds (``[Laughter]``): they are speakers where the rest of the file bears them out, see `known_names`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

LABEL = r"(?=[^:：\n]{0,60}[^\W\d_])[\w#][\w.,'’&#/ -]{0,60}?"
"""Pattern of what may be a name."""
MOST_WORDS = 5
_MARKED = re.compile(
    rf"^[\s>♪–—-]*({LABEL})\s*(?:[(\[][^)\]\n]*[)\]])?\s*[:：](?!\d|//)[ \t]*(.*)", re.MULTILINE
)
_BRACKETED = re.compile(rf"^[\s>–—-]*[\[(]({LABEL})[\])]:?\s*(?=[^\W_]|[\"'“‘¿¡♪.…])", re.MULTILINE)
# Spoken to: "..., Harry." anywhere, "Harry, ..." at the beginning of a sentence.
_AFTER_COMMA = re.compile(r",\s+((?:[A-Z][\w'’.-]*\s+){0,2}[^\W\d_][\w'’-]+)(?=\s*(?:[,.!?…]|--|\Z))")
_BEFORE_COMMA = re.compile(r"(?:\A|[.!?…]\s+|^[\s–—-]*)([^\W\d_][\w'’-]+)(?=,\s)", re.MULTILINE)
_TITLE = (
    r"(?:(?i:mr|mrs|ms|miss|mister|mme|mlle|dr|doctor|prof|professor|sir|dame|lady|lord|capt|captain|col|colonel|gen|"
    r"general|major|lt|lieutenant|sgt|sergeant|corporal|private|admiral|commander|father|mother|sister|brother|aunt|"
    r"auntie|uncle|cousin|granny|grandma|grandpa|grandmother|grandfather|king|queen|prince|princess|duke|duchess|count|"
    r"countess|baron|baroness|inspector|detective|constable|officer|agent|judge|reverend|rev|madame|madam|monsieur|"
    r"mademoiselle|herr|frau|fräulein|señor|señora|don|doña|signor|signora|president|senator|mayor|chief|nurse|"
    r"headmaster|master|nanny|saint|st)\b\.?)"
)
_TITLED = re.compile(
    rf"{_TITLE}(?:(?: (?:&|and) {_TITLE})?(?: (?:de|du|von|van|of|the|[^\W\d_a-z][\w.'’-]*)){{1,4}})"
)
_ROLE = re.compile(
    r"(?:(?:The|Old|Young|Little|First|Second|Third|Male|Female|Another|Other|Both) )*(?:Man|Woman|Boy|Girl|Child|Children|"
    r"Kid|Kids|Men|Women|Boys|Girls|All|Both|Everyone|Narrator|Announcer|Reporter|Newsreader|Voice|Voiceover|Crowd|Guard|"
    r"Soldier|Driver|Waiter|Waitress|Doctor|Nurse|Teacher|Student|Policeman|Officer|Operator|Interviewer|Presenter|Host|"
    r"Chorus|Speaker|Mother|Father|Mum|Mom|Mama|Dad|Papa|Grandma|Grandpa|Grandmother|Grandfather)"
    r"(?: (?:#?\d{1,2}|on|over|in|the|a|[A-Z][\w.]{0,12}|radio|phone|tv|television|one|two))*"
)
_PARTICLES = {
    "de",
    "du",
    "da",
    "di",
    "la",
    "le",
    "von",
    "van",
    "der",
    "den",
    "of",
    "the",
    "and",
    "bin",
    "al",
    "on",
}
# A label with one of these is no name: "TIME:", "WHAT I SAID:", "P.S.:".
_NEVER_WORDS = """
i you he she it we they me him us them my your his its our their this that these those there here what who
whom whose which where when why how if but so yes no not don't is are was were be been am do does did has have
had would can could shall should might must said says say tell told means meant listen look remember note
notes warning caution danger time date question answer ps p.s nb n.b re subject from to with because just only
ok okay well now then also please attention chapter episode problem example conclusion reason result rule
lesson advice truth point fact idea plan thing things total score price address name today tomorrow tonight
yesterday later earlier since until dear
"""
_INTERJECTIONS_WORDS = """
ah aah oh ooh uh um er eh hey hi hello hush well yeah yep aye nay now so and but or then still anyway besides
wait come go stop look listen see right alright good great fine sure sorry thanks thank please today tomorrow
tonight yesterday later meanwhile however finally first second maybe perhaps actually honestly frankly really
indeed yes no okay ok boy man gosh god lord heavens dear darling
"""
_NEVER, _INTERJECTIONS = frozenset(_NEVER_WORDS.split()), frozenset(_INTERJECTIONS_WORDS.split())
_LEAST_USES = 3


def is_name(label: str, rest: str, known: frozenset[str]) -> bool:
    """Whether what stands before a colon names who speaks.

    Parameters
    ----------
    label : str
    rest : str
        What follows the colon on its line.
    known : frozenset of str
        Of `known_names`.
    """
    if not _may_be_name(label):
        return False
    if folded(label) in known:
        return True
    if re.fullmatch(r"[\d\W]*\d[\d\W]*(?:[ap]\.?m\.?)?", rest.strip(), re.IGNORECASE):
        return False  # "KICK-OFF: 12:30"
    return _is_sure(label)


def is_bracketed_name(label: str, known: frozenset[str]) -> bool:
    """Whether what stands in brackets at the beginning of a line, before words, names who speaks.

    Parameters
    ----------
    label : str
    known : frozenset of str
        Of `known_names`.
    """
    if not _may_be_name(label):
        return False
    return folded(label) in known or bool(_TITLED.fullmatch(label) or _ROLE.fullmatch(_titled_case(label)))


def may_name_speaker(label: str) -> bool:
    """Whether what stands in brackets or before a colon has the form of a name."""
    return _may_be_name(label) and _is_capitalised(label)


def known_names(texts: Iterable[str]) -> frozenset[str]:
    """Names that are speakers by more than their form, folded.

    A capitalised name before a colon or in brackets is one where it is marked in the other way as well, or in
    capitals, or where someone is spoken to by it ("Come here, Harry."), or has words
    that the file never has in lower case and is of several words, or before a colon three times or more.

    Parameters
    ----------
    texts : iterable of str
        Of all cues, with their marks.
    """
    sure: set[str] = set()
    marked: Counter[str] = Counter()
    bracketed: set[str] = set()
    called: set[str] = set()
    addressed: set[str] = set()
    lower: set[str] = set()
    for text in texts:
        for label, rest in _MARKED.findall(text):
            if is_name(label, rest, frozenset()):
                sure.add(folded(label))
            elif may_name_speaker(label):
                marked[folded(label)] += 1
        for label in _BRACKETED.findall(text):
            if may_name_speaker(label):
                bracketed.add(folded(label))
        called.update(_capitalised_words(_AFTER_COMMA.findall(text)))
        addressed.update(_capitalised_words(_BEFORE_COMMA.findall(text)))
        lower.update(re.findall(r"(?<![\w'’])[^\W\d_A-Z][\w'’-]*", text))
    spoken_to = called | (addressed - lower - _INTERJECTIONS)

    def is_spoken_to(name: str) -> bool:
        return any(word in spoken_to for word in name.split() if word not in _PARTICLES)

    def is_habit(name: str) -> bool:
        return marked[name] >= _LEAST_USES and not lower.intersection(name.split())

    def is_full(name: str) -> bool:
        return " " in name and not lower.intersection(name.split())

    names = {n for n in marked if n in bracketed or is_spoken_to(n) or is_habit(n) or is_full(n)}
    names |= {n for n in bracketed if n in sure or n in marked or is_spoken_to(n)}
    return frozenset(names | sure)


def folded(label: str) -> str:
    """A name as names are compared."""
    return " ".join(label.replace(".", "").casefold().split())


def _may_be_name(label: str) -> bool:
    words = label.split()
    named = [word for word in words if re.search(r"[^\W\d_]", word) and word.casefold() != "and"]
    if not 1 <= len(named) <= MOST_WORDS or words[0].isdigit():
        return False
    return not any(word.strip(".,").casefold() in _NEVER for word in named)


def _is_sure(label: str) -> bool:
    """Whether the form alone tells a name."""
    words = [word for word in label.split() if re.search(r"[^\W\d_]", word)]
    is_capital = _is_capital(words[0]) and all(word in _PARTICLES or _is_capital(word) for word in words)
    return is_capital or bool(_TITLED.fullmatch(label) or _ROLE.fullmatch(label))


def _is_capital(word: str) -> bool:
    """HARRY, McGONAGALL, O'BRIEN, d'ARTAGNAN, HARRY's; scripts without capitals have none."""
    letters = re.sub(r"^(?:Mac|Mc|Fitz|[A-Za-z]{1,2}['’])(?=[^\W\d_]{2})|['’]s$", "", word)
    return letters.isupper()


def _is_capitalised(label: str) -> bool:
    words = [word for word in label.split() if re.search(r"[^\W\d_]", word)]
    return bool(words) and all(word in _PARTICLES or not word[0].islower() for word in words)


def _capitalised_words(names: Iterable[str]) -> set[str]:
    return {folded(word) for name in names for word in name.split() if word[0].isupper()}


def _titled_case(label: str) -> str:
    """MAN ON TV as Man on TV, to be compared with roles."""
    words = label.split()
    if not all(_is_capital(word) for word in words if word[0].isalpha()):
        return label
    return " ".join(
        w.lower() if w.lower() in {"on", "over", "in", "the", "a"} else w.capitalize() for w in words
    )
