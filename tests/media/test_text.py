"""Texts in any encoding, with bytes that are in none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookscore.ingest.media.text import declared_in, decode

ENGLISH = "It was late, and the rain had not stopped.\nHe went down to the river, where nobody lived.\n" * 20
CURLY = "“Café,” she said — it’s naïve…\n" * 30
BY_ENCODING = {
    "cp1252": "«Où êtes-vous allés?» demanda-t-il à sa sœur. Elle répondit qu’ils étaient rentrés. À bientôt.",
    "mac_roman": "Der alte Mann saß am Fenster und sah hinüber zu den Bäumen. “Wo seid ihr gewesen?”, fragte er.",
    "cp850": "Le vieil homme était assis près de la fenêtre. Où êtes-vous allés? Elle répondit: à la forêt.",
    "cp1250": "Starý muž seděl u okna a díval se na stromy. Kde jste byli? zeptal se. Děti se vrátí až zítra.",
    "iso8859_2": "Stary człowiek siedział przy oknie. Gdzie byliście? Noc będzie długa, więc trzeba iść spać.",
    "cp1251": "Старик сидел у окна и смотрел на деревья. Где вы были? спросил он сестру. Ночь тёмная.",
    "koi8_r": "Старик сидел у окна и смотрел на деревья. Где вы были? спросил он сестру. Всё было тихо.",
    "cp866": "Старик сидел у окна и смотрел на деревья. Где вы были? спросил он сестру. Дети вернутся завтра.",
    "cp1253": "Ο γέρος καθόταν στο παράθυρο και κοιτούσε τα δέντρα. Πού ήσασταν; ρώτησε την αδελφή του.",
    "cp1254": "Yaşlı adam pencerenin yanında oturuyor ve ağaçlara bakıyordu. Güneş doğdu, ılık bir ışık.",
    "cp1255": "הזקן ישב ליד החלון והביט בעצים. איפה הייתם? שאל את אחותו. היא ענתה שהילדים יחזרו רק מחר.",
    "cp1256": "كان الرجل العجوز يجلس عند النافذة وينظر إلى الأشجار. أين كنتم؟ سأل أخته. الطريق طويل والليل مظلم.",
    "cp874": "ชายชรานั่งอยู่ที่หน้าต่างและมองดูต้นไม้ พวกเธอไปไหนมา เขาถามน้องสาว ทางไกลและกลางคืนมืด",
    "cp932": "老人は窓辺に座って木々を眺めていた。「どこへ行っていたのですか」と彼は妹に尋ねた。",
    "euc_jp": "老人は窓辺に座って木々を眺めていた。「どこへ行っていたのですか」と彼は妹に尋ねた。",
    "gb18030": "老人坐在窗边，望着外面的树。“你们去哪儿了？”他问妹妹。她回答说孩子们明天才会回来。",
    "big5": "老人坐在窗邊，望著外面的樹。「你們去哪兒了？」他問妹妹。她回答說孩子們明天才會回來。",
    "cp949": "노인은 창가에 앉아 나무를 바라보고 있었다. 어디에 갔다 왔니? 그는 누이에게 물었다.",
    "iso2022_jp": "老人は窓辺に座って木々を眺めていた。「どこへ行っていたのですか」と彼は妹に尋ねた。",
}


@pytest.mark.parametrize("encoding", BY_ENCODING)
def test_a_text_in_a_legacy_encoding_is_read_as_it_was_written(encoding: str) -> None:
    text = (BY_ENCODING[encoding] + "\n") * 5
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.n_odd) == (text, 0)


@pytest.mark.parametrize("text", [ENGLISH, CURLY, *BY_ENCODING.values()])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_unicode_is_read_with_and_without_a_byte_order_mark(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.n_odd) == (text, 0)


@pytest.mark.parametrize(
    ("odd", "read"),
    [(b"\x92", "’"), (b"\xe9", "é"), (b"\xe9\x92", "é’"), (b"\x81", "\ufffd"), (b"\xe2\x80", "\ufffd")],
)
def test_an_odd_byte_in_utf_8_spoils_nothing_else(odd: bytes, read: str) -> None:
    data = CURLY.encode() + b"odd" + odd + b"s\n" + CURLY.encode()
    decoded = decode(data)
    assert decoded.text == f"{CURLY}odd{read}s\n{CURLY}"
    assert (decoded.encoding, decoded.n_odd) == ("utf-8", 2 if read == "é’" else 1)


def test_utf_8_cut_inside_its_last_character_is_utf_8() -> None:
    assert decode(CURLY.encode() + "…".encode()[:2]).text == CURLY + "\ufffd"


@pytest.mark.parametrize(
    "few", [b"fianc\xe9", b"it\x92s", b"fianc\xe9\x92s", b"na\xefve", b"\xa3200", b"Bront\xeb"]
)
def test_few_letters_of_windows_in_plain_english_are_no_chinese(few: bytes) -> None:
    for data in (ENGLISH.encode() + few + b" was here.\n", few + b"\n" + ENGLISH.encode()):
        assert decode(data).text == data.decode("cp1252")


def test_windows_text_that_reads_as_utf_8_by_chance_is_windows_text() -> None:
    text = "They met at that café—“rain” they said.\n" * 40  # é, dash and quote together are valid UTF-8
    assert decode(text.encode("cp1252")).text == text


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("cp1252", "utf-8"),
        ("utf-8", "iso-8859-1"),
        ("utf-8", "no-such-encoding"),
        ("utf-16-le", "utf-8"),
        ("utf-8", "utf-16"),
    ],
)
def test_a_declared_encoding_is_distrusted_where_the_bytes_contradict_it(
    encoding: str, declared: str
) -> None:
    decoded = decode(CURLY.encode(encoding), declared)
    assert (decoded.text, decoded.n_odd) == (CURLY, 0)


def test_a_declared_encoding_decides_where_the_bytes_allow_it() -> None:
    text = "Az út hosszú, a hős űző."
    assert decode(text.encode("iso8859_2"), "iso-8859-2").text == text
    assert decode("Мир".encode("koi8_r"), "koi8-r").text == "Мир"
    assert decode(b"caf\xe9 \x97 it\x92s", "latin-1").text == "café — it’s"  # as browsers read that label


def test_odd_bytes_of_a_legacy_encoding_are_replaced_and_counted() -> None:
    text = (BY_ENCODING["cp932"] + "\n") * 10
    decoded = decode(text.encode("cp932") + b"\x85\n" + text.encode("cp932"))
    assert (decoded.encoding, decoded.n_odd) == ("cp932", 1)
    assert decoded.text == f"{text}\ufffd\n{text}"


def test_nuls_and_marks_inside_are_no_text() -> None:
    assert decode(b"One\0 two.\n\xef\xbb\xbfThree.").text == "One two.\nThree."


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (b'<?xml version="1.0" encoding="ISO-8859-2"?><a/>', "ISO-8859-2"),
        (b"<html><head><meta charset=koi8-r>", "koi8-r"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1251"/>', "windows-1251"),
        ("<?xml version='1.0' encoding='utf-16'?>".encode("utf-16-le"), "utf-16"),
        (b"<html><p>encoding", None),
    ],
)
def test_the_declared_encoding_is_found(head: bytes, encoding: str | None) -> None:
    assert declared_in(head) == encoding


@given(
    text=st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff")),
    mark=st.sampled_from(["utf-8", "utf-8-sig"]),
)
def test_utf_8_comes_back_whole(text: str, mark: str) -> None:
    decoded = decode(text.encode(mark))
    assert (decoded.text, decoded.encoding, decoded.n_odd) == (text, "utf-8", 0)


@given(
    text=st.lists(st.sampled_from([*"aeé“”’—… \n", "ü", "雨", "ж"]), min_size=30).map("".join),
    odd=st.lists(st.tuples(st.integers(0, 10**4), st.sampled_from(b"\x92\x93\x81\xe9\xff")), max_size=3),
)
def test_few_odd_bytes_leave_all_else_as_it_was(text: str, odd: list[tuple[int, int]]) -> None:
    text = "“It’s here,” he said… ‘Café’ — “naïve”.\n" * 5 + text
    places = sorted({place % (len(text) + 1): value for place, value in odd}.items())
    data, start, wanted = b"", 0, ""
    for place, value in places:
        piece = text[start:place]
        data += piece.encode() + b"| " + bytes([value]) + b" |"
        wanted += piece + "| " + bytes([value]).decode("cp1252", "replace") + " |"
        start = place
    decoded = decode(data + text[start:].encode())
    assert (decoded.text, decoded.n_odd) == (wanted + text[start:], len(places))


@given(
    data=st.binary(),
    declared=st.none() | st.sampled_from(["utf-8", "utf-16", "shift_jis", "utf-7", "hex", ""]),
)
def test_any_bytes_are_some_text(data: bytes, declared: str | None) -> None:
    decoded = decode(data, declared)
    assert decoded.n_odd >= 0 and "\0" not in decoded.text
