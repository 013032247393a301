// What other parts of the page put on the map: labelled places, and paths with the pictures along them.

const STOP_SIDE = 28;
const SIGN_SIDE = 56;
/** Sheets of pictures by their addresses: a rerun that tells the same again loads nothing anew. */
const sheets = new Map();
const KEPT_SHEETS = 40;

/** The sheet as `drawFromSheet` wants it; null until it has been decoded, after which the view is drawn again. */
function sheetOf(view, told) {
  if (!told) return null;
  if (!sheets.has(told.source)) {
    const image = new Image();
    image.addEventListener("load", () => view.refresh());
    image.src = told.source;
    sheets.set(told.source, image);
    if (sheets.size > KEPT_SHEETS) sheets.delete(sheets.keys().next().value);
  }
  const bitmap = sheets.get(told.source);
  return bitmap.complete ? { ...told, bitmap } : null;
}

function paintTrails(pen, view) {
  for (const path of view.trails.paths) paintTrail(pen, view, path);
  for (const mark of view.trails.marks) paintSign(pen, view, mark);
}

function paintTrail(pen, view, { xy, sheet }) {
  const stops = [];
  for (let k = 0; k < xy.length; k += 2) stops.push(toScreen(view, xy[k], xy[k + 1]));
  const line = new Path2D();
  for (const [x, y] of stops) line.lineTo(x, y);
  pen.lineJoin = pen.lineCap = "round";
  haloed(pen, view, line, view.ink.primary);
  const pictures = sheetOf(view, sheet);
  const roomy = pictures ? new Set(apart(stops, STOP_SIDE + 4)) : new Set();
  stops.forEach(([x, y], k) => (roomy.has(k) ? paintStop(pen, view, pictures, k, x, y) : paintDot(pen, view, x, y, 3)));
}

/** Which of the stops stand far enough apart for pictures: from both ends inwards, so that those have theirs. */
function apart(stops, space) {
  const taken = [];
  const inwards = stops.map((_, k) => (k % 2 ? stops.length - 1 - (k >> 1) : k >> 1));
  for (const k of inwards) {
    const [x, y] = stops[k];
    if (taken.every((other) => Math.max(Math.abs(stops[other][0] - x), Math.abs(stops[other][1] - y)) >= space)) taken.push(k);
  }
  return taken;
}

function paintStop(pen, view, pictures, k, x, y) {
  const half = STOP_SIDE / 2;
  pen.fillStyle = view.ink.primary;
  pen.fillRect(x - half - 2, y - half - 2, STOP_SIDE + 4, STOP_SIDE + 4);
  drawFromSheet(pen, pictures, k, x - half, y - half, STOP_SIDE);
}

function paintDot(pen, view, x, y, radius) {
  const dot = new Path2D();
  dot.arc(x, y, radius, 0, 2 * Math.PI);
  haloed(pen, view, dot, view.ink.primary);
  pen.fillStyle = view.ink.primary;
  pen.fill(dot);
}

/** A labelled place: a dot, its picture above it, its name below. */
function paintSign(pen, view, { xy, name, sheet }) {
  const [x, y] = toScreen(view, ...xy);
  const picture = sheetOf(view, sheet);
  if (picture) {
    const [left, top] = [x - SIGN_SIDE / 2, y - SIGN_SIDE - 12];
    pen.fillStyle = view.ink.page;
    pen.fillRect(left - 4, top - 4, SIGN_SIDE + 8, SIGN_SIDE + 8);
    pen.fillStyle = view.ink.primary;
    pen.fillRect(left - 2, top - 2, SIGN_SIDE + 4, SIGN_SIDE + 4);
    pen.fillRect(x - 1, y - 12, 2, 12);
    drawFromSheet(pen, picture, 0, left, top, SIGN_SIDE);
  }
  paintDot(pen, view, x, y, 4.5);
  paintWord(pen, view, name, x, y + 19, 13);
}

/** A word that reads on any ground, its middle at x. */
function paintWord(pen, view, word, x, y, size) {
  pen.font = `600 ${size}px ${view.ink.font}`;
  pen.textAlign = "center";
  pen.lineWidth = 4;
  pen.strokeStyle = view.ink.page;
  pen.strokeText(word, x, y);
  pen.fillStyle = view.ink.text;
  pen.fillText(word, x, y);
}
