"""The declaration of a setting: what it takes, and what it says where it does not."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bookscore.engine.errors import BookscoreError
from bookscore.engine.settings import Setting, check, declaration, defaults, read_pairs

SHARE = Setting("a.share", 0.5, "why", least=0, most=1)
LENGTH = Setting("a.length_s", 2.0, "why", "s", least=0.5)
COUNT = Setting("a.count", 3, "why", "pieces", least=1, most=9)
RULE = Setting("b.rule", "ours", "why", choices=("ours", "paper", "none"))
SWITCH = Setting("b.switch", 0, "why", choices=(0, 1))
CODE = Setting("b.code", "eng", "why", "code of a language", is_valid=str.isalpha)
ALL = {s.name: s for s in (SHARE, LENGTH, COUNT, RULE, SWITCH, CODE)}

ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.datetimes(),
    st.lists(st.integers()), st.dictionaries(st.text(), st.text()),
)  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "text", "value"),
    [
        (SHARE, "1", 1.0),
        (SHARE, "0", 0.0),
        (SHARE, "2.5e-1", 0.25),
        (LENGTH, "1e9", 1e9),
        (COUNT, " 9 ", 9),
        (RULE, "paper", "paper"),
        (SWITCH, "1", 1),
        (CODE, "fra", "fra"),
    ],
)
def test_a_text_is_read_as_the_settings_type(setting: Setting, text: str, value: object) -> None:
    read = setting.read(text)
    assert read == value and type(read) is type(setting.default)


@pytest.mark.parametrize(
    ("setting", "text", "line"),
    [
        (SHARE, "nan", "a.share is nan: give a number, 0 to 1"),
        (SHARE, "1.01", "a.share is 1.01: give a number, 0 to 1"),
        (SHARE, "half", "a.share is 'half': give a number, 0 to 1"),
        (LENGTH, "inf", "a.length_s is inf: give a number, 0.5 or more (s)"),
        (LENGTH, "0", "a.length_s is 0.0: give a number, 0.5 or more (s)"),
        (COUNT, "2.5", "a.count is '2.5': give a whole number, 1 to 9 (pieces)"),
        (COUNT, "", "a.count is '': give a whole number, 1 to 9 (pieces)"),
        (COUNT, "-1", "a.count is -1: give a whole number, 1 to 9 (pieces)"),
        (RULE, "Ours", "b.rule is 'Ours': give one of ours, paper, none"),
        (SWITCH, "2", "b.switch is 2: give 0 or 1"),
        (SWITCH, "yes", "b.switch is 'yes': give 0 or 1"),
        (CODE, "e!", "b.code is 'e!': give a code of a language"),
        (CODE, "  ", "b.code is '  ': give a code of a language"),
    ],
)
def test_a_bad_value_is_refused_in_one_line_that_says_what_is_wanted(
    setting: Setting, text: str, line: str
) -> None:
    with pytest.raises(BookscoreError) as refused:
        setting.read(text)
    assert str(refused.value) == line


@given(st.sampled_from(list(ALL.values())), ANYTHING)
@example(COUNT, True)
@example(SHARE, True)
@example(SWITCH, False)
@example(SHARE, 10**400)
@example(LENGTH, 10**400)
@example(COUNT, 10**5000)
@example(RULE, [[]])
def test_any_value_is_either_taken_as_the_settings_type_or_refused_in_one_line(
    setting: Setting, value: Any
) -> None:
    try:
        taken = setting.checked(value)
    except BookscoreError as refused:
        [line] = str(refused).splitlines()
        assert line.startswith(f"{setting.name} is ") and ": give " in line and len(line) < 200
        return
    assert type(taken) is type(setting.default) and taken == value and not isinstance(value, bool)
    if isinstance(taken, float):
        assert math.isfinite(taken) and taken >= (setting.least or 0) and taken <= (setting.most or math.inf)


@given(st.sampled_from(list(ALL.values())), st.text() | st.floats().map(str) | st.integers().map(str))
@example(COUNT, "9" * 5000)
def test_any_text_is_either_read_or_refused_in_one_line(setting: Setting, text: str) -> None:
    try:
        assert setting.checked(setting.read(text)) == setting.read(text)
    except BookscoreError as refused:
        assert len(str(refused).splitlines()) == 1


@given(st.text())
@example("a.count")
@example("a.count=")
@example("=")
@example("a.count=1=2")
def test_any_pair_is_read_or_refused_in_one_line(pair: str) -> None:
    try:
        assert read_pairs(ALL, [pair]).keys() <= ALL.keys()
    except BookscoreError as refused:
        assert len(str(refused).splitlines()) == 1


def test_the_last_of_several_pairs_counts() -> None:
    assert read_pairs(ALL, ["a.count=2", "b.rule=paper", "a.count=4"]) == {"a.count": 4, "b.rule": "paper"}


@pytest.mark.parametrize(
    ("name", "hint"),
    [("a.lenght_s", r"did you mean a\.length_s\?"), ("colour", r"names begin with a\., b\.")],
)
def test_an_unknown_name_is_told_with_those_that_are_near(name: str, hint: str) -> None:
    with pytest.raises(BookscoreError, match=rf"^there is no setting '{name}': {hint}$"):
        declaration(ALL, name)


def test_values_are_checked_together_and_others_are_left_alone() -> None:
    values = defaults(ALL.values()) | {"c.other": 1, "a.share": 1}
    assert check([SHARE, COUNT], values) == {"a.share": 1.0, "a.count": 3}
    with pytest.raises(BookscoreError, match=r"^a\.share is -1"):
        check([COUNT, SHARE], values | {"a.share": -1})
