// The upper layer, cheap to draw anew at each move of the pointer: scales, rings, what is pointed at, the outline drawn.

function paintOverlay(view) {
  const pen = view.upper;
  pen.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  pen.clearRect(0, 0, view.width, view.height);
  paintScales(pen, view);
  paintTrails(pen, view);
  view.marked.forEach((i, k) => paintRing(pen, view, i, String.fromCharCode(65 + k)));
  if (view.hovered >= 0) paintHovered(pen, view);
  if (view.outline) paintOutline(pen, view);
  if (view.byKey) paintCross(pen, view);
}

function paintScales(pen, view) {
  const lines = gridLines(view);
  const digits = Math.min(8, Math.max(0, -Math.floor(Math.log10(lines.step))));
  pen.font = `11px ${view.ink.font}`;
  pen.fillStyle = view.ink.soft;
  pen.textAlign = "center";
  for (const [value, x] of lines.x) if (x > 40 && x < view.width - 20) pen.fillText(value.toFixed(digits), x, view.height - 5);
  pen.textAlign = "left";
  for (const [value, y] of lines.y) if (y > 48 && y < view.height - 24) pen.fillText(value.toFixed(digits), 4, y + 4);
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
function paintHovered(pen, view) {
  const i = view.hovered;
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

/** The card beside the point pointed at: its picture, its group, its number. */
function placeCard(view) {
  const { card, hovered: i, cloud } = view;
  card.hidden = i < 0 || !cloud.bitmap;
  if (card.hidden) return;
  const canvas = card.querySelector("canvas");
  const told = `${view.painted} ${i}`;
  if (card.dataset.told !== told) {
    card.dataset.told = told;
    const own = Math.max(cloud.width, cloud.height);
    canvas.width = canvas.height = own * Math.max(1, Math.round(112 / own));
    drawFromSheet(canvas.getContext("2d"), cloud, i, 0, 0, canvas.width);
    card.querySelector("b").textContent = groupOf(view, i).name;
    card.querySelector("span").textContent = `${view.said.point} ${i}`;
    card.querySelector("small").textContent = view.scale ? `${view.scale.name} ${numberOf(view.layer.values[i])}` : "";
  }
  const [x, y] = toScreen(view, cloud.xy[2 * i], cloud.xy[2 * i + 1]);
  const away = 18 + (view.seen.length ? markSide(cloud) / 2 : 0);
  const left = x + away + card.offsetWidth > view.width ? x - away - card.offsetWidth : x + away;
  card.style.left = `${Math.min(view.width - card.offsetWidth, Math.max(0, left))}px`;
  card.style.top = `${Math.min(view.height - card.offsetHeight, Math.max(0, y - card.offsetHeight / 2))}px`;
}

/** A number to read: three digits of it; a dash where there is none. */
function numberOf(value) {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "–";
}
