"""Where in an album a window of whitened sound may come from: its correlation with the whole album."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import torch

FFT_SIZE = 2**18  # longer ones leave the processor's cache
BATCH = 16  # transforms made together, one in each lane of the processor's vectors
GPU_BATCH = 64  # 130 MB of them
THREADS = os.cpu_count() or 1
STRETCH = 256  # places of which only the best is kept
CANDIDATES = 6
LEAST_ENERGY = 0.05  # of the album's loudest place; quieter places are not raised to score like music


@dataclass(frozen=True)
class Place:
    """A window's place in a track.

    Attributes
    ----------
    track_no : int
    sample : int
        Of the track, where the window begins; before its first where it holds only the track's beginning.
    score : float
        Correlation, -1..1; negative where the window has the music upside down.
    """

    track_no: int
    sample: int
    score: float


class Album:
    """An album's tracks, whitened, on one line that is cut into overlapping blocks.

    Parameters
    ----------
    tracks : Mapping[int, numpy.ndarray]
        Whitened sound by track number.
    size : int
        Samples in the longest window that is searched for.
    gpu : torch.device or None
        Where to correlate; None for the processor.

    Attributes
    ----------
    tracks : dict of int to numpy.ndarray
        As given.
    """

    def __init__(self, tracks: Mapping[int, np.ndarray], size: int, gpu: torch.device | None = None) -> None:
        import numpy as np
        from scipy.fft import rfft

        self.fft_size = max(FFT_SIZE, 1 << (2 * size - 1).bit_length())
        self.n_places = (self.fft_size - size) // STRETCH * STRETCH
        lengths = [len(sound) for sound in tracks.values()]
        # Where each track begins on the line, and where the last ends.
        self.first = size + np.cumsum([0, *lengths], dtype=int)
        n_blocks = -(-int(self.first[-1]) // self.n_places)
        self.line = np.zeros(n_blocks * self.n_places + self.fft_size, np.float32)
        self.tracks = {
            no: self.line[begin:end] for no, (begin, end) in zip(tracks, pairwise(self.first), strict=True)
        }
        for no, sound in tracks.items():
            self.tracks[no][:] = sound
        self.spectra = np.empty((n_blocks, self.fft_size // 2 + 1), np.complex64)
        for block in range(n_blocks):
            self.spectra[block] = rfft(self.line[block * self.n_places :][: self.fft_size])
        self.on_gpu = None if gpu is None else _on(gpu, self.spectra)
        stretches = self.line.reshape(-1, STRETCH)
        energies = np.einsum("ij,ij->i", stretches, stretches)
        self.energy = np.concatenate(([0.0], np.cumsum(energies, dtype=float)))  # up to each stretch

    def search(self, window: np.ndarray) -> list[Place]:
        """The best places of a window, best first; none where the album or the window is silent."""
        import numpy as np
        from scipy.fft import irfft, rfft

        norm = float(np.linalg.norm(window))
        if norm == 0:
            return []
        wanted = np.conj(rfft(window / norm, self.fft_size))

        def correlation(blocks: slice) -> np.ndarray:
            product = self.spectra[blocks] * wanted
            found = irfft(product, axis=1, overwrite_x=True)[:, : self.n_places]
            return found.reshape(len(found), -1, STRETCH)

        def highest(block: int) -> np.ndarray:
            found = correlation(slice(block, block + BATCH))
            return np.maximum(found.max(axis=2), -found.min(axis=2)).ravel()  # a film may have it upside down

        if self.on_gpu is None:
            with ThreadPoolExecutor(THREADS) as pool:
                peaks = np.concatenate([*pool.map(highest, range(0, len(self.spectra), BATCH))])
        else:
            peaks = self._highest_on_gpu(self.on_gpu, wanted)
        peaks *= self._weights(len(window), len(peaks))
        places: dict[int, float] = {}
        per_block = self.n_places // STRETCH
        for stretch in np.argsort(-peaks, kind="stable")[:CANDIDATES]:
            block, inside = divmod(int(stretch), per_block)
            found = correlation(slice(block, block + 1))[0, inside]
            nearest = int(np.abs(found).argmax())
            at = int(stretch) * STRETCH + nearest
            if all(abs(at - other) > STRETCH for other in places):
                places[at] = float(found[nearest])
        return [place for at, product in places.items() for place in self._places(at, len(window), product)]

    def _highest_on_gpu(self, spectra: torch.Tensor, wanted: np.ndarray) -> np.ndarray:
        import torch

        conjugate, highest = _on(spectra.device, wanted), []
        for some in spectra.split(GPU_BATCH):
            found = torch.fft.irfft(some * conjugate, dim=1)[:, : self.n_places]
            highest.append(found.abs().reshape(len(some), -1, STRETCH).amax(dim=2).ravel())
        return torch.cat(highest).cpu().numpy()

    def _places(self, at: int, size: int, product: float) -> Iterator[Place]:
        """A place on the line as places in the tracks that a window there touches."""
        import numpy as np

        norm = float(np.linalg.norm(self.line[at : at + size]))
        for no, (begin, end) in zip(self.tracks, pairwise(self.first), strict=True):
            if norm and begin < at + size and at < end:
                yield Place(no, at - int(begin), product / norm)

    def _weights(self, size: int, n: int) -> np.ndarray:
        """One over the root of the energy under a window, by stretch."""
        import numpy as np

        span = -(-size // STRETCH)
        root = np.sqrt((self.energy[span : span + n] - self.energy[:n]).clip(min=0))
        greatest = root.max(initial=0)
        return 1 / np.maximum(root, LEAST_ENERGY * greatest) if greatest > 0 else np.zeros(n)


def _on(device: torch.device, values: np.ndarray) -> torch.Tensor:
    import torch

    return torch.from_numpy(values).to(device)
