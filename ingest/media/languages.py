"""Languages as files tell them: en, eng, en-GB."""

from __future__ import annotations

from bookscore.engine.errors import BookscoreError


def same_language(tag: str | None, wanted: str) -> bool | None:
    """Whether a track's tag names the wanted language, in whichever of the ISO codes; None where it tells none.

    Parameters
    ----------
    tag : str or None
        As the file has it.
    wanted : str
        A code of ISO 639.

    Returns
    -------
    bool or None

    Raises
    ------
    BookscoreError
        `wanted` is no code of a language.
    """
    import langcodes

    try:
        language = langcodes.get(wanted).language
    except langcodes.LanguageTagError as error:
        raise BookscoreError(f"film.language is {wanted!r}: give a code of ISO 639, e.g. eng") from error
    try:
        return langcodes.get(tag).language == language if tag not in (None, "", "und") else None
    except langcodes.LanguageTagError:
        return None
