"""Files that installed Python packages bring along."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from bookscore.engine.errors import BookscoreError


def package_folder(package: str) -> Path:
    """Folder of an installed package, which is not imported (but the packages around it are).

    Raises
    ------
    BookscoreError
        The package is not installed.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise BookscoreError(f"the Python package {package} is not installed; run `pip install bookscore`")
    return Path(spec.origin).parent
