// The text: where the reader is in it, and how it looks.

const READING_LINE = 0.4; // share of the window's height at which a reader reads
const STAY_MS = 1200; // a segment scrolled past changes nothing

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
  if (brought) return brought;
  const line = READING_LINE * innerHeight;
  for (const y of [line, line - 30, line + 30]) {
    const paragraph = document.elementFromPoint(innerWidth / 2, y)?.closest("main p[id]");
    if (!paragraph) continue;
    const { top, height } = paragraph.getBoundingClientRect();
    return { id: paragraph.id, share: Math.round((100 * (line - top)) / height) / 100 };
  }
  return scrollY < innerHeight / 2 ? null : memory.place;
}

const FRAMES_TO_SETTLE = 6;
let brought = null; // the place that the page is coming to

/**
 * Bring a place to the reading line. What was off the screen had only an estimated height: it is laid out as it
 * comes near, and moves the rest, so the place is brought back in the frames that follow.
 */
function goTo(place, frames = FRAMES_TO_SETTLE) {
  const element = place && byId(place.id);
  if (!element) return;
  brought = frames ? place : null;
  const { top, height } = element.getBoundingClientRect();
  scrollBy({ top: top + place.share * height - (place.line ?? READING_LINE) * innerHeight, behavior: "instant" });
  if (frames) requestAnimationFrame(() => brought === place && goTo(place, frames - 1));
}

let scrolling;
addEventListener("scroll", () => {
  clearTimeout(scrolling);
  scrolling = setTimeout(() => remember({ place: placeRead() }), 300);
}, { passive: true });

contents.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  contents.hidePopover();
  requestAnimationFrame(() => goTo(headingOf(link.hash))); // the browser has jumped there itself by then
});

/** A chapter's heading near the top of the window; the space above it is its own. */
const headingOf = (hash) => ({ id: hash.slice(1), share: 0, line: -0.05 });

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
  const { dataset, style } = document.documentElement;
  dataset.theme = memory.theme ?? (dark ? "dark" : "light");
  dataset.font = memory.font;
  style.setProperty("--size", memory.size / 100);
  style.setProperty("--line", memory.measure);
  for (const choice of document.querySelectorAll("#look [type=radio]")) choice.checked = choice.value === dataset[choice.name];
  estimateHeights();
  goTo(place);
}

for (const choice of document.querySelectorAll("#look [type=radio]")) {
  choice.addEventListener("change", () => setAppearance({ [choice.name]: choice.value }));
}

/** A slider of what is remembered under its name, with its value told in words. */
function slider(id, told, act) {
  const input = byId(id);
  const update = () => {
    byId(`${id}-told`).textContent = told(Number(input.value));
    input.setAttribute("aria-valuetext", told(Number(input.value)));
  };
  input.value = memory[id];
  input.addEventListener("input", () => {
    update();
    act({ [id]: Number(input.value) });
  });
  update();
}
slider("size", (percent) => `${percent} %`, setAppearance);
slider("measure", (em) => `about ${Math.round((em * 2.3) / 5) * 5} letters`, setAppearance);
slider("fade", (seconds) => `${seconds} s`, (change) => {
  remember(change);
  music.fadeSeconds = memory.fade;
});
for (const id of ["announce", "shortcuts"]) {
  byId(id).checked = memory[id];
  byId(id).addEventListener("change", () => remember({ [id]: byId(id).checked }));
}
addEventListener("resize", estimateHeights);

music.fadeSeconds = memory.fade;
music.set({ calm: memory.calmer });
enter(0); // the title page has the first segment's music
setVolume(memory.volume, memory.muted);
setAppearance({});
history.scrollRestoration = "manual";
goTo(location.hash ? headingOf(location.hash) : memory.place);
