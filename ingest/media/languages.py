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
    """Whether a track's tag names the wanted language, in whichever of the ISO codes; None where it tells none."""
    import langcodes

    language = langcodes.get(wanted).language
    try:
        return langcodes.get(tag).language == language if tag not in (None, "", "und") else None
    except langcodes.LanguageTagError:
        return None
