"""Writes sound files block by block, with tags, a cover and chapter marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bookscore.engine.errors import BookscoreError

if TYPE_CHECKING:
    from types import TracebackType

    import numpy as np
    from av import AudioStream
    from av.packet import Packet

BIT_RATE = 128_000


@dataclass(frozen=True)
class Codec:
    """How sound is encoded.

    Attributes
    ----------
    encoder, container : str
        FFmpeg's names.
    suffix : str
        Of its files.
    media_type : str
        As EPUB 3.3 names it.
    rate_hz : int
    frame : int
        Decoders give files of a multiple of this many samples without silence at their end; 1 where the
        container tells the exact length.
    context : int
        A lossy encoder takes what is before and after a file for silence, and blurs the edges. So many samples
        of what is really there avert that; 0 where files cannot hold sound that is left out.
    """

    encoder: str
    container: str
    suffix: str
    media_type: str
    rate_hz: int = 44_100
    frame: int = 1
    context: int = 0


CODECS = {
    "aac": Codec("aac", "ipod", ".m4a", "audio/mp4", frame=1024, context=4096),
    "opus": Codec("libopus", "ogg", ".opus", "audio/ogg; codecs=opus", 48_000, context=3840),
    "mp3": Codec("libmp3lame", "mp3", ".mp3", "audio/mpeg"),
    "flac": Codec("flac", "flac", ".flac", "audio/flac"),
}
SUFFIXES = {codec.suffix: codec for codec in CODECS.values()} | {".m4b": CODECS["aac"]}


def codec_of(path: Path) -> Codec:
    """The codec that a file's suffix asks for.

    Raises
    ------
    BookscoreError
        There is none; lists the suffixes there are.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise BookscoreError(f"{path}: name it {', '.join(SUFFIXES)}: the suffix determines the codec")
    return SUFFIXES[path.suffix.lower()]


@dataclass(frozen=True)
class Chapter:
    """A chapter mark."""

    title: str
    start_s: float
    end_s: float


class SoundFile:
    """A stereo file to which blocks are written in order; a context manager that ends it.

    Same blocks, same bytes: nothing of the day or the machine is written.

    Parameters
    ----------
    file : Path or BytesIO
    codec : Codec
    chapters : sequence of Chapter
        Their times must be known beforehand; MP4 and MP3 hold them (for the others see `tag`).
    before, after : numpy.ndarray or None
        What surrounds the blocks where the file is to run on from another or from its own end: ``codec.context``
        samples each, shape (2, n).
    """

    def __init__(
        self,
        file: Path | BytesIO,
        codec: Codec,
        chapters: Sequence[Chapter] = (),
        before: np.ndarray | None = None,
        after: np.ndarray | None = None,
    ) -> None:
        import av

        options = {"fflags": "+bitexact"}
        if codec.container == "mp3":
            options["id3v2_version"] = "4" if chapters else "0"
        target = str(file) if isinstance(file, Path) else file
        self.codec, self.n_samples = codec, 0
        self._file, self._after, self._n_encoded, self._n_before = file, after, 0, 0
        self._container = av.open(target, "w", format=codec.container, options=options)
        self._container.set_chapters(
            [
                {
                    "id": number, "start": round(1000 * c.start_s), "end": round(1000 * c.end_s),
                    "time_base": Fraction(1, 1000), "metadata": {"title": c.title},
                }
                for number, c in enumerate(chapters)
            ]
        )  # fmt: skip
        self._stream = cast("AudioStream", self._container.add_stream(codec.encoder, rate=codec.rate_hz))
        self._stream.layout = "stereo"
        if codec.encoder != "flac":
            self._stream.bit_rate = BIT_RATE
        if codec.context and before is not None:
            self._n_before = before.shape[1]
            self._encode(before)

    def __enter__(self) -> SoundFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                if self.codec.context and self._after is not None:
                    self._encode(self._after)
                self._mux(self._stream.encode(None))
        finally:
            self._container.close()
        surrounded = self._n_before or self._after is not None
        if kind is None and self.codec.container == "ogg" and surrounded:
            _trim_opus(self._file, self._n_before, self.n_samples)

    def write(self, block: np.ndarray) -> None:
        """Add float32 sound of shape (2, n) at the codec's rate; what is above full scale is clipped."""
        self.n_samples += block.shape[1]
        self._encode(block)

    def _encode(self, block: np.ndarray) -> None:
        import av
        import numpy as np

        if not block.shape[1]:
            return
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(block.clip(-1, 1)), format="fltp", layout="stereo"
        )
        frame.rate, frame.time_base = self.codec.rate_hz, Fraction(1, self.codec.rate_hz)
        frame.pts, self._n_encoded = self._n_encoded, self._n_encoded + block.shape[1]
        self._mux(self._stream.encode(frame))

    def _mux(self, packets: list[Packet]) -> None:
        for packet in packets:
            if self.codec.container == "ipod" and packet.pts is not None and packet.dts is not None:
                # Times before 0 become an edit list: players decode what is there, and leave it out.
                packet.pts, packet.dts = packet.pts - self._n_before, packet.dts - self._n_before
                if self._after is not None and packet.pts >= self.n_samples:
                    continue
            self._container.mux(packet)


def _trim_opus(file: Path | BytesIO, n_before: int, n: int) -> None:
    """Let players leave out the first `n_before` samples of an Opus file, and what follows `n` more."""
    from mutagen.ogg import OggPage

    pages = []
    stream = BytesIO(file.read_bytes()) if isinstance(file, Path) else file
    stream.seek(0)
    while stream.tell() < len(stream.getbuffer()):
        pages.append(OggPage(stream))
    head = pages[0].packets[0]
    pre_skip = int.from_bytes(head[10:12], "little") + n_before
    pages[0].packets[0] = head[:10] + pre_skip.to_bytes(2, "little") + head[12:]
    while pages[-2].position >= pre_skip + n:
        pages.pop()
    pages[-1].position, pages[-1].last = pre_skip + n, True
    data = b"".join(page.write() for page in pages)
    if isinstance(file, Path):
        file.write_bytes(data)
    else:
        stream.seek(0)
        stream.truncate()
        stream.write(data)


def tag(
    path: Path,
    codec: Codec,
    tags: dict[str, str],
    cover: bytes | None = None,
    chapters: Sequence[Chapter] = (),
) -> None:
    """Write tags into a finished file, by the plain names that mutagen has for all forms.

    Parameters
    ----------
    path : Path
    codec : Codec
    tags : dict[str, str]
        E.g. title, artist, album, tracknumber; empty ones are left out.
    cover : bytes or None
        A JPEG or PNG file.
    chapters : sequence of Chapter
        Written here for Ogg and FLAC alone, as Vorbis comments.
    """
    from mutagen.easymp4 import EasyMP4
    from mutagen.flac import FLAC
    from mutagen.mp3 import EasyMP3
    from mutagen.oggopus import OggOpus

    kinds = {"ipod": EasyMP4, "ogg": OggOpus, "mp3": EasyMP3, "flac": FLAC}
    # By the codec: a file that is being written has no suffix yet.
    file = kinds[codec.container](path)
    if file.tags is None:
        file.add_tags()
    for name, value in tags.items():
        if value:
            file[name] = value
    if codec.container in ("ogg", "flac"):
        for number, chapter in enumerate(chapters):
            minutes, seconds = divmod(chapter.start_s, 60)
            file[f"chapter{number:03}"] = f"{minutes // 60:02.0f}:{minutes % 60:02.0f}:{seconds:06.3f}"
            file[f"chapter{number:03}name"] = chapter.title
    file.save()
    if codec.container == "mp3":
        _finish_mp3(path, cover)
    elif cover:
        _add_cover(path, codec, cover)


def _finish_mp3(path: Path, cover: bytes | None) -> None:
    """The cover, and the order of the chapters, which players need not know otherwise."""
    from mutagen.id3 import APIC, CTOC, ID3, CTOCFlags

    id3 = ID3(path)
    marks = sorted(id3.getall("CHAP"), key=lambda mark: mark.start_time)
    if marks:
        flags, names = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED, [mark.element_id for mark in marks]
        id3.add(CTOC(element_id="toc", flags=flags, child_element_ids=names))
    if cover:
        id3.add(APIC(mime=_mime(cover), type=3, data=cover))
    id3.save(path)


def _mime(image: bytes) -> str:
    return "image/png" if image.startswith(b"\x89PNG") else "image/jpeg"


def _add_cover(path: Path, codec: Codec, cover: bytes) -> None:
    import base64

    from mutagen.flac import FLAC, Picture
    from mutagen.mp4 import MP4, MP4Cover
    from mutagen.oggopus import OggOpus

    if codec.container == "ipod":
        mp4 = MP4(path)
        form = MP4Cover.FORMAT_PNG if _mime(cover) == "image/png" else MP4Cover.FORMAT_JPEG
        mp4["covr"] = [MP4Cover(cover, form)]
        return mp4.save()
    picture = Picture()
    picture.data, picture.type, picture.mime = cover, 3, _mime(cover)
    if codec.container == "flac":
        flac = FLAC(path)
        flac.add_picture(picture)
        return flac.save()
    opus = OggOpus(path)
    opus["metadata_block_picture"] = [base64.b64encode(picture.write()).decode()]
    return opus.save()
