"""Languages as files tell them: en, eng, en-GB."""

from __future__ import annotations


def is_language(tag: str) -> bool:
    """Whether a tag is formed as the code of a language."""
    import langcodes

    try:
        langcodes.get(tag)
    except langcodes.LanguageTagError:
        return False
    return True


def same_language(tag: str | None, wanted: str) -> bool | None:
    """Whether a track's language tag names the wanted language, whichever of the ISO codes either is.

    Parameters
    ----------
    tag : str or None
    wanted : str
        Code of a language, e.g. eng.

    Returns
    -------
    bool or None
        None where the tag is missing, undetermined or not a language tag.
    """
    import langcodes

    language = langcodes.get(wanted).language
    try:
        return langcodes.get(tag).language == language if tag not in (None, "", "und") else None
    except langcodes.LanguageTagError:
        return None
