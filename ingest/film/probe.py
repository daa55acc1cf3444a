"""Whether a file can be a film, before any work on it: by what it begins with, and by opening it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bookscore.engine.errors import BookscoreError
from bookscore.engine.printable import printable

STILL = {"image2", "gif", "ico", "apng"}  # FFmpeg's names of formats
SOUND = {"aac", "ac3", "aiff", "ape", "dts", "flac", "mp3", "ogg", "tta", "w64", "wav", "wv"}
# FFmpeg takes some of these for sound.
_OTHERS = {
    b"PK\x03\x04": "an EPUB or another zip archive", b"%PDF": "a PDF", b"{\\rtf": "an RTF text",
    b"\xd0\xcf\x11\xe0": "a Word document", b"Rar!": "a RAR archive", b"7z\xbc\xaf": "a 7-Zip archive",
    b"\x1f\x8b": "a gzip archive",
}  # fmt: skip
_LONGEST_S = 24 * 3600.0
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<fictionbook")


def described(video: Path) -> dict[str, Any]:
    """What a video is: columns of the table ``film``.

    Raises
    ------
    BookscoreError
        It is no video with a picture or sound; the line names what it is instead, where that is known.
    """
    import av

    from bookscore.engine.container import open_media, tag
    from bookscore.ingest.film.picture.decoding import length_s, picture_stream
    from bookscore.ingest.media.sound import playable

    _refuse_documents(video)
    try:
        with open_media(video) as container:
            picture = picture_stream(container)
            is_unknown = picture is None and any(s.codec_context is None for s in container.streams.video)
            duration_s = length_s(container)
            title = tag(container, "title") or printable(video.stem)
            has_sound = bool(playable(container))
            form = container.format.name
            shape = (
                {}
                if picture is None
                else {
                    "fps": float(picture.average_rate or 0) or None,
                    "width_px": picture.width,
                    "height_px": picture.height,
                }
            )
    except av.FFmpegError as error:
        raise BookscoreError(
            f"{video}: cannot be read as a video ({error.strerror}): check that the file is complete"
        ) from error
    if form.endswith("_pipe") or form in STILL:
        raise BookscoreError(f"{video}: is a still image: give the film's video file")
    if is_unknown:
        raise BookscoreError(
            f"{video}: its picture is in a format that FFmpeg does not know: convert it with ffmpeg"
        )
    if not (shape or has_sound):
        raise BookscoreError(f"{video}: has neither picture nor sound: give the film's video file")
    if not shape and form in SOUND:
        raise BookscoreError(f"{video}: has sound but no picture: give the film's video file")
    if not duration_s:
        raise BookscoreError(f"{video}: does not state its duration: copy it to mkv with ffmpeg -c copy")
    if duration_s > _LONGEST_S:
        raise BookscoreError(
            f"{video}: states a length of {duration_s / 3600:.0f} hours, so its time stamps are damaged: "
            "copy it to mkv with ffmpeg -c copy"
        )
    return {
        "title": title,
        "duration_s": duration_s,
        "has_picture": bool(shape),
        "has_sound": has_sound,
        **shape,
    }


def _refuse_documents(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(1024)
    except OSError as error:
        raise BookscoreError(f"{path}: cannot be read ({error.strerror}): check its permissions") from error
    what = next((name for first, name in _OTHERS.items() if head.startswith(first)), None)
    if what is None and head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP):
        what = "a text with markup (HTML or XML)"
    if what:
        raise BookscoreError(
            f"{path}: is {what}, no video: give the film's video file or subtitles as the film; a book is given with --book"
        )
