// What the page knows: the book's segments with their music, and what the reader has chosen.

const CALMER_BY = 0.1; // arousal (0..1) by which another piece must be calmer to be worth the change

const score = JSON.parse(document.getElementById("soundtrack").textContent);
const segments = score.segments.map((segment) => ({ ...segment, element: document.getElementById(segment.id) }));

// What is remembered between visits. Browsers may refuse to store anything for a page opened from a
// file: then nothing is remembered, and reading goes on.
const memoryKey = `bookscore:${score.name}`;
const memory = {
  volume: 60, muted: false, calmer: false, chosen: {}, fade: 4, announce: false, shortcuts: true,
  theme: null, font: "book", size: 100, measure: 29, place: null,
};
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

const arousal = ({ piece }) => score.pieces[piece].arousal;

/** A segment's music: what the reader chose for it, or the calmest piece where that is wished, or its own. */
function choiceOf(index) {
  const { id, choices } = segments[index];
  const chosen = choices.find(({ piece }) => piece === memory.chosen[id]);
  if (chosen) return chosen;
  const calmest = choices.reduce((a, b) => (arousal(b) < arousal(a) ? b : a));
  return memory.calmer && arousal(choices[0]) - arousal(calmest) >= CALMER_BY ? calmest : choices[0];
}

/** The segments around one in which the same music runs on. */
function stretchAround(index) {
  const { piece } = choiceOf(index);
  let [first, last] = [index, index];
  while (first > 0 && choiceOf(first - 1).piece === piece) first -= 1;
  while (last < segments.length - 1 && choiceOf(last + 1).piece === piece) last += 1;
  return segments.slice(first, last + 1);
}

/** Give a segment its next best piece, and its whole stretch where the piece suits all of it. */
function chooseOther(index) {
  const { id, choices } = segments[index];
  const { piece } = choices[(choices.indexOf(choiceOf(index)) + 1) % choices.length];
  const suited = stretchAround(index).filter((segment) => segment.choices.some((choice) => choice.piece === piece));
  const chosen = Object.fromEntries(suited.map((segment) => [segment.id, piece]));
  remember({ chosen: { ...memory.chosen, [id]: piece, ...chosen } });
}

/** Calmer music from here on, or the soundtrack's own again; either way what was chosen for this stretch is not kept. */
function chooseCalmer(index, calmer) {
  const chosen = { ...memory.chosen };
  for (const { id } of stretchAround(index)) delete chosen[id];
  remember({ calmer, chosen });
}
