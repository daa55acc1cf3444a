"""What FFmpeg tells of an audio file without decoding it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bookscore.engine.container import raw_tag
from bookscore.engine.errors import BookscoreError
from bookscore.ingest.album.tags import Raw
from bookscore.ingest.media.packets import packets
from bookscore.ingest.media.sound import opened, own_sound

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

_LOSSLESS = (
    "flac", "alac", "ape", "wavpack", "tta", "tak", "shorten", "mlp", "truehd", "wmalossless", "mp4als", "dst", "dsd_",
    "pcm_s", "pcm_u", "pcm_f", "pcm_bluray", "pcm_dvd", "pcm_lxf",
)  # fmt: skip
_COVERS = {"mjpeg", "png", "bmp", "gif", "webp", "tiff", "jpegls", "ppm"}
_NO_LENGTH = {
    "aac",
    "ac3",
    "eac3",
    "dts",
    "loas",
    "mp3",
}  # their containers' lengths are guessed from the bit rate


@dataclass(frozen=True)
class Probe:
    """An audio file.

    Attributes
    ----------
    codec : str
        FFmpeg's name of it.
    quality : tuple of (bool, float)
        Whether nothing of the sound is lost; then bits a second of the sound, else of the file: greater is better.
    duration_s : float or None
    metadata : dict
        Its tags as FFmpeg names them.
    """

    codec: str
    quality: tuple[bool, float]
    duration_s: float | None
    metadata: Raw


def probe(path: Path) -> Probe:
    """An audio file by its content, whatever its suffix.

    Raises
    ------
    BookscoreError
        FFmpeg cannot open it, it has no sound, or it is a video.
    """
    with opened(path) as container:
        audio = own_sound(container, "eng")
        if audio is None:
            raise BookscoreError(f"{path}: has no sound: give a file with an audio stream")
        if _has_picture(container):
            raise BookscoreError(
                f"{path}: is a video, not a track: copy its sound out with ffmpeg -vn to use it"
            )
        duration_s = _duration_s(container, audio)
        codec = audio.codec_context.name
        is_lossless = codec.startswith(_LOSSLESS)
        if is_lossless:
            bits = audio.codec_context.format.bits if audio.codec_context.format else 0
            rate = float(audio.codec_context.sample_rate * bits * audio.codec_context.channels)
        else:
            rate = 8 * path.stat().st_size / duration_s if duration_s else 0.0
        values = {**audio.metadata, **container.metadata}
        metadata = {str(name): raw_tag(str(value)) for name, value in values.items()}
        return Probe(codec, (is_lossless, rate), duration_s, metadata)


def _has_picture(container: InputContainer) -> bool:
    from av.stream import Disposition

    return any(
        not video.disposition & Disposition.attached_pic
        and (video.codec_context is None or video.codec_context.name not in _COVERS)
        for video in container.streams.video
    )


def _duration_s(container: InputContainer, audio: AudioStream) -> float | None:
    import av

    if container.format.name in _NO_LENGTH:
        n = sum(packet.duration or 0 for packet in packets(container, audio))
        return float(n * (audio.time_base or 0)) or None
    if container.duration is not None:
        return container.duration / av.time_base
    return float(audio.duration * audio.time_base) if audio.duration and audio.time_base else None
