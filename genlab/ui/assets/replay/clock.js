// The cursor of time: one step, which everything on the player shows. It plays, it is moved, it comes to rest.

const WHOLE_SECONDS = 12; // how long a run plays at speed 1
const REST_MS = 350; // a cursor that has not moved for so long is at rest
const LEAST_STOP_MS = 300;

const calm = matchMedia("(prefers-reduced-motion: reduce)");

function toggle(view) {
  if (view.playing) pause(view);
  else play(view);
}

function play(view) {
  const { first, last } = view.story;
  if (first === last) return;
  if (view.at >= last) view.at = first;
  Object.assign(view, { playing: true, ticked: performance.now() });
  showToggle(view);
  requestAnimationFrame((now) => tick(view, now));
}

function pause(view) {
  view.playing = false;
  showToggle(view);
  moveTo(view, view.at);
}

/** One frame of playing: go on by the time that has passed, or where motion is not wanted, from stop to stop. */
function tick(view, now) {
  if (!view.playing || !view.body.isConnected) return;
  const { first, last } = view.story;
  const passed = now - view.ticked;
  if (!calm.matches) {
    view.at = Math.min(last, view.at + ((last - first) * view.speed * Math.min(passed, 250)) / (1000 * WHOLE_SECONDS));
    view.ticked = now;
  } else if (passed >= Math.max(LEAST_STOP_MS, (1000 * WHOLE_SECONDS) / view.stops.length) / view.speed) {
    view.at = view.stops.find((stop) => stop > view.at) ?? last;
    view.ticked = now;
  }
  draw(view);
  if (view.at >= last) pause(view);
  else requestAnimationFrame((later) => tick(view, later));
}

/** Put the cursor on a step, whole and inside the run, and tell Python once it rests there. */
function moveTo(view, step) {
  const { first, last } = view.story;
  view.at = Math.round(Math.min(last, Math.max(first, step)));
  if (!view.due) view.due = requestAnimationFrame(() => draw(view));
  clearTimeout(view.resting);
  view.resting = setTimeout(() => rest(view), REST_MS);
}

function rest(view) {
  if (view.playing || view.dragging || view.at === view.told) return;
  view.told = view.at;
  view.sent.add(view.at);
  view.send("rested", view.at);
}

/** Move by stops: to the next place where anything changes, or so many of them further. */
function moveBy(view, count) {
  const { stops, at } = view;
  const i = count > 0 ? stops.findIndex((stop) => stop > at) : stops.findLastIndex((stop) => stop < at);
  if (i < 0) return;
  moveTo(view, stops[Math.min(stops.length - 1, Math.max(0, i + count - Math.sign(count)))]);
}

/** Where the arrow keys stop: maps, snapshots and scores. */
function stopsOf({ first, last, samples, checkpoints }, scores) {
  const steps = [first, last, ...samples.map(({ step }) => step), ...checkpoints, ...(scores?.sheets ?? []).map(({ step }) => step)];
  return [...new Set(steps)].sort((a, b) => a - b);
}

/** A key anywhere on the player; what it means nothing to goes its usual way. */
function typed(view, event) {
  if (!view.story || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.composedPath()[0];
  if (target.tagName === "SELECT" || (target.tagName === "BUTTON" && (event.key === " " || event.key === "Enter"))) return;
  const far = event.shiftKey ? 5 : 1;
  const acts = {
    " ": () => toggle(view),
    ArrowLeft: () => moveBy(view, -far),
    ArrowDown: () => moveBy(view, -far),
    ArrowRight: () => moveBy(view, far),
    ArrowUp: () => moveBy(view, far),
    Home: () => moveTo(view, view.story.first),
    End: () => moveTo(view, view.story.last),
  };
  if (!acts[event.key]) return;
  event.preventDefault();
  event.stopPropagation(); // the page has keys of its own
  if (event.key !== " " && view.playing) pause(view);
  acts[event.key]();
}
