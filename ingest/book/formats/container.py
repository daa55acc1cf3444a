"""The files of an EPUB by the paths that its documents write: in a zip file, or in a folder where it was unpacked."""

from __future__ import annotations

import posixpath
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO
from urllib.parse import unquote

CONTAINER = "META-INF/container.xml"


class Folder:
    """A folder of files, read as a zip file is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files = {
            file.relative_to(path).as_posix(): file
            for file in sorted(path.rglob("*"))
            if file.is_file() and file.resolve().is_relative_to(path.resolve())
        }

    def namelist(self) -> list[str]:
        """Paths inside the folder."""
        return list(self._files)

    def infolist(self) -> list[zipfile.ZipInfo]:
        """Names and sizes."""
        return [self.getinfo(name) for name in self._files]

    def getinfo(self, name: str) -> zipfile.ZipInfo:
        """Name and size of a file."""
        info = zipfile.ZipInfo(name)
        info.file_size = self._files[name].stat().st_size
        return info

    def open(self, name: str) -> IO[bytes]:
        """A file; KeyError where there is none of that name."""
        return self._files[name].open("rb")

    def close(self) -> None:
        """Nothing is kept open."""


class Names:
    """Finds files as reading systems do: by the path as it is written, else by one that only differs in form.

    Parameters
    ----------
    names : iterable of str
        Of all files. Where ``META-INF`` lies in a folder, this is the root of all paths.
    """

    def __init__(self, names: Iterable[str]) -> None:
        names = [name for name in names if not name.endswith(("/", "\\"))]
        containers = [name for name in names if _loose(name).endswith(_loose(CONTAINER))]
        self._root = ""
        if containers:
            nearest = min(containers, key=lambda name: (_loose(name).count("/"), len(name)))
            self._root = nearest.replace("\\", "/")[: len(nearest) - len(CONTAINER)]
        self._exact = set(names)
        self._forms: list[tuple[Callable[[str], str], dict[str, str]]] = []
        for form in (_same, _plain, _loose):
            known: dict[str, str] = {}
            for spelled in (_as_it_is, _misread):
                for name in names:
                    for path in spelled(name):
                        known.setdefault(form(path), name)
            self._forms.append((form, known))

    def find(self, path: str) -> str | None:
        """The name of the file at a path from the root; None where there is none."""
        for form, known in self._forms:
            # Some books escape characters of paths, some do so twice, and some have names that look escaped.
            for spelled in dict.fromkeys(
                (unquote(path), path, unquote(unquote(path)), path.partition("?")[0])
            ):
                for root in dict.fromkeys((self._root, "")):
                    if found := known.get(form(root + spelled)):
                        return found
        return None

    def target(self, base: str, href: str | None) -> tuple[str, str] | None:
        """Name and fragment of a reference; None for one to the outside.

        Parameters
        ----------
        base : str
            Name of the file that makes it.
        href : str or None
            What it says; a path that begins with a slash begins at the root.

        Returns
        -------
        (str, str) or None
            The path as it is written where no file is there.
        """
        path, _, fragment = (href or "").strip().partition("#")
        path = path.replace("\\", "/")
        if not path:
            return (base, unquote(fragment)) if href else None
        folder = (
            ""
            if path.startswith("/")
            else posixpath.dirname(_plain(base)).removeprefix(self._root.rstrip("/"))
        )
        # Above the root there is only the root.
        joined = posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")
        if found := self.find(joined):
            return found, unquote(fragment)
        climbs = posixpath.normpath(posixpath.join(folder.strip("/"), path)).startswith("../")
        return None if climbs or ":" in path.partition("/")[0] else (unquote(joined), unquote(fragment))

    def packages(self) -> list[str]:
        """Names of package documents, for an EPUB whose container names none."""
        return sorted((n for n in self._exact if n.lower().endswith(".opf")), key=lambda n: (n.count("/"), n))


def _same(path: str) -> str:
    return path


def _plain(path: str) -> str:
    return unicodedata.normalize("NFC", posixpath.normpath(path.replace("\\", "/")).lstrip("/"))


def _loose(path: str) -> str:
    return unicodedata.normalize("NFC", unquote(_plain(path)).casefold())


def _as_it_is(name: str) -> Iterator[str]:
    yield name


def _misread(name: str) -> Iterator[str]:
    """What a name was meant to be whose bytes were taken for those of another encoding."""
    for codec in ("cp437", "cp1252"):
        for meant in ("utf-8", "cp1252"):
            try:
                yield name.encode(codec).decode(meant)
            except UnicodeError:
                continue
