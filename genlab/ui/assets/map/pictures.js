// Pictures of points: as marks where there is room, and enlarged beside the pointer.

const LEAST_SIDE = 26;
const MOST_MARKS = 1500;
const FRAME = 2;

/** Side of a picture that is a mark, in pixels of the page: a whole multiple of its own where it is small. */
function markSide({ width, height }) {
  const own = Math.max(width, height);
  return own <= LEAST_SIDE ? own * Math.round(LEAST_SIDE / own) : Math.min(own, 32);
}

/** Whether one is near enough for pictures: were the points spread evenly, they would cover at most half the map. */
function isNear(view) {
  const side = markSide(view.cloud) + 2 * FRAME;
  const { box, n } = view.cloud;
  const area = (box.right - box.left) * (box.top - box.bottom) * view.camera.scale ** 2;
  return n * side * side <= area / 2;
}

/**
 * The points that get a picture at this zoom: in order of their numbers, each where no earlier one is in its way.
 * Zooms are taken in steps, and a choice holds for its step: pictures stay while one moves, and only join when one nears.
 */
function markedAt(view) {
  const step = Math.floor(2 * Math.log2(zoomOf(view)));
  if (view.marks?.step === step) return view.marks.rows;
  const { xy, n } = view.cloud;
  const space = (markSide(view.cloud) + 2 * FRAME + 1) / (view.whole.scale * 2 ** (step / 2));
  const taken = new Map(); // at most one point a cell as large as a picture
  const rows = [];
  for (let i = 0; i < n; i++) {
    if (!view.shows(i)) continue;
    const [x, y] = [xy[2 * i] / space, xy[2 * i + 1] / space];
    if (isFree(taken, x, y)) {
      taken.set(cellKey(Math.floor(x), Math.floor(y)), [x, y]);
      rows.push(i);
    }
  }
  view.marks = { step, rows };
  return rows;
}

function cellKey(column, row) {
  return column * 4194304 + row; // 2 ** 22: as many cells as there ever are a side
}

function isFree(taken, x, y) {
  for (let column = Math.floor(x) - 1; column <= Math.floor(x) + 1; column++) {
    for (let row = Math.floor(y) - 1; row <= Math.floor(y) + 1; row++) {
      const other = taken.get(cellKey(column, row));
      if (other && Math.abs(other[0] - x) < 1 && Math.abs(other[1] - y) < 1) return false;
    }
  }
  return true;
}

/** Draw the pictures in view, and remember where, for the pointer to find them. */
function paintPictures(view) {
  view.seen = [];
  if (!view.cloud.bitmaps || !view.pictures || !isNear(view)) return;
  const half = markSide(view.cloud) / 2 + FRAME;
  for (const i of markedAt(view)) {
    const [x, y] = toScreen(view, view.cloud.xy[2 * i], view.cloud.xy[2 * i + 1]);
    if (x < -half || y < -half || x > view.width + half || y > view.height + half) continue;
    paintPicture(view.lower, view, i, x, y, half);
    view.seen.push([i, x, y]);
    if (view.seen.length === MOST_MARKS) break;
  }
}

/** One picture in a frame of its group's colour, `half` the side of the frame in pixels of the page. */
function paintPicture(pen, view, i, x, y, half) {
  const { ratio } = view;
  const [left, top] = [Math.round((x - half) * ratio), Math.round((y - half) * ratio)];
  const [side, frame] = [Math.round(2 * half * ratio), Math.round(FRAME * ratio)];
  pen.globalAlpha = view.chosen.size === 0 || view.chosen.has(i) ? 1 : 0.35;
  pen.fillStyle = colourOf(view, i);
  pen.fillRect(left, top, side, side);
  drawPicture(pen, view.cloud, i, left + frame, top + frame, side - 2 * frame);
  pen.globalAlpha = 1;
}

/** The picture of a point, from the sheet that holds it. */
function drawPicture(pen, { bitmaps, width, height, columns }, i, ...place) {
  const each = columns * columns;
  drawFromSheet(pen, { bitmap: bitmaps[Math.floor(i / each)], width, height, columns }, i % each, ...place);
}

function drawFromSheet(pen, { bitmap, width, height, columns }, i, left, top, side) {
  const [sx, sy] = [(i % columns) * width, Math.floor(i / columns) * height];
  const scale = side / Math.max(width, height);
  const [across, down] = [width * scale, height * scale];
  pen.imageSmoothingEnabled = scale < 1; // enlarged pixels stay pixels
  pen.drawImage(bitmap, sx, sy, width, height, left + (side - across) / 2, top + (side - down) / 2, across, down);
}

/** The point whose picture is under a pixel, the last drawn first; -1 where there is none. */
function pictureAt(view, px, py) {
  const half = markSide(view.cloud) / 2 + FRAME;
  return view.seen.findLast(([, x, y]) => Math.abs(x - px) <= half && Math.abs(y - py) <= half)?.[0] ?? -1;
}
