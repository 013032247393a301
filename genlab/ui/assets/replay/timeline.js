// The time line: play and pause, what the cursor says, the slider, and ticks where something happened.

const THUMB = 9; // half the slider's thumb: its middle never comes nearer to an end
const PLAY = "M8 5.5v13l11-6.5z";
const PAUSE = "M7 5h3.6v14H7zM13.4 5H17v14h-3.6z";
const TICKS = {
  snapshot: (x) => `<path d="M${x} 20v5" class="snapshot"/>`,
  checkpoint: (x) => `<circle cx="${x}" cy="14" r="3.2" class="checkpoint"/>`,
  score: (x) => `<path d="M${x} 1l4 4-4 4-4-4z" class="scored"/>`,
};

function listenToTime(view) {
  const { find } = view;
  find(".toggle").addEventListener("click", () => view.story && toggle(view));
  find("select").addEventListener("change", (event) => (view.speed = Number(event.target.value)));
  const slider = find(".slider");
  slider.addEventListener("input", () => {
    if (view.playing) pause(view);
    moveTo(view, slider.valueAsNumber);
  });
  view.body.addEventListener("keydown", (event) => typed(view, event));
}

/** All of the time line that does not move: range, ticks, key, verdicts. */
function drawTimeline(view) {
  const { story, said, scores, verdicts, find } = view;
  const slider = find(".slider");
  [slider.min, slider.max, slider.disabled] = [story.first, story.last, story.first === story.last];
  find(".toggle").disabled = slider.disabled;
  const svg = find(".ticks");
  const width = find(".track").clientWidth;
  svg.setAttribute("viewBox", `0 0 ${width} 26`);
  const x = (step) => (THUMB + (width - 2 * THUMB) * shareOf(story, step)).toFixed(1);
  const told = (words, step) => fill(words, { step: number(step) });
  const marks = [
    ...story.samples.map(({ step }) => TICKS.snapshot(x(step))),
    ...verdicts.map(({ first, last, severity }) => `<path d="M${x(first)} 25H${Math.max(x(last), Number(x(first)) + 4)}" class="${severity}"/>`),
    ...story.checkpoints.map((step) => titled(TICKS.checkpoint(x(step)), told(said.checkpoint, step))),
    ...(scores?.sheets ?? []).map(({ step, shown }) => titled(TICKS.score(x(step)), `${scores.name} ${shown} · ${told(said.at, step)}`)),
  ];
  svg.innerHTML = marks.join("");
  const kinds = { snapshot: [story.samples, 16], checkpoint: [story.checkpoints, 8], score: [scores?.sheets ?? [], -1] };
  const shown = Object.entries(kinds).filter(([, [all]]) => all.length);
  find(".key").innerHTML = shown.map(([kind, [, top]]) => `<span><svg viewBox="0 ${top} 12 12" aria-hidden="true">${TICKS[kind](6)}</svg>${safe(said.legend[kind])}</span>`).join("");
  drawVerdicts(view);
}

function titled(shape, title) {
  return shape.replace("/>", `><title>${safe(title)}</title>`) + (shape.startsWith("<circle") ? "</circle>" : "</path>");
}

/** A row a verdict, which goes to where it speaks of; it stands out while the cursor is there. */
function drawVerdicts(view) {
  const rows = view.verdicts.map((verdict) => {
    const row = document.createElement("button");
    row.type = "button";
    row.dataset.severity = verdict.severity;
    row.innerHTML = "<b></b> <span></span>";
    row.querySelector("b").textContent = verdict.title;
    row.querySelector("span").textContent = verdict.told;
    row.addEventListener("click", () => moveTo(view, verdict.first));
    return row;
  });
  view.find(".verdicts").replaceChildren(...rows);
}

function showToggle({ find, said, playing }) {
  const button = find(".toggle");
  button.querySelector("path").setAttribute("d", playing ? PAUSE : PLAY);
  button.title = button.ariaLabel = playing ? said.pause : said.play;
}

/** What the time line says at the cursor. */
function showTime(view) {
  const { story, said, find, at } = view;
  const { step: steps, images, seconds } = story.curves;
  const slider = find(".slider");
  slider.value = at;
  slider.style.setProperty("--share", shareOf(story, at));
  slider.setAttribute("aria-valuetext", fill(said.cursor, { step: number(at), last: number(story.last) }));
  find(".step").textContent = number(at);
  const known = steps.length > 0;
  const drawn = known && valueAt(steps, images, at);
  const passed = known && valueAt(steps, seconds, at);
  find(".images").textContent = Number.isFinite(drawn) ? fill(said.images, { n: number(drawn) }) : "";
  find(".seconds").textContent = Number.isFinite(passed) ? fill(said.seconds, { n: passed.toFixed(passed < 10 ? 1 : 0) }) : "";
  [...find(".verdicts").children].forEach((row, k) => {
    row.dataset.now = String(view.verdicts[k].first <= at && at <= view.verdicts[k].last);
  });
}

/** How much of the run lies before a step, 0 to 1. */
function shareOf({ first, last }, step) {
  return last > first ? (step - first) / (last - first) : 0;
}

function number(value) {
  return Math.round(value).toLocaleString("en-US");
}

function fill(words, values) {
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Text as it stands in HTML. */
function safe(text) {
  const box = document.createElement("span");
  box.textContent = text;
  return box.innerHTML;
}
