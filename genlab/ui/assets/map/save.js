// What is seen as a picture to take away, with all that tells what it is: the script's own copy of what the page says.

const EDGE = 30; // beside the map, for what the axis up means
const LINE = 18;
const TITLE = "600 16px";
const PLAIN = "12px";

/** The map as a PNG for the visitor's disk. */
async function save(view) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await composed(view).convertToBlob());
  link.download = `${view.about.file}.png`;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Title and figures above what is seen, the meaning of the axes beside it, that of the colours below. */
function composed(view) {
  const { ratio, width, height, about, ink } = view;
  const whole = new OffscreenCanvas(1, 1);
  const pen = whole.getContext("2d");
  const lines = [[about.title, TITLE], [about.points, PLAIN], [about.figures, PLAIN]].flatMap(([text, font]) =>
    wrapped(pen, text, `${font} ${ink.font}`, width));
  const top = (lines.length + 0.5) * LINE;
  const signs = view.scale ? [] : placedSigns(pen, view);
  const below = top + height + LINE;
  const deepest = view.scale ? 0 : Math.max(0, ...signs.map(({ row }) => row));
  whole.width = (width + 1.5 * EDGE) * ratio;
  whole.height = (below + (deepest + 2) * LINE) * ratio;
  pen.scale(ratio, ratio);
  pen.fillStyle = ink.page;
  pen.fillRect(0, 0, whole.width, whole.height);
  pen.fillStyle = ink.text;
  lines.forEach(({ text, font }, k) => write(pen, text, EDGE, (k + 1) * LINE, font));
  for (const { canvas } of [view.lower, view.upper]) pen.drawImage(canvas, EDGE, top, width, height);
  writeAxes(pen, view, top);
  if (view.scale) drawBar(pen, view, below + LINE);
  for (const sign of signs) drawSign(pen, view, sign, below + (sign.row + 1) * LINE);
  return whole;
}

function write(pen, text, x, y, font, align = "left") {
  Object.assign(pen, { font, textAlign: align });
  pen.fillText(text, x, y);
}

/** A text in lines of at most `room` pixels; Chinese may be broken anywhere. */
function wrapped(pen, text, font, room) {
  pen.font = font;
  const lines = [""];
  for (const part of text.split(/(?<=\s)|(?=[\u3000-\u9fff])/)) {
    if (lines.at(-1) && pen.measureText(lines.at(-1) + part).width > room) lines.push("");
    lines[lines.length - 1] += part;
  }
  return lines.map((line) => ({ text: line, font }));
}

function writeAxes(pen, view, top) {
  const [across, up] = view.axes;
  const font = `${PLAIN} ${view.ink.font}`;
  write(pen, across, EDGE + view.width / 2, top + view.height + 0.8 * LINE, font, "center");
  pen.save();
  pen.translate(0.65 * EDGE, top + view.height / 2);
  pen.rotate(-Math.PI / 2);
  write(pen, up, 0, 0, font, "center");
  pen.restore();
}

/** The groups that are shown, and where in the legend each stands. */
function placedSigns(pen, view) {
  pen.font = `${PLAIN} ${view.ink.font}`;
  let [x, row] = [0, 0];
  return view.groups.filter((_, k) => !view.hidden.has(k)).map((group) => {
    const text = `${group.name} (${group.count})`;
    const span = 16 + pen.measureText(text).width + 16;
    if (x > 0 && x + span > view.width) [x, row] = [0, row + 1];
    x += span;
    return { group, text, row, x: x - span };
  });
}

function drawSign(pen, view, { group, text, x }, y) {
  pen.save();
  pen.translate(EDGE + x + 6, y - 4);
  pen.scale(5, 5);
  pen.lineWidth = 0.4;
  pen.fillStyle = pen.strokeStyle = group.colour;
  pen[group.open ? "stroke" : "fill"](new Path2D(MARKS[group.mark]));
  pen.restore();
  write(pen, text, EDGE + x + 16, y, `${PLAIN} ${view.ink.font}`);
}

/** The colours of numbers, from low to high. */
function drawBar(pen, view, y) {
  const { scale, ink } = view;
  const font = `${PLAIN} ${ink.font}`;
  write(pen, `${scale.name}   ${scale.ends[0]}`, EDGE, y, font);
  const left = EDGE + pen.measureText(`${scale.name}   ${scale.ends[0]}  `).width;
  const colours = scaleColours(view);
  const fill = pen.createLinearGradient(left, 0, left + 220, 0);
  colours.forEach((colour, k) => fill.addColorStop(k / (colours.length - 1), colour));
  pen.fillStyle = fill;
  pen.fillRect(left, y - 10, 220, 12);
  pen.fillStyle = ink.text;
  write(pen, scale.ends[1], left + 228, y, font);
}
