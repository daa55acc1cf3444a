"""The demo's cues: when each line of the screenplay is spoken."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from demo.screenplay import Scene, timed

WORDS_PER_S = 3.2
SHORTEST_S = 0.9


@dataclass(frozen=True)
class Cue:
    """`who` speaks; `text` is as the subtitles have it."""

    start_s: float
    end_s: float
    who: str
    text: str


def _spoken(scene: Scene) -> list[tuple[str, str]]:
    """(who, subtitle text) of every cue of a scene, in order."""
    cues = []
    for line in scene.lines:
        who, text = line.split(": ", 1)
        for n, part in enumerate(text.split(" / ")):
            cues.append((who.lower(), f"{who}: {part}" if who.isupper() and n == 0 else part))
    return cues


def cues() -> list[Cue]:
    """All cues, spread evenly over their scenes; none runs on into the next scene."""
    found = []
    for scene_start_s, scene in timed():
        spoken = _spoken(scene)
        lengths_s = [max(SHORTEST_S, len(text.split()) / WORDS_PER_S) for _, text in spoken]
        pause_s = (scene.seconds - sum(lengths_s)) / (len(spoken) + 1)
        start_s = scene_start_s + pause_s
        for (who, text), length_s in zip(spoken, lengths_s, strict=True):
            found.append(Cue(round(start_s, 3), round(start_s + length_s, 3), who, text))
            start_s += length_s + pause_s
    return found


def _stamp(seconds: float) -> str:
    whole_ms = round(seconds * 1000)
    minutes, ms = divmod(whole_ms, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{ms // 1000:02},{ms % 1000:03}"


def write_srt(path: Path) -> None:
    blocks = [
        f"{n}\n{_stamp(cue.start_s)} --> {_stamp(cue.end_s)}\n{cue.text}\n"
        for n, cue in enumerate(cues(), start=1)
    ]
    path.write_text("\n".join(blocks), encoding="utf-8")
