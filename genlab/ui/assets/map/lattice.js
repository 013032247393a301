// Decoding between points: a lattice of pictures under them, and the picture of the very place pointed at. Both are asked
// of the server one at a time, the newest question first; what it cannot answer is told quietly, in the card.

const MOST_CELLS = 400;
const SETTLED = 160; // milliseconds without a move before a lattice is asked for
const FADE = 200; // milliseconds in which it appears

/** Does one thing at a time: of what is asked meanwhile, only the newest. */
function newest(act) {
  let [busy, next] = [false, null];
  return async (asked) => {
    next = asked;
    if (busy) return;
    busy = true;
    while (next !== null) {
      const now = next;
      next = null;
      await act(now);
    }
    busy = false;
  };
}

function canDecode(view) {
  return view.lattice && view.trails.decode !== "";
}

/** Ask for the lattice of what is in view, once that has come to rest. */
function settle(view) {
  clearTimeout(view.settling);
  if (!canDecode(view)) return;
  const [left, top] = toMap(view, 0, 0);
  const [right, bottom] = toMap(view, view.width, view.height);
  const side = Math.max(markSide(view.cloud), Math.sqrt((view.width * view.height) / MOST_CELLS));
  const [across, down] = [view.width, view.height].map((pixels) => Math.max(1, Math.floor(pixels / side)));
  const area = { left, right, bottom, top, across, down };
  const name = `${view.trails.decode} ${Object.values(area)}`;
  if (name === view.asked) return;
  view.settling = setTimeout(() => {
    view.asked = name;
    view.askLattice({ from: view.trails.decode, area });
  }, SETTLED);
}

async function fetchLattice(view, { from, area }) {
  try {
    const answer = await ask(view, `${from}/lattice?${new URLSearchParams(area)}`);
    if (!answer.ok) throw await told(answer);
    const bitmap = await createImageBitmap(await answer.blob());
    const cell = { width: bitmap.width / area.across, height: bitmap.height / area.down, columns: area.across };
    view.sheet = { ...area, ...cell, from, bitmap, since: performance.now() };
    view.trouble = "";
  } catch (error) {
    view.trouble = error.sentence ?? view.said.failed;
  }
  view.repaint();
}

/** Ask the server, which gives its reasons in the language of the page. */
function ask(view, url) {
  return fetch(url, { headers: { "Accept-Language": view.language } });
}

/** The sentence that the server gives for why it cannot answer. */
async function told(answer) {
  const { error } = await answer.json().catch(() => ({}));
  return { sentence: typeof error === "string" ? error : undefined };
}

/** The lattice as the ground on which points are drawn: pixels that hold nothing but paper get its pictures. */
function paintLattice(view) {
  const { sheet, ratio, pixels, pad } = view;
  if (!canDecode(view) || sheet?.from !== view.trails.decode) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const shown = calm ? 1 : Math.min(1, (performance.now() - sheet.since) / FADE);
  view.ground ??= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const { ground } = view;
  if (ground.canvas.width !== pixels.width || ground.canvas.height !== pixels.height) {
    Object.assign(ground.canvas, { width: pixels.width, height: pixels.height });
  }
  ground.putImageData(pixels, 0, 0);
  const [x, y] = toScreen(view, sheet.left, sheet.top);
  const [right, bottom] = toScreen(view, sheet.right, sheet.bottom);
  ground.globalAlpha = 0.75 * shown; // points are to be seen on it
  ground.imageSmoothingEnabled = false;
  ground.drawImage(sheet.bitmap, x * ratio + pad, y * ratio + pad, (right - x) * ratio, (bottom - y) * ratio);
  pixels.data.set(ground.getImageData(0, 0, pixels.width, pixels.height).data);
  if (shown < 1) requestAnimationFrame(view.repaint);
}

/** Point at a place where no point is: its card shows the lattice's picture at once, and its own when that has come. */
function pointPlace(view, place) {
  view.place = place;
  if (place) view.askPlace({ from: view.trails.decode, place });
  view.refresh();
}

async function fetchPlace(view, { from, place }) {
  const [x, y] = place;
  try {
    const answer = await ask(view, `${from}/at?${new URLSearchParams({ x, y })}`);
    if (!answer.ok) throw await told(answer);
    const exact = await answer.json();
    const image = new Image();
    image.src = exact.picture;
    await image.decode();
    view.exact = { ...exact, image, name: placeName({ from, place }) };
    view.trouble = "";
  } catch (error) {
    view.trouble = error.sentence ?? view.said.failed;
  }
  view.refresh();
}

function placeName({ from, place }) {
  return `${from} ${place}`;
}
