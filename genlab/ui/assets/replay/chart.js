// A line chart over the step whose past is bright and whose future is faint; a click in it moves the cursor.

const GUTTER = { left: 42, right: 12, top: 8, bottom: 18 };
const CHART_HEIGHT = 116;
let charts = 0;

/**
 * Draw a chart into an SVG and keep with it what moves: `clip`, the past, and `line`, the cursor.
 * `lines` are `{ colour, points: [[step, value], ...] }`; `dots` are single values.
 */
function drawChart(view, svg, { lines, dots = [] }) {
  const width = svg.clientWidth || 300;
  const [from, to] = [GUTTER.left, width - GUTTER.right];
  const x = (step) => from + (to - from) * shareOf(view.story, step);
  const values = [...lines.flatMap(({ points }) => points.map(([, value]) => value)), ...dots.map(({ value }) => value)];
  const [low, high] = spread(Math.min(...values), Math.max(...values));
  const floor = CHART_HEIGHT - GUTTER.bottom;
  const y = (value) => floor - ((floor - GUTTER.top) * (value - low)) / (high - low);
  const id = `past-${(charts += 1)}`;
  const drawn = lines.map(({ colour, points }) => `<path d="${pathOf(points, x, y)}" stroke="${colour}"/>`).join("");
  const grid = ticksOf(low, high, 4).map((value) => `<path d="M${from} ${y(value)}H${to}"/><text x="${from - 6}" y="${y(value) + 3.5}">${short(value)}</text>`);
  const steps = ticksOf(view.story.first, view.story.last, Math.max(2, Math.floor(width / 120)));
  const across = steps.map((step) => `<text x="${x(step)}" y="${CHART_HEIGHT - 4}">${number(step)}</text>`);
  svg.setAttribute("viewBox", `0 0 ${width} ${CHART_HEIGHT}`);
  svg.innerHTML = `<g class="grid">${grid.join("")}</g><g class="across">${across.join("")}</g>
    <clipPath id="${id}"><rect y="0" height="${CHART_HEIGHT}" x="0"/></clipPath>
    <g class="lines future">${drawn}</g><g class="lines" clip-path="url(#${id})">${drawn}</g>
    <g class="dots">${dots.map(({ step, value, best }) => dotOf(x(step), y(value), best)).join("")}</g>
    <path class="cursor" d="M0 ${GUTTER.top - 4}V${floor}"/>`;
  const marks = [...svg.querySelectorAll(".dots path")].map((mark, k) => ({ mark, step: dots[k].step }));
  return { svg, x, marks, clip: svg.querySelector("rect"), line: svg.querySelector(".cursor"), step: (px) => view.story.first + ((px - from) / (to - from)) * (view.story.last - view.story.first) };
}

/** Move a chart's cursor, and what lies before it, to a step. */
function moveChart({ x, clip, line, marks }, at) {
  const px = x(at).toFixed(1);
  clip.setAttribute("width", px);
  line.setAttribute("transform", `translate(${px} 0)`);
  for (const { mark, step } of marks) mark.classList.toggle("future", step > at);
}

/** Pressing and dragging in a chart moves the cursor. */
function listenToChart(view, svg, chartOf) {
  const go = (event) => moveTo(view, chartOf().step(event.clientX - svg.getBoundingClientRect().left));
  svg.addEventListener("pointerdown", (event) => {
    if (event.button > 0 || !view.story) return;
    if (view.playing) pause(view);
    svg.setPointerCapture(event.pointerId);
    view.dragging = true;
    go(event);
  });
  svg.addEventListener("pointermove", (event) => view.dragging && svg.hasPointerCapture(event.pointerId) && go(event));
  const end = () => {
    if (!view.dragging) return;
    view.dragging = false;
    moveTo(view, view.at);
  };
  svg.addEventListener("pointerup", end);
  svg.addEventListener("pointercancel", end);
}

function pathOf(points, x, y) {
  return points.map(([step, value], i) => `${i ? "L" : "M"}${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join("");
}

function dotOf(x, y, best) {
  const star = "M0-7L1.9-2.2 7-2.2 2.9.9 4.4 5.8 0 2.9-4.4 5.8-2.9.9-7-2.2-1.9-2.2Z";
  return `<path transform="translate(${x.toFixed(1)} ${y.toFixed(1)})" d="${best ? star : "M0-4.5L4.5 0 0 4.5-4.5 0Z"}"/>`;
}

function spread(low, high) {
  const room = (high - low || Math.abs(low) || 1) * 0.06;
  return [low - room, high + room];
}

/** About so many round numbers between two others: multiples of 1, 2 or 5 times a power of ten. */
function ticksOf(low, high, about) {
  if (!(high > low)) return [low];
  const power = 10 ** Math.floor(Math.log10((high - low) / about));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => (high - low) / size <= about + 0.5);
  const ticks = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) ticks.push(i * step);
  return ticks;
}

/** A number as short as it can be told. */
function short(value) {
  if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential(0);
  return Math.abs(value) >= 1000 ? number(value) : String(Number(value.toPrecision(3)));
}
