"""Reads a page of the reader as a person would, and measures what is heard."""

from __future__ import annotations

import base64
import time

import numpy as np

ATTIC, SECOND, EBB = 440, 554, 880  # Hz: the pitches of the pieces 1.1, 1.2 and 2.1
FADE_S = 1.0  # in the pages that the tests open: shorter than a reader's, to save time

# Listens to whatever a page sends to its output. It is not part of the reader.
LISTEN = """
window.contexts = [];
const Native = window.AudioContext;
window.AudioContext = class extends Native { constructor(...a) { super(...a); contexts.push(this); } };
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  if (target instanceof AudioDestinationNode && !window.ear) {
    window.ear = new AnalyserNode(this.context, { fftSize: 4096, smoothingTimeConstant: 0 });
    connect.call(this, ear);
  }
  return connect.call(this, target, ...rest);
};
const decode = BaseAudioContext.prototype.decodeAudioData;
window.buffers = [];
BaseAudioContext.prototype.decodeAudioData = function (...bytes) {
  const decoding = decode.apply(this, bytes);
  decoding.then((buffer) => buffers.push(new WeakRef(buffer)), () => {});
  return decoding;
};
window.actions = {};
const setActionHandler = MediaSession.prototype.setActionHandler;
MediaSession.prototype.setActionHandler = function (action, handler) {
  actions[action] = handler;
  setActionHandler.call(this, action, handler);
};
window.rms = () => {
  if (!window.ear) return 0;
  const wave = new Float32Array(2048);
  ear.getFloatTimeDomainData(wave);
  return Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length);
};
window.level = (hz) => {
  const spectrum = new Float32Array(ear.frequencyBinCount);
  ear.getFloatFrequencyData(spectrum);
  const bin = Math.round((hz * ear.fftSize) / ear.context.sampleRate);
  return Math.max(...spectrum.slice(bin - 2, bin + 3));
};
// Every sample of the output from here on; it takes a page whose policy is off.
window.record = async () => {
  const recorder = `registerProcessor("recorder", class extends AudioWorkletProcessor {
    process([[left]]) { if (left) this.port.postMessage(left.slice()); return true; }
  });`;
  await ear.context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(recorder)}`);
  const node = new AudioWorkletNode(ear.context, "recorder");
  window.blocks = [];
  node.port.onmessage = ({ data }) => blocks.push(data);
  connect.call(ear, node);
};
window.recorded = async () => {
  const url = await new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(new Blob(blocks));
  });
  return [ear.context.sampleRate, url.split(",")[1]];
};
"""


def read(page, segment: str) -> None:
    """Go to the segment's first lines."""
    page.evaluate("(id) => goTo({ id: document.querySelector(`#${id} p`).id, share: 0.2 })", segment)


def until(page, condition: str, timeout_s: float = 9.0) -> None:
    """Wait until a JavaScript condition holds (the page's policy forbids Playwright's own way to wait)."""
    end = time.monotonic() + timeout_s
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"never came true: {condition}"
        page.wait_for_timeout(30)


def play(page, hz: int = ATTIC) -> None:
    page.get_by_role("button", name="Play soundtrack").click()
    hear(page, hz)


def steady(page) -> None:
    """Wait until one piece sounds alone, wholly faded in."""
    until(
        page,
        "music.loops.size === 1 && [...music.loops.values()][0].angleAt(contexts[0].currentTime) > 1.57",
    )


def hear(page, hz: int, timeout_s: float = 9.0) -> None:
    """Wait until `hz` is heard, and the other pitches are not (40 dB below)."""
    others = [pitch for pitch in (ATTIC, SECOND, EBB) if pitch != hz]
    until(
        page,
        f"window.ear && rms() > 0.01 && {others}.every((other) => level(other) < level({hz}) - 40)",
        timeout_s,
    )


def at_place(page, text: str) -> None:
    until(page, f"document.getElementById('now-place').textContent === '{text}'")


def recorded(page) -> tuple[np.ndarray, int]:
    """All that was heard since ``record()``, and its rate in Hz."""
    rate_hz, content = page.evaluate("recorded()")
    return np.frombuffer(base64.b64decode(content), np.float32), int(rate_hz)


def levels_db(sound: np.ndarray, rate_hz: int, window_s: float) -> np.ndarray:
    """Level of each window."""
    n = round(window_s * rate_hz)
    windows = sound[: len(sound) // n * n].reshape(-1, n)
    return 10 * np.log10((windows.astype(np.float64) ** 2).mean(axis=1) + 1e-12)


def pitch_levels_db(sound: np.ndarray, rate_hz: int, hz: int, window_s: float = 0.05) -> np.ndarray:
    """Level of one pitch in each window."""
    n = round(window_s * rate_hz)
    windows = sound[: len(sound) // n * n].reshape(-1, n) * np.hanning(n)
    wave = np.exp(-2j * np.pi * hz * np.arange(n) / rate_hz)
    return 20 * np.log10(np.abs(windows @ wave) / np.hanning(n).sum() * np.sqrt(2) + 1e-6)
