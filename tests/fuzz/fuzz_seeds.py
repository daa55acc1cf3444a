"""Small whole files of every kind that is read, made anew, and the words of their formats."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import book_files
import styled_epub

DARK = "It was a dark night, and the sea was loud.\n\nHe came. \u201cWho is there?\u201d she said.\n\n"


@dataclass(frozen=True)
class Seed:
    """Files of a folder by name, one of them a zip archive's members or as it is.

    Attributes
    ----------
    files : dict of str to bytes
    main : str
        The one that is read; empty for the folder itself.
    form : str
        How `mutation` changes its files, or ``zip``.
    """

    files: Mapping[str, bytes]
    main: str
    form: str
    members: Mapping[str, bytes] = field(default_factory=dict)


def words(text: str) -> list[bytes]:
    return [word.encode() for word in text.split()]


XML_WORDS = words(
    "<!DOCTYPE <!ENTITY &amp; &nbsp; &a; &#0; &#x110000; &#xD800; ]]> <![CDATA[ <!-- --> <? ?> /> </ xmlns='' xml:lang='' "
    "encoding='utf-16' <br/> <p> </p> <div> <span \u0085 \ufffe \u202e \u0131 \u0130"
)
TOKENS: Mapping[str, list[bytes]] = {
    "epub": [
        *XML_WORDS, b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>', b'<nav epub:type="toc"><ol><li>',
        b"<navPoint><navLabel/>", b'<content src="#x"/>', b'<itemref idref="nav"/>', b'<item id="x" href=".."/>', b"<svg>", b"<a href='#x'>1</a>",
        b"<h1>", b"<hr/>", b"hidden='' ", b"aria-hidden='true'", b"class='dropcap'", b"@import 'a.css';", b"url(", b"@media {", b"{", b"}", b"/*",
        b"*/", b"\\", b"U+", b"calc(", b"!important", b"<img alt='CHAPTER I'/>", b"role='doc-noteref'", b"<binary id='c.jpg'>",
    ],
    "prose": [
        *XML_WORDS, *words("CHAPTER I. ~ 1 ~ [1] ONE * > - # | ``` [^1]: _ ** [ ]( ![ \\ \t \f \x1a \x00 \ufeff II. PART Day"),
        b"\n\n", b"\nCHAPTER 1\n\n", b"*** END OF THE PROJECT GUTENBERG EBOOK ***", b"[Illustration: ", b"[Footnote 1: ",
        b"<section>", b"<title><p>", b"<w:p>", b'<w:r><w:t>', b"<w:tbl><w:tr><w:tc>", b"\xe2\x80\x9c", b"\x93", b"\x94", b"\xff\xfe",
    ],
    "subtitles": [
        *words("--> 00:00:01,000 99:99:99,999 -00:00:01.000 {1}{50} [10][20] WEBVTT NOTE STYLE X-TIMESTAMP-MAP <v <c.x> </v> <00:00:01.000> <b> "
               "{\\an8} {\\p1} {\\ \\N Dialogue: Format: Style: [Events] [V4+ <SYNC Start= <P> <br> <tt <p begin= begin='1s' end= MARY: [door "
               "\u266a # \u202e \ufeff \u2028 \x85 \x00 &#x1b; &gt; \x1b[31m \x1b]0;"),
        b"\n\n", b"1\n00:00:01,000 --> 00:00:02,000\n", b"\r", b"\x9d", b"00:00:01,000 --> ", b"<" + b" " * 50,
    ],
    "album": [
        *words("ID3 TAG APETAGEX fLaC OggS RIFF LIST INFO INAM IART data fmt TIT2 TPE1 TALB TRCK TPOS APIC TXXX PRIV covr ilst moov trak "
               "mdat udta meta \xa9nam METADATA_BLOCK_PICTURE CUESHEET TRACKNUMBER= wvpk FORM AIFF COMM SSND OpusHead OpusTags vorbis"),
        b'FILE "disc.wav" WAVE\n', b"  TRACK 01 AUDIO\n", b"    INDEX 01 00:00:00\n", b"TITLE ", b"PERFORMER ", b"f\xc4\xb1ve", b"A1", b"1-01", b"IV",
        b"Disc Two", b"\xd0\x9f\xf0", b"\x82\xb1\x82\xea",
    ],
    "film": words("ftyp moov trak mdia minf stbl stsd stts stsz stco stss ctts elst udta free mdat tx3g mp4v esds \x1a\x45\xdf\xa3 "
                  "\x18\x53\x80\x67 \x16\x54\xae\x6b \x1f\x43\xb6\x75 \xa3 Dialogue: 0,0,Default"),
}  # fmt: skip


def epubs(folder: Path) -> list[Seed]:
    small = book_files.make_small_epub(folder / "small.epub")
    contents = book_files.ncx({"c1.xhtml": "One", "c2.xhtml#x": "Two", "gone.xhtml": "Gone"})
    notes = book_files.page(
        '<h2 id="x">II</h2><p><span class="dropcap">I</span>t was<a href="#n" epub:type="noteref">1</a> late.</p>'
        '<blockquote><p>Verse<br/>and<br/>more</p></blockquote><table><tr><td>a</td></tr></table><aside epub:type="footnote" id="n">A note.</aside>'
        f'<svg xmlns="http://www.w3.org/2000/svg"><text>W</text></svg><p>{DARK * 9}</p><q>Who?</q><img src="i.png" alt="A"/>'
    )
    old = book_files.make_epub(
        folder / "old.epub",
        {"c1.xhtml": book_files.page(f"<h1>I</h1><p>{DARK * 9}</p>"), "c2.xhtml": notes},
        ncx=contents,
        guide='<reference type="toc" href="c1.xhtml"/>',
    )
    styled = styled_epub.make(folder / "styled.epub")
    return [_zipped(path) for path in (small, old, styled)]


def _zipped(path: Path) -> Seed:
    with zipfile.ZipFile(path) as archive:
        return Seed({}, path.name, "zip", {name: archive.read(name) for name in archive.namelist()})


def _archived(name: str, **members: str) -> Seed:
    return Seed({}, name, "zip", {path: text.encode() for path, text in members.items()})


FB2 = f"""<?xml version="1.0" encoding="utf-8"?><FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><description><title-info>
<author><first-name>A</first-name><last-name>B</last-name></author><book-title>House</book-title><lang>en</lang></title-info></description>
<body><section><title><p>Chapter 1</p></title><epigraph><p>A motto.</p></epigraph><p>{DARK * 5}</p><poem><stanza><v>Tyger</v></stanza></poem>
<section><title><p>2</p><p>Door</p></title><p>{DARK * 5}<a type="note">1</a></p></section></section></body><body name="notes"><section id="n1">
<p>A note.</p></section></body><binary id="c.jpg" content-type="image/jpeg">QUJD</binary></FictionBook>"""
WORD = f"""<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:pPr><w:pStyle w:val="H1"/></w:pPr>
<w:r><w:t>Chapter 1</w:t></w:r></w:p><w:p><w:r><w:rPr><w:b/></w:rPr><w:t>{DARK * 5}</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>"""
STYLES = """<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:style w:type="paragraph" w:styleId="H1">
<w:name w:val="heading 1"/></w:style></w:styles>"""


def prose(folder: Path) -> list[Seed]:
    text = "".join(f"CHAPTER {n}\n\n{DARK * 4}[Footnote 1: a note]\n\n" for n in ("I", "II", "III"))
    html = f"<!DOCTYPE html><html><head><title>T</title></head><body><h1>One</h1><p>{DARK * 9}</p><h1>Two</h1><p>{DARK * 9}<b>x</b></p></body></html>"
    marked = f"# One\n\n{DARK * 4}\n## Two\n\n> {DARK}\n\n* a\n* b\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nText[^1].\n\n[^1]: A note.\n\n```\ncode\n```\n"
    return [
        Seed({"b.txt": text.encode()}, "b.txt", "lines"),
        Seed({"b.txt": text.replace("\u201c", '"').replace("\u201d", '"').encode("utf-16-le")}, "b.txt", "lines"),
        Seed({"b.html": html.encode()}, "b.html", "markup"),
        Seed({"b.md": marked.encode()}, "b.md", "lines"),
        Seed({"b.fb2": FB2.encode()}, "b.fb2", "markup"),
        _archived("b.fb2.zip", **{"b.fb2": FB2}),
        _archived("b.docx", **{
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>', "word/document.xml": WORD,
            "word/styles.xml": STYLES, "word/footnotes.xml": WORD.replace("document", "footnotes"),
        }),
    ]  # fmt: skip


def subtitles(folder: Path) -> list[Seed]:
    cues = [
        ("MARY: Who is there?", 1),
        ("- Nobody.\n- I see.", 4),
        ("[door slams] Go, Harry!", 7),
        ("\u266a La la \u266a", 11),
        ("<i>Yes.</i>", 15),
    ] * 3
    times = [(at + 20 * (n // 5), text) for n, (text, at) in enumerate(cues)]

    def clock(at: int, mark: str) -> str:
        return f"00:00:{at % 60:02}{mark}000"

    srt = "\n".join(
        f"{n}\n{clock(a, ',')} --> {clock(a + 2, ',')}\n{t}\n" for n, (a, t) in enumerate(times, 1)
    )
    vtt = "WEBVTT - x\n\nNOTE a\n\nSTYLE\n::cue{}\n\n" + "\n".join(
        f"id{a}\n{clock(a, '.')} --> {clock(a + 2, '.')} align:start\n<v Ann>{t}</v> <00:00:01.500><c>word</c>\n" for a, t in times
    )  # fmt: skip
    events = "".join(
        f"Dialogue: 0,0:00:{a:02}.00,0:00:{a + 2:02}.00,Default,Ann,0,0,0,,{{\\an8}}{t}".replace("\n", "\\N") + "\n" for a, t in times
    )  # fmt: skip
    ass = (
        "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Arial,16\n\n[Events]\n"
        f"Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n{events}"
    )
    body = "".join(
        f'<p begin="{a}s" end="00:00:{a + 2}.5">{t.strip("<>i/")}<br/><span begin="1s">x</span></p>'
        for a, t in times
    )
    ttml = f'<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en"><head/><body><div>{body}</div></body></tt>'
    sami = "<SAMI><HEAD><STYLE TYPE='text/css'><!-- P {} --></STYLE></HEAD><BODY>" + "".join(
        f"<SYNC Start={1000 * a}><P Class=EN>{t}\n" for a, t in times
    )
    found = {
        "f.srt": srt, "f.vtt": vtt, "f.ass": ass, "f.smi": sami + "</BODY></SAMI>", "f.sub": "{1}{1}25\n" + "".join(f"{{{25 * a}}}{{{25 * a + 50}}}{{y:i}}{t}|x\n" for a, t in times),
        "f.mpl": "".join(f"[{10 * a}][{10 * a + 20}]/{t}|x\n" for a, t in times), "f.ttml": ttml,
        "f.sbv": "".join(f"0:00:{a:02}.000,0:00:{a + 2:02}.000\n{t}\n\n" for a, t in times),
    }  # fmt: skip
    marked = {"f.ttml", "f.smi", "f.vtt"}
    return [Seed({n: text.encode()}, n, "markup" if n in marked else "lines") for n, text in found.items()]


def albums(folder: Path) -> list[Seed]:
    import av
    import mutagen
    import numpy as np
    import soundfile
    from mutagen import aiff, apev2, flac, id3, wave

    rate_hz = 8000
    sound = (0.3 * np.sin(np.arange(rate_hz // 2) / 3)).astype(np.float32)
    codecs = {
        "1.wav": "pcm_s16le", "2.flac": "flac", "3.mp3": "libmp3lame", "4.m4a": "aac", "5.wv": "wavpack", "6.aiff": "pcm_s16be",
        "7.opus": "libopus", "8.ogg": "", "9.mka": "pcm_s16le", "10.wma": "wmav2",
    }  # fmt: skip
    made = {}
    for name, codec in codecs.items():
        path = folder / name
        made[name] = path
        if not codec:  # PyAV has no encoder of Vorbis
            soundfile.write(path, sound, rate_hz)
            continue
        rate = 48_000 if codec == "libopus" else 44_100 if codec in ("libmp3lame", "wmav2") else rate_hz
        with av.open(str(path), "w") as container:
            audio = container.add_stream(
                codec, rate=rate, layout="mono", **({"options": {"b": "64k"}} if codec == "wmav2" else {})
            )
            frame = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
            frame.sample_rate = rate
            for packet in [*audio.encode(frame), *audio.encode(None)]:
                container.mux(packet)
    picture = id3.APIC(encoding=3, mime="image/png", type=3, data=b"\x89PNG" * 50)
    frames = [
        id3.TIT2(encoding=0, text="Caf\xe9"),
        id3.TPE1(encoding=3, text=["A", "B"]),
        id3.TRCK(encoding=3, text="1/2"),
        picture,
    ]
    for kind, name in ((wave.WAVE, "1.wav"), (aiff.AIFF, "6.aiff")):
        tagged = kind(made[name])
        tagged.add_tags()
        for one in frames:
            tagged.tags.add(one)
        tagged.save()
    id3.ID3().save(made["3.mp3"])
    tags = id3.ID3(made["3.mp3"])
    for one in frames:
        tags.add(one)
    tags.save(made["3.mp3"])
    tagged = flac.FLAC(made["2.flac"])
    tagged.update({"title": "Two", "tracknumber": "A2", "discnumber": "Two", "cuesheet": SHEET})
    cover = flac.Picture()
    cover.data = b"\x89PNG" * 50
    tagged.add_picture(cover)
    tagged.save()
    mp4 = mutagen.File(made["4.m4a"])
    mp4.update({"\xa9nam": ["Four"], "trkn": [(4, 9)], "----:com.apple.iTunes:ARTIST": [b"X"]})
    mp4.save()
    ape = apev2.APEv2()
    ape.update(
        {"Title": "Five", "Track": "1-05", "Cover Art (Front)": apev2.APEValue(b"x\0\x89PNG", apev2.BINARY)}
    )
    ape.save(made["5.wv"])
    for name in ("7.opus", "8.ogg", "10.wma"):
        tagged = mutagen.File(made[name])
        tagged["title"] = "Seven"
        tagged.save()
    data = {name: path.read_bytes() for name, path in made.items()}
    data["1.wav"] += b"LIST" + struct.pack("<I", 16) + b"INFOINAM" + struct.pack("<I", 4) + b"One\0"
    data["1.wav"] = data["1.wav"][:4] + struct.pack("<I", len(data["1.wav"]) - 8) + data["1.wav"][8:]
    seeds = [Seed({name: one}, "", "binary") for name, one in data.items()]
    disc = Seed({"disc.wav": data["1.wav"], "disc.cue": SHEET.encode()}, "", "lines")
    pool = Seed(
        {"CD1/a.flac": data["2.flac"], "CD Two/01 b.mp3": data["3.mp3"], "x.m4a": data["4.m4a"]}, "", "binary"
    )
    return [*seeds, disc, disc, pool]


SHEET = """PERFORMER "Comp"
TITLE "The Score"
FILE "disc.wav" WAVE
  TRACK 01 AUDIO
    TITLE "One"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    PERFORMER "Guest"
    INDEX 00 00:00:10
    INDEX 01 00:00:15
  TRACK 03 MODE1/2352
    INDEX 01 00:00:30
"""
HEADER = (
    b"[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Arial,16\n\n[Events]\n"
    b"Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)


def films(folder: Path) -> list[Seed]:
    kinds = [
        ("f.mkv", "mpeg4", "ass"),
        ("f.mp4", "mpeg4", ""),
        ("f.avi", "mjpeg", ""),
        ("f.ts", "mpeg2video", ""),
        ("f.webm", "libvpx", ""),
    ]
    seeds = [_film(folder / name, codec, text) for name, codec, text in kinds]
    return [Seed({path.name: path.read_bytes()}, path.name, "binary") for path in seeds]


def _film(path: Path, codec: str, text: str) -> Path:
    import av
    import numpy as np
    from av.subtitles.subtitle import SubtitleSet

    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=10)
        video.width = video.height = 32
        if codec == "mjpeg":
            video.pix_fmt = "yuvj420p"
        sound = {".webm": "libopus", ".mp4": "aac", ".ts": "mp2"}.get(path.suffix, "pcm_s16le")
        audio = container.add_stream(sound, rate=48_000, layout="mono")
        said = container.add_stream(text) if text else None
        if said:
            said.codec_context.subtitle_header = HEADER
            said.metadata["language"] = "eng"
        for n in range(20):
            grey = np.full((32, 32, 3), 200 if n > 10 else 20, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey)
            frame.pts, frame.time_base = n, Fraction(1, 10)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        wave = (0.3 * np.sin(np.arange(96_000) / 9)).astype(np.float32)[None]
        heard = av.AudioFrame.from_ndarray(wave, "fltp", "mono")
        heard.sample_rate, heard.pts, heard.time_base = 48_000, 0, Fraction(1, 48_000)
        for packet in [*audio.encode(heard), *audio.encode(None)]:
            container.mux(packet)
        for n in range(3 if said else 0):
            cue = SubtitleSet.create(b"0,0,Default,Ann,0,0,0,,Good day", 0, 500)
            packet = said.codec_context.encode_subtitle(cue)
            packet.stream, packet.time_base, packet.duration = said, Fraction(1, 1000), 500
            packet.pts = packet.dts = n * 600
            container.mux(packet)
    return path


SEEDS: Mapping[str, Callable[[Path], list[Seed]]] = {
    "epub": epubs, "prose": prose, "subtitles": subtitles, "album": albums, "film": films,
}  # fmt: skip


def archived(members: Mapping[str, bytes]) -> bytes:
    """A zip file of the members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()
