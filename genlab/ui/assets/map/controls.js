// What a person does: pointer, wheel, fingers, keys and buttons.

const REACH = 14; // how near the pointer has to be to a point, in pixels of the page
const STILL = 4; // a press that moves less is a click
const WHEEL = 0.0016;

function listen(view) {
  const on = (name, act, options) => // until the points are there, nothing can be done with them
    view.stage.addEventListener(name, (event) => (view.camera ? act(view, event) : undefined), options);
  on("pointerdown", press);
  on("pointermove", move);
  on("pointerup", release);
  on("pointercancel", forget);
  on("pointerleave", (_, event) => event.pointerType !== "touch" && point(view, -1, null)); // a tap's card stays
  on("keydown", typed);
  on("blur", () => view.refresh({ byKey: false }));
  on("wheel", wheel, { passive: false });
  for (const button of view.tools.querySelectorAll("button")) {
    button.addEventListener("click", () => view.camera && use(view, button.dataset.tool));
  }
}

function wheel(view, event) {
  event.preventDefault();
  const pixels = event.deltaY * [1, 16, view.height][event.deltaMode];
  zoomAt(view, Math.exp(-pixels * (event.ctrlKey ? 6 : 1) * WHEEL), ...at(view, event)); // Ctrl: a pinch on a touchpad
  view.repaint();
}

function at(view, event) {
  const box = view.stage.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

function press(view, event) {
  if (event.button > 0) return;
  view.stage.setPointerCapture(event.pointerId);
  const place = at(view, event);
  view.fingers.set(event.pointerId, place);
  view.byKey = false;
  const tool = event.shiftKey ? "lasso" : view.tool;
  view.press = view.fingers.size > 1 ? null : { tool, from: place, moved: false, add: event.shiftKey };
  if (view.fingers.size > 1) view.outline = null;
}

function move(view, event) {
  const place = at(view, event);
  const before = view.fingers.get(event.pointerId);
  if (!before) return event.pointerType === "touch" ? undefined : hover(view, place);
  if (view.fingers.size > 1) return pinch(view, event.pointerId, place);
  if (!view.press) return view.fingers.set(event.pointerId, place);
  const { press } = view;
  press.moved ||= Math.hypot(place[0] - press.from[0], place[1] - press.from[1]) > STILL;
  if (!press.moved) return undefined;
  point(view, -1, null);
  if (press.tool === "pan") panBy(view, place[0] - before[0], place[1] - before[1]);
  else view.outline = outlined(view, press, place);
  view.fingers.set(event.pointerId, place);
  return press.tool === "pan" ? view.repaint() : view.refresh();
}

/** Two fingers: what was under them stays under them. */
function pinch(view, id, place) {
  const [other] = [...view.fingers].filter(([finger]) => finger !== id).map(([, where]) => where);
  const before = view.fingers.get(id);
  const spread = ([x, y]) => Math.max(1, Math.hypot(x - other[0], y - other[1]));
  const middle = ([x, y]) => [(x + other[0]) / 2, (y + other[1]) / 2];
  const [from, to] = [middle(before), middle(place)];
  panBy(view, to[0] - from[0], to[1] - from[1]);
  zoomAt(view, spread(place) / spread(before), ...to);
  view.fingers.set(id, place);
  view.repaint();
}

/** The outline so far, in places of the map: a box from where the press began, or a lasso with one more corner. */
function outlined(view, { tool, from }, [x, y]) {
  if (tool === "box") return [from, [x, from[1]], [x, y], [from[0], y]].flatMap((corner) => toMap(view, ...corner));
  const path = view.outline ?? toMap(view, ...from);
  const last = toScreen(view, ...path.slice(-2));
  return Math.hypot(x - last[0], y - last[1]) < 3 ? path : [...path, ...toMap(view, x, y)];
}

function release(view, event) {
  const { press, outline } = view;
  if (view.fingers.has(event.pointerId) && press) {
    if (outline) select(view, within(view.cloud, view.shows, outline));
    else if (!press.moved) clickAt(view, at(view, event), press.add);
  }
  forget(view, event);
}

function forget(view, event) {
  view.fingers.delete(event.pointerId);
  view.press = null;
  view.outline = null;
  view.refresh();
}

/** The point at a pixel: the one whose picture is there, else the nearest within reach; -1 where there is none. */
function pointAt(view, px, py) {
  const seen = pictureAt(view, px, py);
  return seen >= 0 ? seen : nearest(view.cloud, view.shows, ...toMap(view, px, py), REACH / view.camera.scale);
}

function hover(view, place) {
  const i = pointAt(view, ...place);
  point(view, i, i < 0 && canDecode(view) ? toMap(view, ...place) : null);
}

/** Point at a point (-1 for none) or at a place between them (null for none). */
function point(view, i, place) {
  if (i !== view.hovered) {
    view.refresh({ hovered: i });
    echo(view, i);
  }
  if (place || view.place) pointPlace(view, place);
}

/** Select the point that is there, or tell of the place where none is. */
function clickAt(view, place, add) {
  hover(view, place); // fingers do not: a tap shows the picture as well
  if (view.hovered >= 0) click(view, view.hovered, add);
  else if (view.trails.clicks) view.send("placed", toMap(view, ...place));
}

/** Select a point alone, or with Shift add it to what is selected or take it out. */
function click(view, i, add) {
  if (i < 0) return;
  const rows = new Set(add ? view.chosen : []);
  if (!rows.delete(i)) rows.add(i);
  select(view, [...rows]);
}

function select(view, rows) {
  view.chosen = new Set(rows);
  view.send("selected", rows);
  spread(view, rows);
  view.repaint();
}

/** A key on the map; what it means nothing to goes its usual way. */
function typed(view, event) {
  const step = 60;
  const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
  const zooms = { "+": 1.3, "=": 1.3, "-": 1 / 1.3, _: 1 / 1.3 };
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (moves[event.key]) panBy(view, ...moves[event.key]);
  else if (zooms[event.key]) zoomAt(view, zooms[event.key]);
  else if (event.key === "0") view.camera = { ...view.whole };
  else if (event.key === "Escape") return escape(view);
  else if (event.key !== "Enter" && event.key !== " ") return undefined;
  event.preventDefault();
  const i = middleOf(view);
  if (event.key === "Enter" || event.key === " ") click(view, i, event.shiftKey);
  point(view, i, null);
  view.byKey = true;
  view.status.textContent = i < 0 ? "" : `${view.said.point} ${i} · ${groupOf(view, i).name}`;
  return view.repaint();
}

/** The point nearest to the middle of the view; -1 where none is in view. */
function middleOf({ cloud, shows, camera, width, height }) {
  return nearest(cloud, shows, camera.x, camera.y, Math.min(width, height) / 2 / camera.scale);
}

function escape(view) {
  if (view.outline) {
    view.press = view.outline = null;
    return view.refresh();
  }
  view.chosen = new Set();
  view.send("cleared", true);
  spread(view, []);
  return view.repaint();
}

function use(view, tool) {
  if (tool === "in") zoomAt(view, 1.5);
  else if (tool === "out") zoomAt(view, 1 / 1.5);
  else if (tool === "fit") view.camera = { ...view.whole };
  else if (tool === "save") return void save(view);
  else if (FLAGS.includes(tool)) view[tool] = !view[tool];
  else view.tool = tool;
  pressTools(view);
  view.repaint();
}

/** The buttons of the toolbar as they are: which way of drawing, and what is shown besides points. */
function pressTools(view) {
  for (const button of view.tools.querySelectorAll("[aria-pressed]")) {
    const { tool: own } = button.dataset;
    button.ariaPressed = String(FLAGS.includes(own) ? view[own] : own === view.tool);
  }
  view.stage.dataset.tool = view.tool;
}
