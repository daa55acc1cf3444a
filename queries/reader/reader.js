// The page: follows the reader's place, and works the controls.

const READING_LINE = 0.4; // share of the window's height at which a reader reads
const STAY_MS = 1200; // a segment scrolled past changes nothing

const score = JSON.parse(document.getElementById("soundtrack").textContent);
const segments = score.segments.map((segment) => ({ ...segment, element: document.getElementById(segment.id) }));
const [playButton, playLabel, now, nowTitle, nowPlace, whyText, mute, volume, size, shortcuts, contents] = [
  "play", "play-label", "now", "now-title", "now-place", "why-text", "mute", "volume", "size", "shortcuts", "contents",
].map((id) => document.getElementById(id));

// What is remembered between visits. Browsers may refuse to store anything for a page opened from a
// file: then nothing is remembered, and reading goes on.
const memoryKey = `bookscore:${score.name}`;
const memory = { volume: 60, muted: false, size: 100, shortcuts: true, theme: null, place: null };
try {
  Object.assign(memory, JSON.parse(localStorage.getItem(memoryKey)));
} catch (error) {
  console.info(`nothing remembered: ${error.message}`);
}
function remember(change) {
  Object.assign(memory, change);
  try {
    localStorage.setItem(memoryKey, JSON.stringify(memory));
  } catch (error) {
    console.info(`not remembered: ${error.message}`);
  }
}

// --- Music ---------------------------------------------------------------------------------------

const music = new Music(score.pieces, show);
let current;

function enter(index) {
  current = index;
  const { piece, element, chapter, place, why } = segments[index];
  const near = [segments[index + 1], segments[index - 1]].filter(Boolean).map((segment) => segment.piece);
  document.querySelector(".segment.current")?.classList.remove("current");
  element.classList.add("current");
  contents.querySelector("[aria-current]")?.removeAttribute("aria-current");
  contents.querySelector(`[href="#${chapter}"]`).setAttribute("aria-current", "location");
  nowTitle.textContent = score.pieces[piece].title;
  nowPlace.textContent = place;
  whyText.replaceChildren(...why.map((sentence) => Object.assign(document.createElement("p"), { textContent: sentence })));
  music.follow(piece, near);
}

function show(state) {
  now.dataset.state = state;
  const { title, artist } = score.pieces[segments[current].piece];
  if (state === "failed") nowPlace.textContent = "its music cannot be played";
  else nowPlace.textContent = segments[current].place;
  if (navigator.mediaSession) {
    navigator.mediaSession.metadata = new MediaMetadata({ title, artist, album: score.album });
    navigator.mediaSession.playbackState = music.playing ? "playing" : "paused";
  }
}

function setPlaying(playing) {
  if (playing) music.play();
  else music.pause();
  document.body.classList.toggle("playing", playing);
  playLabel.textContent = playing ? "Pause" : "Play soundtrack";
  if (navigator.mediaSession) navigator.mediaSession.playbackState = playing ? "playing" : "paused";
}

function setVolume(value, muted) {
  remember({ volume: Math.max(0, Math.min(100, value)), muted });
  volume.value = memory.volume;
  mute.setAttribute("aria-pressed", memory.muted);
  music.setVolume(memory.volume / 100, memory.muted);
}

playButton.addEventListener("click", () => setPlaying(!music.playing));
mute.addEventListener("click", () => setVolume(memory.volume, !memory.muted));
volume.addEventListener("input", () => setVolume(Number(volume.value), false));
if (navigator.mediaSession) {
  navigator.mediaSession.setActionHandler("play", () => setPlaying(true));
  navigator.mediaSession.setActionHandler("pause", () => setPlaying(false));
}

document.addEventListener("keydown", (event) => {
  if (!memory.shortcuts || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " " && event.target.closest("button, input, a, [popover]")) return; // the control's own
  const act = {
    " ": () => setPlaying(!music.playing),
    k: () => setPlaying(!music.playing),
    m: () => setVolume(memory.volume, !memory.muted),
    "+": () => setVolume(memory.volume + 5, false),
    "=": () => setVolume(memory.volume + 5, false),
    "-": () => setVolume(memory.volume - 5, false),
  }[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

// --- Place ---------------------------------------------------------------------------------------

const onLine = new Set();
let settling;
let opened = false;
const readingLine = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) onLine.add(target);
      else onLine.delete(target);
    }
    const index = segments.findIndex(({ element }) => element === [...onLine].at(-1));
    clearTimeout(settling);
    if (index >= 0 && index !== current) settling = setTimeout(() => enter(index), opened ? STAY_MS : 0);
    opened = true;
  },
  { rootMargin: `-${100 * READING_LINE}% 0px -${99 - 100 * READING_LINE}% 0px` },
);
for (const { element } of segments) readingLine.observe(element);

/** The paragraph on the reading line and how far into it the line is. */
function placeRead() {
  const line = READING_LINE * innerHeight;
  for (const y of [line, line - 30, line + 30]) {
    const paragraph = document.elementFromPoint(innerWidth / 2, y)?.closest("main p[id]");
    if (!paragraph) continue;
    const { top, height } = paragraph.getBoundingClientRect();
    return { id: paragraph.id, share: Math.round((100 * (line - top)) / height) / 100 };
  }
  return scrollY < innerHeight / 2 ? null : memory.place;
}

function goTo(place) {
  const paragraph = place && document.getElementById(place.id);
  if (!paragraph) return;
  // What is off the screen has only an estimated height: the first jump lays the place out, the second hits it.
  paragraph.scrollIntoView({ behavior: "instant" });
  const { top, height } = paragraph.getBoundingClientRect();
  scrollBy({ top: top + place.share * height - READING_LINE * innerHeight, behavior: "instant" });
}

let scrolling;
addEventListener("scroll", () => {
  clearTimeout(scrolling);
  scrolling = setTimeout(() => remember({ place: placeRead() }), 300);
}, { passive: true });

contents.addEventListener("click", (event) => event.target.closest("a") && contents.hidePopover());

// --- Appearance ----------------------------------------------------------------------------------

const LINE_EM = 1.62;
const WORD_EM = 2.35; // an English word and its space, with the room left at the ends of paragraphs

/** Tell the browser about how tall each segment is, so that the scroll bar hardly moves as it is laid out. */
function estimateHeights() {
  const column = document.querySelector("main h1");
  const em = parseFloat(getComputedStyle(column.parentElement).fontSize);
  for (const { element, n_words } of segments) {
    const lines = Math.ceil((n_words * WORD_EM * em) / column.clientWidth) + element.childElementCount / 2;
    element.style.containIntrinsicBlockSize = `auto ${Math.round(lines * LINE_EM * em)}px`;
  }
}

function setAppearance(change) {
  const place = placeRead();
  remember(change);
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = memory.theme ?? (dark ? "dark" : "light");
  document.documentElement.dataset.theme = theme;
  document.documentElement.style.setProperty("--size", memory.size / 100);
  document.querySelector(`[name="theme"][value="${theme}"]`).checked = true;
  size.value = memory.size;
  estimateHeights();
  goTo(place);
}

for (const choice of document.querySelectorAll('[name="theme"]')) {
  choice.addEventListener("change", () => setAppearance({ theme: choice.value }));
}
size.addEventListener("input", () => setAppearance({ size: Number(size.value) }));
shortcuts.checked = memory.shortcuts;
shortcuts.addEventListener("change", () => remember({ shortcuts: shortcuts.checked }));
addEventListener("resize", estimateHeights);

enter(0); // the title page has the first segment's music
setVolume(memory.volume, memory.muted);
setAppearance({});
if (!location.hash) {
  history.scrollRestoration = "manual";
  goTo(memory.place);
}
