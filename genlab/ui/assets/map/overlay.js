// The upper layer, cheap to draw anew at each move of the pointer: scales, rings, what is pointed at, the outline drawn.

function paintOverlay(view) {
  const pen = view.upper;
  pen.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  pen.clearRect(0, 0, view.width, view.height);
  paintScales(pen, view);
  paintTrails(pen, view);
  view.marked.forEach((i, k) => paintRing(pen, view, i, String.fromCharCode(65 + k)));
  if (view.near && view.hovered >= 0) paintNear(pen, view);
  if (view.echoed >= 0) paintHovered(pen, view, view.echoed);
  if (view.hovered >= 0) paintHovered(pen, view, view.hovered);
  if (view.outline) paintOutline(pen, view);
  if (view.byKey) paintCross(pen, view);
}

function paintScales(pen, view) {
  const lines = gridLines(view);
  const digits = Math.min(8, Math.max(0, -Math.floor(Math.log10(lines.step))));
  const write = (value, x, y) => {
    pen.strokeText(value.toFixed(digits), x, y); // on a lattice of pictures too it is to be read
    pen.fillText(value.toFixed(digits), x, y);
  };
  Object.assign(pen, { font: `11px ${view.ink.font}`, fillStyle: view.ink.soft, strokeStyle: view.ink.page, lineWidth: 3 });
  pen.textAlign = "center";
  for (const [value, x] of lines.x) if (x > 40 && x < view.width - 20) write(value, x, view.height - 5);
  pen.textAlign = "left";
  for (const [value, y] of lines.y) if (y > 48 && y < view.height - 24) write(value, 4, y + 4);
}

function paintRing(pen, view, i, letter) {
  const [x, y] = toScreen(view, view.cloud.xy[2 * i], view.cloud.xy[2 * i + 1]);
  const place = new Path2D();
  place.arc(x, y, 9, 0, 2 * Math.PI);
  haloed(pen, view, place);
  paintWord(pen, view, letter, x, y - 14, 15);
}

/** A line that reads on any colour: in one of the page's inks on a broader one of its paper. */
function haloed(pen, view, path, ink = view.ink.text) {
  for (const [width, colour] of [[5, view.ink.page], [2.2, ink]]) {
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.stroke(path);
  }
}

/** What is pointed at, once more above all others. */
function paintHovered(pen, view, i) {
  const [x, y] = toScreen(view, view.cloud.xy[2 * i], view.cloud.xy[2 * i + 1]);
  const seen = view.seen.some(([row]) => row === i);
  const radius = seen ? markSide(view.cloud) / 2 + FRAME : radiusOf(view) + 2;
  if (seen) {
    pen.setTransform(1, 0, 0, 1, 0, 0);
    paintPicture(pen, view, i, x, y, radius);
    pen.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  }
  const place = new Path2D();
  if (seen) place.rect(x - radius - 1, y - radius - 1, 2 * radius + 2, 2 * radius + 2);
  else place.arc(x, y, radius, 0, 2 * Math.PI);
  if (!seen) {
    pen.fillStyle = colourOf(view, i);
    pen.fill(place);
  }
  haloed(pen, view, place);
}

/** Lines to the nearest neighbours of what is pointed at, in the space that was projected: wherever the map has put them. */
function paintNear(pen, view) {
  const { xy, neighbours, near } = view.cloud;
  const from = toScreen(view, xy[2 * view.hovered], xy[2 * view.hovered + 1]);
  const lines = new Path2D();
  const ends = [...neighbours.subarray(view.hovered * near, (view.hovered + 1) * near)];
  const places = ends.map((i) => toScreen(view, xy[2 * i], xy[2 * i + 1]));
  for (const to of places) {
    lines.moveTo(...from);
    lines.lineTo(...to);
  }
  haloed(pen, view, lines);
  places.forEach(([x, y]) => paintDot(pen, view, x, y, 3));
}

/** The lasso or box that is being drawn; its corners are places of the map. */
function paintOutline(pen, view) {
  const path = new Path2D();
  for (let k = 0; k < view.outline.length; k += 2) path.lineTo(...toScreen(view, view.outline[k], view.outline[k + 1]));
  path.closePath();
  pen.globalAlpha = 0.15;
  pen.fillStyle = view.ink.primary;
  pen.fill(path);
  pen.globalAlpha = 1;
  pen.lineWidth = 2;
  pen.strokeStyle = view.ink.primary;
  pen.stroke(path);
}

/** Where Enter selects: shown once the keyboard is used. */
function paintCross(pen, view) {
  const [x, y] = [view.width / 2, view.height / 2];
  const path = new Path2D(`M${x - 14} ${y}h9m10 0h9M${x} ${y - 14}v9m0 10v9`);
  haloed(pen, view, path);
}
