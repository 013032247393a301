// What Python packs: places, pictures and colours of all points; and finding points by place.

/** The clouds that this browser tab has been sent, by the map's key: each comes once, however often the page runs. */
const clouds = new Map();
const KEPT_CLOUDS = 4;

/** How the points of these clouds are coloured, by the cloud's key and the layer's name. */
const layers = new Map();
const KEPT_LAYERS = 24;

/** The sheets of pictures, by the name of what is on them: maps of the same pictures share them. */
const albums = new Map();
const KEPT_ALBUMS = 4;

/** Keep what has come, and tell of it by its name: the points, their colours, or their pictures once they are decoded. */
async function receive(bytes, tell) {
  const [head, buffer, start] = unpack(bytes);
  if (head.magic === "GLP1") return receivePictures(head, buffer, start, tell);
  if (head.magic === "GLC1") keep(layers, layerName(head.key, head.layer), layerOf(head, buffer, start), KEPT_LAYERS);
  else if (!clouds.has(head.key)) keep(clouds, head.key, cloudOf(head, buffer, start), KEPT_CLOUDS);
  return tell(head.key);
}

async function receivePictures({ album, sizes }, buffer, start, tell) {
  if (albums.has(album)) return undefined;
  let end = start;
  const files = sizes.map((size) => new Blob([new Uint8Array(buffer, (end += size) - size, size)]));
  const sheets = keep(albums, album, { bitmaps: null }, KEPT_ALBUMS);
  sheets.bitmaps = await Promise.all(files.map((file) => createImageBitmap(file)));
  return tell(album);
}

function keep(kept, name, value, most) {
  kept.set(name, value);
  if (kept.size > most) kept.delete(kept.keys().next().value);
  return value;
}

function layerName(key, layer) {
  return `${key} ${layer}`;
}

/** Four letters, the length of a JSON header, the header; its content, all bytes, and where what follows it begins. */
function unpack(bytes) {
  const { buffer } = bytes.slice(); // aligned, as typed arrays must be
  const magic = new TextDecoder().decode(new Uint8Array(buffer, 0, 4));
  if (!["GLM1", "GLC1", "GLP1"].includes(magic)) throw new Error("These are not the points of a map.");
  const start = 8 + new DataView(buffer).getUint32(4, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, start - 8)));
  return [{ ...head, magic }, buffer, start];
}

/** float32 x and y of each point, uint32 rows of its neighbours; the sheets of its pictures come by themselves. */
function cloudOf(head, buffer, start) {
  const xy = new Float32Array(buffer, start, 2 * head.n);
  const neighbours = new Uint32Array(buffer, start + 8 * head.n, head.n * head.near);
  const cloud = { ...head, xy, neighbours, bitmaps: null, box: boundsOf(xy) };
  cloud.cells = index(cloud);
  return cloud;
}

/** float32 numbers where the layer is one of numbers, and uint16 groups. */
function layerOf({ n, scaled }, buffer, start) {
  return {
    values: scaled ? new Float32Array(buffer, start, n) : null,
    group: new Uint16Array(buffer, start + (scaled ? 4 * n : 0), n),
  };
}

function boundsOf(xy) {
  const box = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity };
  for (let i = 0; i < xy.length; i += 2) {
    box.left = Math.min(box.left, xy[i]);
    box.right = Math.max(box.right, xy[i]);
    box.bottom = Math.min(box.bottom, xy[i + 1]);
    box.top = Math.max(box.top, xy[i + 1]);
  }
  return box;
}

/** A grid of about two points a cell: `rows` sorted by cell, and where in it each cell starts. */
function index({ n, xy, box }) {
  const across = Math.max(1, Math.ceil(Math.sqrt(n / 2)));
  const size = Math.max(box.right - box.left, box.top - box.bottom, 1e-30) / across;
  const cells = { across, size, starts: new Uint32Array(across * across + 1), rows: new Uint32Array(n) };
  const of = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    of[i] = cellOf(cells, xy[2 * i + 1] - box.bottom) * across + cellOf(cells, xy[2 * i] - box.left);
    cells.starts[of[i] + 1]++;
  }
  for (let c = 0; c < across * across; c++) cells.starts[c + 1] += cells.starts[c];
  const next = cells.starts.slice();
  for (let i = 0; i < n; i++) cells.rows[next[of[i]]++] = i;
  return cells;
}

function cellOf({ across, size }, distance) {
  return Math.min(across - 1, Math.max(0, Math.floor(distance / size)));
}

/** The point nearest to a place, at most `radius` away and shown; -1 where there is none. */
function nearest({ xy, box, cells }, shows, x, y, radius) {
  let best = -1;
  let least = radius * radius;
  const [left, right] = [cellOf(cells, x - radius - box.left), cellOf(cells, x + radius - box.left)];
  const [bottom, top] = [cellOf(cells, y - radius - box.bottom), cellOf(cells, y + radius - box.bottom)];
  for (let row = bottom; row <= top; row++) {
    const end = cells.starts[row * cells.across + right + 1];
    for (let k = cells.starts[row * cells.across + left]; k < end; k++) {
      const i = cells.rows[k];
      const distance = (xy[2 * i] - x) ** 2 + (xy[2 * i + 1] - y) ** 2;
      if (distance <= least && shows(i)) [best, least] = [i, distance];
    }
  }
  return best;
}

/** The points inside a polygon [x0, y0, x1, y1, ...] that are shown. */
function within({ n, xy }, shows, polygon) {
  const box = boundsOf(polygon);
  const rows = [];
  for (let i = 0; i < n; i++) {
    const [x, y] = [xy[2 * i], xy[2 * i + 1]];
    if (x < box.left || x > box.right || y < box.bottom || y > box.top || !shows(i)) continue;
    if (encloses(polygon, x, y)) rows.push(i);
  }
  return rows;
}

/** Whether a ray to the right crosses the outline an odd number of times. */
function encloses(polygon, x, y) {
  let inside = false;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2) {
    const [xi, yi, xj, yj] = [polygon[i], polygon[i + 1], polygon[j], polygon[j + 1]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
