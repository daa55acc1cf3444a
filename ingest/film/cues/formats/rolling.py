"""Rolling captions, in which each cue shows the lines before it again, as YouTube's do and those made live."""

from __future__ import annotations

from dataclasses import replace

from bookscore.ingest.film.cues.formats.raw import RawCue, Voice

LEAST_SHARE = 0.2  # of the cues repeat lines and go on: in other subtitles, hardly one in a thousand
_MOST_LINES = 20  # that are shown again: captions have four at most
_GAP_S = 0.5
_FLASH_S = 0.05  # YouTube's captions have cues of 10 ms between those that grow


def told_once(cues: list[RawCue]) -> list[RawCue]:
    """Cues with only those lines that are new in them, where the captions roll; else as they are.

    Parameters
    ----------
    cues : list of RawCue
        In order of time.
    """
    if not cues:
        return cues
    lines = [[line.strip() for line in cue.text.splitlines() if line.strip()] for cue in cues]
    fresh = [lines[0]] + [
        _new(lines[n - 1], lines[n]) if cues[n].start_s <= cues[n - 1].end_s + _GAP_S else lines[n]
        for n in range(1, len(cues))
    ]
    n_rolling = sum(bool(new) and new != shown for new, shown in zip(fresh, lines, strict=True))
    has_flashes = any(cue.end_s - cue.start_s <= _FLASH_S for cue in cues)
    if n_rolling < max(LEAST_SHARE * len(cues), 1 if has_flashes else 2):
        return cues
    told: list[RawCue] = []
    for cue, shown, new in zip(cues, lines, fresh, strict=True):
        if new == shown:
            told.append(cue)
        elif new:
            told.append(replace(cue, voices=(Voice("\n".join(new)),)))
        elif told:
            told[-1] = replace(told[-1], end_s=max(told[-1].end_s, cue.end_s))
    return told


def _new(before: list[str], now: list[str]) -> list[str]:
    """The lines of a cue that do not repeat the last lines of the one before; a line may have grown."""
    for n in range(min(len(before), len(now), _MOST_LINES), 0, -1):
        if before[-n:] == now[:n]:
            return now[n:]
        if before[-n:-1] == now[: n - 1] and now[n - 1].startswith(before[-1] + " "):
            return [now[n - 1].removeprefix(before[-1]).strip(), *now[n:]]
    return now
