"""Persons: the forms of name that a book uses, gathered by whom they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bookscore.ingest.book.people.names import MARRIED, UNMARRIED, Form

_MIN_STEM = 3  # letters that a first name cut short keeps: Jos for Joseph, Becky for Rebecca
_MIN_PRONOUNS = 3
_FAR_MORE = 10


@dataclass(eq=False)
class Person:
    """A person, with counts of the forms that name nobody else.

    Attributes
    ----------
    forms : Counter of Form
        How often the book uses each form.
    pronouns : Counter of str
        How often ``female`` and ``male`` pronouns follow the forms.
    """

    forms: Counter[Form] = field(default_factory=Counter)
    pronouns: Counter[str] = field(default_factory=Counter)

    @property
    def given(self) -> set[str]:
        return {form.core[0] for form in self.forms if len(form.core) > 1}

    @property
    def surnames(self) -> set[str]:
        return {form.core[-1] for form in self.forms if len(form.core) > 1 or form.honorifics}

    @property
    def gender(self) -> str | None:
        """By the honorifics, else by the pronouns that follow; None where these do not agree."""
        titles: Counter[str] = Counter()
        for form, count in self.forms.items():
            if form.gender:
                titles[form.gender] += count
        return majority(titles, at_least=1) or majority(self.pronouns)

    @property
    def fullest(self) -> Form:
        """The fullest form that is used more than once; of equally full ones the most frequent."""

        def fullness(form: Form) -> tuple[bool, int, int, Form]:
            return self.forms[form] > 1, len(form.core), self.forms[form], form

        return max(self.forms, key=fullness)


def majority(genders: Mapping[str, int], at_least: int = _MIN_PRONOUNS) -> str | None:
    """The gender that is found often enough, and twice as often as the other.

    Parameters
    ----------
    genders : mapping of str to int
        How often ``female`` and ``male`` were found.
    at_least : int
        Fewer than this decide nothing.

    Returns
    -------
    str or None
        female or male; None where the counts do not decide.
    """
    female, male = genders.get("female", 0), genders.get("male", 0)
    if female >= max(at_least, 2 * male):
        return "female"
    return "male" if male >= max(at_least, 2 * female) else None


def gather(
    forms: Mapping[Form, int], pronouns: Mapping[Form, Mapping[str, int]], apart: Iterable[tuple[Form, Form]]
) -> tuple[list[Person], dict[Form, list[Person]]]:
    """Forms gathered by person, the fullest first: first and last name, then title and name, then a bare name.

    Two forms are never one person's where their genders differ, where one is Miss and the other Mrs., or
    where the book joins them by "and". A title with a surname goes to the only bearer of that name whom it
    fits; where there are several, it is a person of its own.

    Parameters
    ----------
    forms : mapping
        How often each form is used.
    pronouns : mapping
        How often ``female`` and ``male`` pronouns follow each form.
    apart : iterable of (Form, Form)
        Forms that name two people.

    Returns
    -------
    persons : list of Person
    bearers : dict
        For each form, whom it can name: one, or for a bare name several, the likeliest first.
    """
    separate = {frozenset(pair) for pair in apart}
    persons: list[Person] = []
    bearers: dict[Form, list[Person]] = {}
    as_given, as_surname = Counter[str](), Counter[str]()
    for form, count in forms.items():
        if len(form.core) > 1:
            as_given[form.core[0]] += count
            as_surname[form.core[-1]] += count

    def told(form: Form) -> str | None:
        """Gender by pronouns: those of the first name alone count for the full name."""
        return majority(pronouns.get(form, {})) or (
            majority(pronouns.get(Form((), form.core[:1]), {})) if len(form.core) > 1 else None
        )

    def fits(form: Form, person: Person) -> bool:
        genders = {form.gender or told(form), person.gender, *(f.gender or told(f) for f in person.forms)}
        if len(genders - {None}) > 1:
            return False
        return not any(
            frozenset((form, other)) in separate or _husbands(form, other, told) for other in person.forms
        )

    def give(form: Form, found: list[Person]) -> None:
        if not found:
            found = [Person()]
            persons.append(found[0])
        bearers[form] = found
        if len(found) == 1:
            found[0].forms[form] += forms[form]
            found[0].pronouns.update(pronouns.get(form, {}))

    def by_first_name(form: Form) -> list[Person]:
        """Persons whose first name it is, the likeliest first; none where it is more often a surname."""
        (name,) = form.core
        if as_given[name] < as_surname[name]:
            return []
        return sorted(
            (p for p in persons if name in p.given and fits(form, p)), key=lambda p: -_bearing(p, name)
        )

    def by_surname(form: Form) -> list[Person]:
        (name,) = form.core
        found = [p for p in persons if name in p.surnames and fits(form, p) and not _title_differs(form, p)]
        return sorted(found, key=lambda p: -_bearing(p, name))

    ranked = sorted(forms, key=lambda form: (-forms[form], form))
    for form in ranked:
        if len(form.core) > 1:
            alone = forms.get(Form((), form.core[:1]), 0)
            same = [p for p in persons if fits(form, p) and _same_name(form, p)]
            own = not form.honorifics or MARRIED.intersection(form.honorifics)
            if not same and own and told(form) == "female" and alone > _FAR_MORE * forms[form]:
                same = [p for p in persons if form.core[0] in p.given and fits(form, p)]
            give(form, same[:1])
    titled = [form for form in ranked if len(form.core) == 1 and form.honorifics]
    for form in titled:
        if found := by_first_name(form):
            give(form, found[:1])
    # Miss before Mrs.: an unmarried bearer's only sign may be "Miss Sedley".
    for form in sorted(titled, key=lambda form: not UNMARRIED.intersection(form.honorifics)):
        if form not in bearers:
            found = by_surname(form)
            found = [p for p in found if p.gender == form.gender] or found
            give(form, found if len(found) == 1 else [p for p in found if not p.given][:1])
    for form in ranked:
        if len(form.core) == 1 and not form.honorifics:
            give(form, by_first_name(form) or by_surname(form))
    return persons, bearers


def _bearing(person: Person, name: str) -> int:
    return sum(count for form, count in person.forms.items() if name in form.core)


def _rank(form: Form) -> str | None:
    ranks = {"miss": UNMARRIED, "mrs": MARRIED, "lady": frozenset({"lady"})}
    return next((rank for rank, titles in ranks.items() if titles.intersection(form.honorifics)), None)


def _title_differs(form: Form, person: Person) -> bool:
    """Whether Miss, Mrs. or Lady before a surname speaks against the person's own titles.

    Titles with a first name count for the surname that the person bears most: a woman who marries keeps
    Miss with that, and is Mrs. with another.
    """
    surnames = Counter[str]()
    for other, count in person.forms.items():
        if len(other.core) > 1:
            surnames[other.core[-1]] += count
    by_birth = [name for name, _ in surnames.most_common(1)] == [form.core[0]]
    ranks = {
        _rank(other)
        for other in person.forms
        if other.core[-1] == form.core[0] or (by_birth and len(other.core) == 1)
    } - {None}  # fmt: skip
    rank = _rank(form)
    if rank == "mrs":
        return bool(ranks - {rank})
    return bool(rank and ranks) and rank not in ranks


def _husbands(one: Form, other: Form, told: Callable[[Form], str | None]) -> bool:
    """Whether one form names the wife of the other: Mrs. Rawdon Crawley and Rawdon Crawley, not known to be a woman."""
    wives = [bool(MARRIED.intersection(form.honorifics)) for form in (one, other)]
    if len(one.core) != len(other.core) or one.core[0] != other.core[0] or wives[0] == wives[1]:
        return False
    untitled = other if wives[0] else one
    return (untitled.gender or told(untitled)) != "female"


def _same_name(form: Form, person: Person) -> bool:
    """Whether the surname agrees, and the first name too: as it is, an initial, cut short or a pet name."""
    for other in person.forms:
        if len(other.core) > 1 and other.core[-1] == form.core[-1]:
            names = (form.core[0].rstrip(".").lower(), other.core[0].rstrip(".").lower())
            short, long = sorted(names, key=len)
            pet = short.endswith(("y", "ie")) and short[:_MIN_STEM] in long[1:]
            cut = long.startswith(short) and (len(short) == 1 or len(short) >= _MIN_STEM)
            if cut or (pet and len(short) > _MIN_STEM):
                return True
    return False
