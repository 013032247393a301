// The map: points that travel from frame to frame. Between two frames each goes straight from the one to the other.

const STAGE_MARGIN = 26;
const LABELS_MOST = 12; // with more classes, names in the map would hide it
const COMPACT = 10; // points that lie within so many pixels are hidden by their name
const TRAIL = 0.45; // how far back a trail reaches, in frames

/** Where a step lies among the frames: the frame before it, and how far on the way to the next, 0 to 1. */
function wayAt(frames, at) {
  const i = indexAt(frames.map(({ step }) => step), at);
  const next = frames[i + 1];
  const share = next ? (at - frames[i].step) / (next.step - frames[i].step) : 0;
  return { i, share: calm.matches ? 0 : Math.min(1, Math.max(0, share)) };
}


/** The places of all points at a time given in frames, such as 2.5, written into `out`. */
function placesAt({ frames }, time, out) {
  const i = Math.min(frames.length - 1, Math.max(0, Math.floor(time)));
  const from = frames[i].xy;
  const to = frames[Math.min(i + 1, frames.length - 1)].xy;
  const share = Math.min(1, Math.max(0, time - i));
  for (let k = 0; k < out.length; k++) out[k] = from[k] + share * (to[k] - from[k]);
  return out;
}

function resizeStage(view) {
  const { canvas } = view.pen;
  const box = canvas.getBoundingClientRect();
  [view.width, view.height, view.ratio] = [box.width, box.height, window.devicePixelRatio || 1];
  [canvas.width, canvas.height] = [Math.round(box.width * view.ratio), Math.round(box.height * view.ratio)];
}

/** Look at what the points fill at this time; from frame to frame the view glides. */
function aim(view, { frames }) {
  const i = Math.floor(view.time);
  const [from, to] = [frames[i].filled, frames[Math.min(i + 1, frames.length - 1)].filled];
  const share = view.time - i;
  const room = (span, pixels) => (span > 0 ? Math.max(1, pixels - 2 * STAGE_MARGIN) / span : Infinity);
  const scaleOf = ([, , across, up]) => Math.min(room(across, view.width), room(up, view.height));
  const scale = scaleOf(from) ** (1 - share) * scaleOf(to) ** share;
  view.scale = Number.isFinite(scale) ? scale : 1;
  view.middle = [0, 1].map((k) => from[k] + share * (to[k] - from[k]));
}

function toStage({ width, height, scale, middle }, x, y) {
  return [width / 2 + (x - middle[0]) * scale, height / 2 - (y - middle[1]) * scale];
}

/** Draw the map at the cursor. */
function paintMap(view) {
  const { story: { map }, pen, ratio } = view;
  if (!map || !view.width) return;
  const { i, share } = wayAt(map.frames, view.at);
  view.time = i + share;
  aim(view, map);
  view.places ??= new Float32Array(2 * map.n);
  view.past ??= new Float32Array(2 * map.n);
  placesAt(map, view.time, view.places);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, view.width, view.height);
  pen.globalAlpha = view.at < map.frames[0].step ? 0.35 : 1; // before the first checkpoint nothing is known
  if (view.playing && !calm.matches) paintTrails(view, map);
  view.groups.forEach((group, k) => !view.hidden.has(k) && paintGroup(view, map, group, k));
  pen.globalAlpha = 1;
  if (view.groups.length <= LABELS_MOST && view.groups.length > 1) view.groups.forEach((group, k) => paintName(view, group, k));
  paintHovered(view);
}

function paintGroup({ pen, places, members, ...view }, map, group, k) {
  const radius = map.n > 400 ? 2.6 : 3.6;
  pen.beginPath();
  for (const i of members[k]) {
    const [x, y] = toStage(view, places[2 * i], places[2 * i + 1]);
    pen.moveTo(x + radius, y);
    pen.arc(x, y, radius, 0, 2 * Math.PI);
  }
  const alpha = pen.globalAlpha;
  pen.globalAlpha = alpha * 0.82;
  if (group.open) {
    [pen.strokeStyle, pen.lineWidth] = [group.colour, 1.3];
    pen.stroke();
  } else {
    pen.fillStyle = group.colour;
    pen.fill();
  }
  pen.globalAlpha = alpha;
}

/** Faint lines along the last stretch of every point's way. */
function paintTrails(view, map) {
  const { pen, places, past, time } = view;
  const knot = Math.floor(time);
  placesAt(map, Math.max(0, time - TRAIL), past);
  const corner = time - TRAIL < knot && knot > 0 ? map.frames[knot].xy : null;
  const alpha = pen.globalAlpha;
  [pen.globalAlpha, pen.lineWidth] = [alpha * 0.28, 1];
  view.groups.forEach((group, k) => {
    if (view.hidden.has(k)) return;
    pen.strokeStyle = group.colour;
    pen.beginPath();
    for (const i of view.members[k]) {
      pen.moveTo(...toStage(view, past[2 * i], past[2 * i + 1]));
      if (corner) pen.lineTo(...toStage(view, corner[2 * i], corner[2 * i + 1]));
      pen.lineTo(...toStage(view, places[2 * i], places[2 * i + 1]));
    }
    pen.stroke();
  });
  pen.globalAlpha = alpha;
}

/** A class's name in the middle of its points, or above them where it would hide them. */
function paintName(view, group, k) {
  if (view.hidden.has(k)) return;
  const { pen, width } = view;
  const places = view.members[k].map((i) => toStage(view, view.places[2 * i], view.places[2 * i + 1]));
  const [x, y] = [0, 1].map((axis) => places.reduce((sum, place) => sum + place[axis], 0) / places.length);
  const away = places.reduce((sum, place) => sum + Math.hypot(place[0] - x, place[1] - y), 0) / places.length;
  [pen.font, pen.textAlign, pen.textBaseline] = [`600 13px ${view.ink.font}`, "center", "middle"];
  [pen.lineWidth, pen.strokeStyle, pen.fillStyle, pen.lineJoin] = [4, view.ink.page, view.ink.text, "round"];
  const half = pen.measureText(group.name).width / 2 + 3;
  const place = [Math.min(width - half, Math.max(half, x)), away < COMPACT ? y - COMPACT - 6 : y];
  pen.strokeText(group.name, ...place);
  pen.fillText(group.name, ...place);
}

/** What the map is at the cursor: of which checkpoint or between which, how much it holds, how well it fits. */
function mapTold({ story: { map }, said, at }) {
  const { frames } = map;
  const { i } = wayAt(frames, at);
  const { step, held, disparity } = frames[i];
  const facts = { step: number(step), held: perCent(held), disparity: perCent(disparity) };
  const between = i + 1 < frames.length && at > step;
  const where = at < step ? said.before : between && !calm.matches ? said.between : said.frame;
  return `${fill(where, { ...facts, next: between ? number(frames[i + 1].step) : "" })} · ${fill(said.held, facts)}`;
}

function perCent(share) {
  return `${Math.round(100 * share)}%`;
}
