// The component: mounted once with the bytes of a story, which it keeps, and once with words and a step, which it shows.

/** Views by the element they live in: Streamlit calls anew whenever data or the theme change. */
const views = new Map();

export default function ({ data, parentElement, setTriggerValue }) {
  if (data instanceof Uint8Array) {
    receive(data, tell);
    return;
  }
  if (!views.has(parentElement)) views.set(parentElement, build(parentElement));
  const view = views.get(parentElement);
  view.send = setTriggerValue;
  update(view, data);
}

/** Hand a story that has come to the views that show it; views that have left the page are forgotten. */
function tell(story) {
  for (const [element, view] of views) {
    if (!view.body.isConnected) views.delete(element);
    else if (view.key === story.key) adopt(view, story);
  }
}

/** The elements of a view, and its state before anything is known of the run. */
function build(root) {
  root.append(root.querySelector("template").content.cloneNode(true));
  const body = root.querySelector(".replay");
  const find = (selector) => body.querySelector(selector);
  const view = {
    body, find, pen: find(".map canvas").getContext("2d"), story: null, key: "", at: 0, told: null, heard: null, sent: new Set(),
    playing: false, dragging: false, speed: 1, stops: [], groups: [], members: [], hidden: new Set(), hovered: -1,
    charts: [], scoreChart: null, width: 0, laidOut: 0, due: 0, resting: 0,
  };
  listenToTime(view);
  listenToMap(view);
  listenToChart(view, find(".scores .chart"), () => view.scoreChart);
  new ResizeObserver(() => view.laidOut !== body.clientWidth && layOut(view)).observe(body); // height follows from width
  return view;
}

/** Take over what Python says; its step counts where it is news and not the echo of one that was sent. */
function update(view, { key, step, words, ...rest }) {
  Object.assign(view, rest, { said: words });
  view.find(".time").ariaLabel = words.keys;
  view.find(".slider").ariaLabel = words.step_axis;
  view.find(".speed span").textContent = words.speed;
  view.find(".of").textContent = words.of;
  view.find(".map .legend").ariaLabel = words.groups;
  const isNews = step !== view.heard; // Streamlit also calls with what it said before
  view.heard = step;
  if (isNews && !view.sent.has(step)) Object.assign(view, { told: step, at: step, playing: false });
  else if (isNews && step === view.told) view.sent.clear();
  view.key = key;
  if (stories.has(key)) adopt(view, stories.get(key));
}

/** The story is there, or more of it: show it at the cursor. */
function adopt(view, story) {
  if (view.story !== story) Object.assign(view, { story, places: null, past: null, sample: null, hovered: -1 });
  view.at = Math.min(story.last, Math.max(story.first, view.at));
  view.stops = stopsOf(story, view.scores);
  view.members = view.groups.map(() => []);
  story.map?.group.forEach((k, i) => view.members[k]?.push(i));
  takeInk(view);
  drawLegend(view);
  showToggle(view);
  layOut(view);
}

/** The colours and the letters of the page, for what is drawn by hand. */
function takeInk(view) {
  const style = getComputedStyle(view.body);
  const of = (name) => style.getPropertyValue(name);
  view.ink = { page: of("--st-background-color"), text: of("--st-text-color"), font: style.fontFamily };
}

/** Draw everything for the size that the player has. */
function layOut(view) {
  if (!view.story || !view.body.clientWidth) return;
  view.laidOut = view.body.clientWidth;
  drawTimeline(view);
  drawPanels(view);
  resizeStage(view);
  draw(view);
}

/** Show the cursor's step everywhere: the one place where all panels move together. */
function draw(view) {
  view.due = 0;
  if (!view.story) return;
  showTime(view);
  paintMap(view);
  if (view.story.map) view.find(".map .note").textContent = mapTold(view);
  showSample(view);
  showCurves(view);
  showScores(view);
  if (view.story.ready) view.body.dataset.ready = ""; // for tests: all is there, and drawn
}
