// Where one looks: `x`, `y` is the place in the middle of the view, `scale` is pixels of the page a unit of the map.

const MOST_ZOOM = 400;
const MARGIN = 28;

/** The camera that shows all points in a view of this size. */
function fitted({ left, right, bottom, top }, width, height) {
  const room = (span, pixels) => (span > 0 ? Math.max(pixels - 2 * MARGIN, 1) / span : Infinity);
  const scale = Math.min(room(right - left, width), room(top - bottom, height));
  return { x: (left + right) / 2, y: (bottom + top) / 2, scale: Number.isFinite(scale) ? scale : 1 };
}

/** The pixel where a place is seen. */
function toScreen({ camera, width, height }, x, y) {
  return [width / 2 + (x - camera.x) * camera.scale, height / 2 - (y - camera.y) * camera.scale];
}

/** The place that is seen at a pixel. */
function toMap({ camera, width, height }, px, py) {
  return [camera.x + (px - width / 2) / camera.scale, camera.y - (py - height / 2) / camera.scale];
}

/** How far one has zoomed in; 1 shows all points. */
function zoomOf(view) {
  return view.camera.scale / view.whole.scale;
}

/** Zoom by a factor, with the place at a pixel staying where it is. */
function zoomAt(view, factor, px = view.width / 2, py = view.height / 2) {
  const [x, y] = toMap(view, px, py);
  const { scale } = view.whole;
  view.camera.scale = Math.min(scale * MOST_ZOOM, Math.max(scale / 2, view.camera.scale * factor));
  view.camera.x = x - (px - view.width / 2) / view.camera.scale;
  view.camera.y = y + (py - view.height / 2) / view.camera.scale;
  hold(view);
}

function panBy(view, dx, dy) {
  view.camera.x -= dx / view.camera.scale;
  view.camera.y += dy / view.camera.scale;
  hold(view);
}

/** The middle of the view stays above the map: nobody gets lost in the void. */
function hold({ camera, cloud: { box } }) {
  camera.x = Math.min(box.right, Math.max(box.left, camera.x));
  camera.y = Math.min(box.top, Math.max(box.bottom, camera.y));
}

/** Round steps for grid lines about 110 pixels apart: 1, 2 or 5 times a power of ten. */
function gridStep(scale) {
  const wanted = 110 / scale;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * ([1, 2, 5].find((times) => times * power >= wanted) ?? 10);
}

/** The grid lines in view: `{ x: [[place, pixel], ...], y: ... }`. */
function gridLines(view) {
  const step = gridStep(view.camera.scale);
  const [left, top] = toMap(view, 0, 0);
  const [right, bottom] = toMap(view, view.width, view.height);
  const lines = { step, x: [], y: [] };
  for (let i = Math.ceil(left / step); i * step <= right; i++) lines.x.push([i * step, toScreen(view, i * step, 0)[0]]);
  for (let i = Math.ceil(bottom / step); i * step <= top; i++) lines.y.push([i * step, toScreen(view, 0, i * step)[1]]);
  return lines;
}
