"""What the readers make of any folder of books, subtitles, albums and films: read, refused with a line, or a fault.

Run: python benchmarks/real_files.py DIR ...

Each file (of an album and of an unpacked EPUB: each folder) is read in a process of its own, without models, under a
limit of time and memory. A fault is anything else than a result or one line of our own: a traceback, a file that takes
too long or too much memory. The exit code is 1 where there is one.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

BOOKS = {
    ".epub", ".txt", ".text", ".html", ".htm", ".xhtml", ".xht", ".md", ".markdown", ".fb2", ".docx", ".doc", ".odt", ".rtf",
    ".tex", ".tei", ".xml", ".mht", ".mhtml", ".json", ".mobi", ".azw", ".azw3", ".pdf", ".zip",
}  # fmt: skip
SUBTITLES = {".srt", ".vtt", ".ass", ".ssa", ".ttml", ".dfxp", ".itt", ".stl", ".sub", ".smi", ".sbv", ".sup"}
SOUND = {
    ".3gp", ".aac", ".ac3", ".aif", ".aifc", ".aiff", ".amr", ".ape", ".au", ".caf", ".dff", ".dsf", ".dts", ".eac3",
    ".flac", ".m4a", ".m4b", ".mka", ".mp2", ".mp3", ".mpc", ".oga", ".ogg", ".opus", ".ra", ".spx", ".tak", ".tta", ".w64",
    ".wav", ".weba", ".wma", ".wv",
}  # fmt: skip
FILMS = {".mp4", ".mkv", ".webm", ".avi", ".mov", ".m4v", ".mpg", ".mpeg", ".ts", ".wmv", ".flv", ".ogv"}
DISC = re.compile(
    r"(?:cd|dis[ck]|side|vol|volume|part)\W*(?:\d+|[a-z]|one|two|three|four|bonus)", re.IGNORECASE
)
STATES = ("read", "refused", "FAULT")


@dataclass(frozen=True)
class Result:
    """What came of a file.

    Attributes
    ----------
    path : Path
    kind, state : str
        One of the readers, one of `STATES`.
    what : str
        What was read, or the line.
    left_out : str
        Of what was read, with the reasons.
    took_s, peak_mib : float
        Of the whole process, its start included.
    """

    path: Path
    kind: str
    state: str
    what: str
    left_out: str
    took_s: float
    peak_mib: float


def read_book(path: Path) -> tuple[str, str]:
    """A book: chapters and words, and the words that are in no chapter."""
    from bookscore.ingest.book.formats import book_file
    from bookscore.ingest.book.prose import count_words

    book_file.check(path)
    book = book_file.read(path)
    n_words = sum(count_words(p.text) for chapter in book.chapters for p in chapter.paragraphs)
    unused = book_file.publication_of(path).unused
    left_out = [
        f"{left.label or left.place}: {left.n_words} words, {left.reason}"
        for left in getattr(book, "left_out", ())
    ]
    left_out += [f"{name}: {reason}" for name, reason in unused.items()]
    return f"{len(book.chapters)} chapters, {n_words} words", "; ".join(left_out)


def read_subtitles(path: Path) -> tuple[str, str]:
    """A file of subtitles: cues, and how many were left out."""
    from bookscore.ingest.film.cues.subtitles import read_file

    found = read_file(path)
    n_words = sum(len(cue.text.split()) for cue in found.cues)
    return f"{len(found.cues)} cues, {n_words} words", f"{found.n_left_out} cues" if found.n_left_out else ""


def read_album(path: Path) -> tuple[str, str]:
    """A folder of sound: tracks, and the files that are none."""
    from bookscore.engine.models import Models
    from bookscore.engine.settings import defaults
    from bookscore.engine.stage import Inputs
    from bookscore.ingest.album.medium import MEDIUM, sources, tracks

    made = tracks(Inputs("album", 0, sources(path), defaults(MEDIUM.settings), {}, Models("embedded")))
    unused = made["unused_file"].select("path", "reason").rows()
    names = ", ".join(made["track"]["title"].to_list()[:4])
    return f"{len(made['track'])} tracks: {names}", "; ".join(
        f"{Path(name).name}: {reason}" for name, reason in unused
    )


def read_film(path: Path) -> tuple[str, str]:
    """A film: its length and the cues inside it."""
    from bookscore.engine.models import Models
    from bookscore.engine.settings import defaults
    from bookscore.engine.stage import Inputs
    from bookscore.ingest.film.cues.subtitles import read_video
    from bookscore.ingest.film.medium import MEDIUM, sources
    from bookscore.ingest.film.medium import read_film as read

    files = {"video": sources(path)["video"]}
    [film] = read(Inputs("film", 0, files, defaults(MEDIUM.settings), {}, Models("embedded")))[
        "film"
    ].to_dicts()
    found = read_video(path, "eng")
    left_out = f"{found.n_left_out} cues" if found.n_left_out else ""
    return f"{film['duration_s']:.0f} s, {len(found.cues)} cues", left_out


READERS: dict[str, Callable[[Path], tuple[str, str]]] = {
    "book": read_book, "subtitles": read_subtitles, "album": read_album, "film": read_film,
}  # fmt: skip


def items(folder: Path) -> Iterator[tuple[str, Path]]:
    """Kinds and paths of what a folder holds, its subfolders included."""
    inside = sorted(folder.iterdir(), key=lambda path: path.name)
    folders = [path for path in inside if path.is_dir() and not path.name.startswith(".")]
    files = [path for path in inside if path.is_file() and not path.name.startswith(".")]
    if folder.suffix.lower() == ".epub" or (folder / "META-INF" / "container.xml").is_file():
        yield "book", folder
        return
    discs = [path for path in folders if DISC.match(path.name) and any(map(is_sound, path.iterdir()))]
    is_album = bool(discs) or any(map(is_sound, files))
    if is_album:
        yield "album", folder
    for path in files:
        suffix = path.suffix.lower()
        if suffix in SUBTITLES:
            yield "subtitles", path
        elif suffix in BOOKS and not is_album:
            yield "book", path
        elif suffix in FILMS and not is_sound(path):
            yield "film", path
    for path in folders:
        if not (is_album and path in discs):
            yield from items(path)


def is_sound(path: Path) -> bool:
    """Whether a file is music by its name, or a film's container without a picture."""
    suffix = path.suffix.lower()
    if suffix not in FILMS or not path.is_file():
        return suffix in SOUND
    import av

    try:
        with av.open(str(path)) as container:
            return not container.streams.video and bool(container.streams.audio)
    except av.FFmpegError:
        return False


def one(kind: str, path: Path) -> dict[str, str]:
    """Read one file here: its state and what came of it."""
    from bookscore.engine.errors import BookscoreError

    try:
        what, left_out = READERS[kind](path)
    except BookscoreError as error:
        line = str(error)
        if "\n" in line or not line:
            return {
                "state": "FAULT",
                "what": f"an error of {len(line.splitlines())} lines: {line!r}",
                "left_out": "",
            }
        return {"state": "refused", "what": line, "left_out": ""}
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        return {"state": "FAULT", "what": f"{type(error).__name__} at {where}: {error}", "left_out": ""}
    return {"state": "read", "what": what, "left_out": left_out}


def measured(kind: str, path: Path, most_s: float, most_mib: float) -> Result:
    """Read one file in a process of its own.

    Parameters
    ----------
    kind : str
    path : Path
    most_s, most_mib : float
        The process is ended after so many seconds; a peak above so many MiB is a fault.
    """

    def limit() -> None:
        # Well above the peak that is a fault, so that the machine is spared and the peak is told.
        most = int(4 * most_mib * 2**20)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))

    started_s = time.monotonic()
    running = subprocess.Popen(
        [sys.executable, __file__, "--one", kind, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=limit,
    )
    try:
        printed, said = running.communicate(timeout=most_s)
    except subprocess.TimeoutExpired:
        running.kill()
        running.communicate()
        return Result(path, kind, "FAULT", f"took more than {most_s:.0f} s", "", most_s, 0)
    took_s = time.monotonic() - started_s
    try:
        found: dict[str, Any] = json.loads(printed.decode().splitlines()[-1])
    except (ValueError, IndexError):
        last = said.decode(errors="replace").strip().splitlines()[-1:]
        what = f"ended with code {running.returncode}: {''.join(last)}"
        return Result(path, kind, "FAULT", what, "", took_s, 0)
    result = Result(path, kind, took_s=took_s, **found)
    if result.peak_mib > most_mib:
        return Result(
            path, kind, "FAULT", f"took {result.peak_mib:.0f} MiB; {result.what}", "", took_s, result.peak_mib
        )
    return result


def table(results: list[Result]) -> Iterator[str]:
    """Lines of the results, and their totals."""
    from bookscore.engine.printable import printable

    root = Path(os.path.commonpath([r.path.parent for r in results])) if results else Path()
    width = max((len(str(r.path.relative_to(root))) for r in results), default=4)
    yield f"{'file':{width}}  {'kind':9}  {'state':7}  {'s':>5}  {'MiB':>5}  what"
    for r in results:
        what = r.what.replace(f"{r.path}: ", "")
        left_out = (
            f" [left out: {r.left_out[:160]}{'…' if len(r.left_out) > 160 else ''}]" if r.left_out else ""
        )
        line = f"{r.path.relative_to(root)!s:{width}}  {r.kind:9}  {r.state:7}  {r.took_s:5.1f}  {r.peak_mib:5.0f}  "
        yield printable(f"{line}{what}{left_out}").replace("\n", " ")
    yield ""
    for kind in READERS:
        own = [r for r in results if r.kind == kind]
        if own:
            counts = ", ".join(f"{sum(r.state == state for r in own)} {state}" for state in STATES)
            slowest, largest = max(r.took_s for r in own), max(r.peak_mib for r in own)
            n_left_out = sum(bool(r.left_out) for r in own)
            yield f"{kind:9}  {counts}; {n_left_out} with something left out; at most {slowest:.1f} s and {largest:.0f} MiB"


@click.command()
@click.argument(
    "paths", metavar="DIR...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option("--seconds", default=120.0, show_default=True, help="Limit for each.")
@click.option("--mib", default=1024.0, show_default=True, help="Limit for each, of its peak.")
@click.option("--one", "kind", hidden=True)
def main(paths: tuple[Path, ...], seconds: float, mib: float, kind: str | None) -> None:
    """Print what the readers make of everything in folders."""
    if kind:
        found: dict[str, object] = dict(one(kind, paths[0]))
        found["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        click.echo(json.dumps(found))
        return
    results = []
    for folder in paths:
        for each, path in items(folder.resolve()):
            results.append(measured(each, path, seconds, mib))
            if results[-1].state == "FAULT":
                click.echo(f"FAULT {path}: {results[-1].what}", err=True)
    for line in table(results):
        click.echo(line)
    sys.exit(any(r.state == "FAULT" for r in results))


if __name__ == "__main__":
    main()
