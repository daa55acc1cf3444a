"use strict";

// The music under the text. A piece is a music segment of the album; it is looped for as long as it is
// wanted, and cross-faded with the next. Times are the audio context's, in seconds.

const SEAM_S = 3.5; // of raw ends
const LOOP_SEAM_S = 0.2; // of loop points, which were chosen to fit
const QUICK_FADE_S = 0.5;
const CUT_S = 0.03; // too short to be heard as a fade, long enough not to click
const MOST_LEAVING = 2; // pieces that fade out at a time, so that memory stays bounded however fast a reader turns
const CALM_DB = -4; // how much quieter calmer music is
const GLIDE_S = 0.08; // time constant of volume changes: short, yet without a click

/**
 * One piece, sounding again and again: each pass overlaps the one before it by a seam, which ends at the
 * loop's end in the one and at the loop's start in the other. Without loop points the raw ends overlap.
 */
class Loop {
  constructor(context, buffer, { gain_db, loop_start_s, loop_end_s }, output) {
    this.context = context;
    this.buffer = buffer;
    if (loop_end_s <= buffer.duration) {
      this.seam = Math.min(LOOP_SEAM_S, loop_start_s);
      this.loopStart = loop_start_s;
      this.loopEnd = loop_end_s;
    } else {
      this.seam = Math.min(SEAM_S, buffer.duration / 4);
      this.loopStart = this.seam;
      this.loopEnd = buffer.duration;
    }
    this.fade = context.createGain();
    this.fade.gain.value = 0;
    const level = context.createGain();
    level.gain.value = 10 ** (gain_db / 20);
    this.fade.connect(level).connect(output);
    this.fading = { from: 0, to: 0, start: 0, seconds: 0 };
    this.passes = new Set();
    this.nextAt = context.currentTime;
    // Two passes are always scheduled, so that a busy page never leaves a gap.
    this.addPass();
    this.addPass();
  }

  addPass() {
    const { context, buffer, seam, loopEnd } = this;
    const start = this.nextAt;
    const from = this.passes.size ? this.loopStart - seam : 0;
    const end = start + loopEnd - from;
    const source = new AudioBufferSourceNode(context, { buffer });
    const gain = context.createGain();
    // The seam is linear: equal power would swell where a piece overlaps with itself.
    if (this.passes.size) {
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(1, start + seam);
    }
    gain.gain.setValueAtTime(1, end - seam);
    gain.gain.linearRampToValueAtTime(0, end);
    source.connect(gain).connect(this.fade);
    source.onended = () => {
      gain.disconnect();
      this.passes.delete(source);
      this.addPass();
    };
    source.start(start, from, loopEnd - from);
    this.passes.add(source);
    this.nextAt = end - seam;
  }

  /** Equal-power fade to sounding or silent, from wherever an earlier fade has come to. */
  fadeTo(sounding, seconds) {
    const now = this.context.currentTime;
    const angle = this.angleAt(now);
    const to = sounding ? Math.PI / 2 : 0;
    this.fading = { from: angle, to, start: now, seconds };
    const curve = Float32Array.from({ length: 65 }, (_, i) => Math.sin(angle + ((to - angle) * i) / 64));
    this.fade.gain.cancelScheduledValues(0);
    this.fade.gain.setValueCurveAtTime(curve, now, seconds);
  }

  angleAt(time) {
    const { from, to, start, seconds } = this.fading;
    return seconds ? from + (to - from) * Math.min(1, (time - start) / seconds) : to;
  }

  /** Let a fade to silence end within some seconds. */
  hasten(seconds) {
    const { start, seconds: whole } = this.fading;
    if (start + whole > this.context.currentTime + seconds) this.fadeTo(false, seconds);
  }

  get isSilent() {
    return this.fading.to === 0 && this.angleAt(this.context.currentTime) === 0;
  }

  stop() {
    for (const source of this.passes) {
      source.onended = null;
      source.stop();
    }
    this.fade.disconnect();
  }
}

/** Plays the wanted piece and keeps its neighbours ready; `tell` hears of playing, loading and failed. */
class Music {
  constructor(pieces, tell) {
    this.pieces = pieces;
    this.tell = tell;
    this.context = null;
    this.playing = false;
    this.volume = 1;
    this.muted = false;
    this.calm = false;
    this.fadeSeconds = 4;
    this.crossed = 0; // when the cross-fade under way ends
    this.wanted = null;
    this.near = [];
    this.decoded = new Map();
    this.loops = new Map();
  }

  async play() {
    this.playing = true;
    if (!this.context) {
      // On iPhones the ring switch would silence the page otherwise.
      if (navigator.audioSession) navigator.audioSession.type = "playback";
      this.context = new AudioContext();
      this.master = this.context.createGain();
      this.master.gain.value = 0;
      this.master.connect(this.context.destination);
    }
    await this.context.resume();
    if (!this.playing) return;
    this.setLevel();
    await this.turn(QUICK_FADE_S);
  }

  pause() {
    this.playing = false;
    this.setLevel();
    setTimeout(() => this.playing || this.context.suspend(), 6000 * GLIDE_S);
  }

  /** Any of volume, muted and calm. */
  set(change) {
    Object.assign(this, change);
    this.setLevel();
  }

  setLevel() {
    if (!this.context) return;
    // Loudness is heard about as the square of the slider's place.
    const loudness = this.volume ** 2 * (this.calm ? 10 ** (CALM_DB / 20) : 1);
    const level = this.playing && !this.muted ? loudness : 0;
    this.master.gain.setTargetAtTime(level, this.context.currentTime, GLIDE_S);
  }

  /** The piece to be heard, and the pieces that may follow it. */
  follow(key, near) {
    this.wanted = key;
    this.near = near;
    if (this.playing) this.turn(this.fadeSeconds);
  }

  async turn(seconds) {
    const key = this.wanted;
    this.retire();
    if (!this.loops.has(key)) {
      this.tell("loading");
      let buffer = null;
      try {
        buffer = await this.load(key);
      } catch (error) {
        console.warn(`${this.pieces[key].src}: ${error.message}`);
      }
      if (key !== this.wanted || !this.playing) return;
      if (buffer && !this.loops.has(key)) {
        this.loops.set(key, new Loop(this.context, buffer, this.pieces[key], this.master));
      }
    }
    const changing = [...this.loops].filter(([other, loop]) => (other === key) !== (loop.fading.to > 0));
    if (changing.length) {
      const left = this.crossFor(seconds);
      // What was fading out already leaves the room to the two pieces that cross now.
      const leaving = [...this.loops].filter(([other, { fading }]) => other !== key && fading.to === 0);
      leaving.reverse().forEach(([, loop], n) => loop.hasten(n < MOST_LEAVING ? QUICK_FADE_S : CUT_S));
      for (const [other, loop] of changing) loop.fadeTo(other === key, left);
      setTimeout(() => this.retire(), 1000 * left + 200);
    }
    this.tell(this.loops.has(key) ? "playing" : "failed");
    this.prepare();
  }

  /**
   * How long the next cross-fade takes. One that comes while another is under way ends when that would have
   * ended: however often a reader turns to and fro, two pieces are not heard together for longer than a fade.
   */
  crossFor(seconds) {
    const now = this.context.currentTime;
    const left = this.crossed > now ? Math.max(this.crossed - now, QUICK_FADE_S) : seconds;
    this.crossed = now + left;
    return left;
  }

  /** Stop what has faded out. */
  retire() {
    for (const [key, loop] of this.loops) {
      if (loop.isSilent) {
        loop.stop();
        this.loops.delete(key);
      }
    }
  }

  /** Decode the neighbours and forget the others: a minute of decoded music takes 21 MB. */
  prepare() {
    for (const key of this.decoded.keys()) {
      if (key !== this.wanted && !this.near.includes(key)) this.decoded.delete(key);
    }
    // A neighbour that fails is tried again, and told of, when its turn comes.
    for (const key of this.near) this.load(key).catch(() => {});
  }

  load(key) {
    if (!this.decoded.has(key)) {
      const loading = encodedPiece(key, this.pieces[key].src).then((bytes) => this.context.decodeAudioData(bytes));
      this.decoded.set(key, loading);
      loading.catch(() => this.decoded.delete(key));
    }
    return this.decoded.get(key);
  }
}

// A page opened from a file may not fetch, but it may add a script; each audio/*.js calls this.
const arrivals = new Map();
window.bookscoreAudio = (key, base64) => arrivals.set(key, base64);

/** The encoded bytes of a piece. */
function encodedPiece(key, src) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.onload = () => {
      script.remove();
      if (!arrivals.has(key)) return reject(new Error("holds no music"));
      const binary = atob(arrivals.get(key));
      arrivals.delete(key);
      resolve(Uint8Array.from(binary, (c) => c.charCodeAt(0)).buffer);
    };
    script.onerror = () => {
      script.remove();
      reject(new Error("cannot be loaded"));
    };
    script.src = src;
    document.head.append(script);
  });
}
