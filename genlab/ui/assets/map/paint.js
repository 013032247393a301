// The lower layer: grid, points, pictures as marks. Points are blended into pixels by hand, which without a graphics
// card is several times as fast as one drawing command a point, and takes the same time with one.

/** Outlines of marks, in units of a mark's radius. */
const MARKS = {
  circle: "M1 0A1 1 0 1 1-1 0A1 1 0 1 1 1 0Z",
  diamond: "M0-1.3L1.3 0 0 1.3-1.3 0Z",
  square: "M-.9-.9H.9V.9H-.9Z",
  cross: "M-.4-1.2H.4V-.4H1.2V.4H.4V1.2H-.4V.4H-1.2V-.4H-.4Z",
  x: "M0-.57L.57-1.13 1.13-.57 .57 0 1.13.57 .57 1.13 0 .57-.57 1.13-1.13.57-.57 0-1.13-.57-.57-1.13Z",
};
const FADED = 0.13;

/** A mark as the pixels it covers: their offsets in a row-major buffer `stride` wide, and how much (0 to 256). */
function stamp(mark, open, radius, strength, stride) {
  const reach = Math.ceil(1.3 * radius + 1.5);
  const side = 2 * reach + 1;
  const pen = new OffscreenCanvas(side, side).getContext("2d", { willReadFrequently: true });
  pen.translate(reach + 0.5, reach + 0.5);
  pen.scale(radius, radius);
  pen.lineWidth = Math.max(0.45, 1.2 / radius);
  pen[open ? "stroke" : "fill"](new Path2D(MARKS[mark]));
  const alpha = pen.getImageData(0, 0, side, side).data;
  const covered = [];
  for (let k = 0; k < side * side; k++) if (alpha[4 * k + 3] > 8) covered.push(k);
  return {
    offsets: Int32Array.from(covered, (k) => 4 * ((Math.floor(k / side) - reach) * stride + (k % side) - reach)),
    weights: Int32Array.from(covered, (k) => Math.round((strength * 256 * alpha[4 * k + 3]) / 255)),
  };
}

/** Radius of a mark in pixels of the page: smaller the more points there are, larger the closer one looks. */
function radiusOf(view) {
  const alone = Math.min(4, Math.max(1.5, 5 - 0.75 * Math.log10(view.cloud.n)));
  return Math.min(6, alone * Math.max(1, zoomOf(view)) ** 0.3);
}

function paintPoints(view) {
  const { cloud, ratio, pixels, pad, stride } = view;
  const radius = Math.round(4 * radiusOf(view) * ratio) / 4;
  const stamps = (size, strength) =>
    view.groups.map(({ mark, open }) => stamp(mark, open, size, open ? 0.85 * strength : strength, stride));
  const usual = stamps(radius, view.chosen.size ? FADED : 0.85);
  const chosen = view.chosen.size ? stamps(radius * 1.25, 1) : usual;
  paintPaper(view);
  paintLattice(view);
  const { shows, layer: { group } } = view;
  const put = putter(view, pixels.data, stride, pad);
  for (let k = 0, i = 0; k < cloud.n; k++, i = (i + view.leap) % cloud.n) if (shows(i)) put(i, usual[group[i]]);
  for (const i of view.chosen) if (shows(i)) put(i, chosen[group[i]]);
  view.lower.putImageData(pixels, -pad, -pad);
}

/** Blends stamps into pixels. The buffer is wider than the view by `pad` on each side, so no stamp has to be cut. */
function putter(view, data, stride, pad) {
  const { xy } = view.cloud;
  const { camera, ratio, colours, tint } = view;
  const scale = camera.scale * ratio;
  const [right, bottom] = [view.lower.canvas.width, view.lower.canvas.height];
  const [left, top] = [right / 2 - camera.x * scale, bottom / 2 + camera.y * scale];
  return (i, { offsets, weights }) => {
    const x = Math.floor(left + xy[2 * i] * scale);
    const y = Math.floor(top - xy[2 * i + 1] * scale);
    if (x < 0 || y < 0 || x >= right || y >= bottom) return;
    const at = 4 * ((y + pad) * stride + x + pad);
    const [red, green, blue] = colours[tint[i]];
    for (let k = 0; k < offsets.length; k++) {
      const o = at + offsets[k];
      const w = weights[k];
      data[o] += ((red - data[o]) * w) >> 8;
      data[o + 1] += ((green - data[o + 1]) * w) >> 8;
      data[o + 2] += ((blue - data[o + 2]) * w) >> 8;
    }
  };
}

function paintPaper(view) {
  const { words, pad, stride, ratio } = view;
  words.fill(view.ink.paper);
  const lines = gridLines(view);
  for (const [, y] of lines.y) {
    const row = (Math.floor(y * ratio) + pad) * stride;
    words.fill(view.ink.grid, row, row + stride);
  }
  for (const [, x] of lines.x) {
    for (let at = Math.floor(x * ratio) + pad; at < words.length; at += stride) words[at] = view.ink.grid;
  }
}

/** A number coprime to n near its golden section: steps of it visit all points, and no group covers the others. */
function leapFor(n) {
  const divisor = (a, b) => (b ? divisor(b, a % b) : a);
  let leap = Math.max(1, Math.round(n * 0.618));
  while (divisor(n, leap) !== 1) leap++;
  return leap;
}
