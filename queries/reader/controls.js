// The bar: what plays, why, and what the reader can do about it.

const byId = (id) => document.getElementById(id);
const [playButton, playLabel, now, nowTitle, nowPlace, other, calmer, mute, volume, contents, news] = [
  "play", "play-label", "now", "now-title", "now-place", "other", "calmer", "mute", "volume", "contents", "news",
].map(byId);

const music = new Music(score.pieces, show);
let current = 0;

/** Make an element with text or children in it. */
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** The reader has come to a segment. */
function enter(index) {
  const before = choiceOf(current).piece;
  current = index;
  const { element, chapter } = segments[index];
  document.querySelector(".segment.current")?.classList.remove("current");
  element.classList.add("current");
  contents.querySelector("[aria-current]")?.removeAttribute("aria-current");
  contents.querySelector(`[href="#${chapter}"]`).setAttribute("aria-current", "location");
  follow();
  if (memory.announce && music.playing && choiceOf(index).piece !== before) say(`Music: ${nowTitle.textContent}`);
}

/** Play what the current segment has, and tell of it. */
function follow() {
  const { place, choices } = segments[current];
  const choice = choiceOf(current);
  nowTitle.textContent = score.pieces[choice.piece].title;
  nowPlace.textContent = place;
  other.setAttribute("aria-disabled", choices.length < 2);
  other.title = choices.length < 2 ? "No other music here" : `Other music (${choices.indexOf(choice) + 1} of ${choices.length})`;
  calmer.setAttribute("aria-pressed", memory.calmer);
  explain(choice);
  const near = [current + 1, current - 1].filter((index) => segments[index]).map((index) => choiceOf(index).piece);
  music.follow(choice.piece, near);
}

function show(state) {
  now.dataset.state = state;
  const { place, chapter } = segments[current];
  const { title, artist } = score.pieces[choiceOf(current).piece];
  nowPlace.textContent = state === "failed" ? "its music cannot be played" : place;
  if (!navigator.mediaSession) return;
  navigator.mediaSession.metadata = new MediaMetadata({
    title: byId(chapter).textContent,
    artist: [title, artist].filter(Boolean).join(" · "),
    album: score.album,
  });
  navigator.mediaSession.playbackState = music.playing ? "playing" : "paused";
}

function explain({ piece, why }) {
  const { matches, choices } = segments[current];
  const { title, artist } = score.pieces[piece];
  const asked = piece === choices[0].piece ? [] : [`You asked for ${memory.chosen[segments[current].id] ? "other" : "calmer"} music here.`];
  byId("why-piece").replaceChildren(make("b", {}, title), artist && ` · ${artist}`);
  byId("why-matches").replaceChildren(...matches.map(matched));
  byId("why-text").replaceChildren(...[...asked, ...why].map((sentence) => make("p", {}, sentence)));
}

/** A line of the book beside the moment of the film, with its frame. */
function matched({ of, when, book, film, frame }) {
  const at = when ? ` · ${when}` : "";
  const figure = make("figure", {});
  if (frame) figure.append(make("img", { src: frame, alt: `${of || "The film"}${when ? ` at ${when}` : ""}`, loading: "lazy" }));
  figure.append(
    make("div", {}, make("h3", {}, "Book"), make("blockquote", {}, book)),
    make("div", {}, make("h3", {}, `${of || "Film"}${at}`), film ? make("blockquote", {}, film) : make("p", {}, "shows something like this")),
  );
  return figure;
}

/** Told to listeners of a screen reader, politely; only of what they did or asked to be told of. */
function say(sentence) {
  news.textContent = sentence;
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
  music.set({ volume: memory.volume / 100, muted: memory.muted });
}

function otherMusic() {
  if (segments[current].choices.length < 2) {
    say("There is no other music for this passage");
    return;
  }
  chooseOther(current);
  follow();
  say(`Other music: ${nowTitle.textContent}`);
}

function setCalmer(calm) {
  chooseCalmer(current, calm);
  music.set({ calm });
  follow();
  say(calm ? `Calmer music: ${nowTitle.textContent}` : `The soundtrack’s own music: ${nowTitle.textContent}`);
}

playButton.addEventListener("click", () => setPlaying(!music.playing));
other.addEventListener("click", otherMusic);
calmer.addEventListener("click", () => setCalmer(!memory.calmer));
mute.addEventListener("click", () => setVolume(memory.volume, !memory.muted));
volume.addEventListener("input", () => setVolume(Number(volume.value), false));
if (navigator.mediaSession) {
  navigator.mediaSession.setActionHandler("play", () => setPlaying(true));
  navigator.mediaSession.setActionHandler("pause", () => setPlaying(false));
  navigator.mediaSession.setActionHandler("nexttrack", otherMusic);
}

const KEYS = {
  " ": () => setPlaying(!music.playing),
  k: () => setPlaying(!music.playing),
  n: otherMusic,
  c: () => setCalmer(!memory.calmer),
  w: () => byId("why").togglePopover(),
  m: () => setVolume(memory.volume, !memory.muted),
  "+": () => setVolume(memory.volume + 5, false),
  "=": () => setVolume(memory.volume + 5, false),
  "-": () => setVolume(memory.volume - 5, false),
};
document.addEventListener("keydown", (event) => {
  if (!memory.shortcuts || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " " && event.target.closest("button, input, a, [popover]")) return; // the control's own
  const act = KEYS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});
