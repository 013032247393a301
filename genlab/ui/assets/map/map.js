// The component: mounted once with the bytes of a map, which it keeps, and once with words and selection, which it shows.

const ICONS = {
  pan: "M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3",
  lasso: "M7 16C1 13 2 4 12 4s12 9 3 11c-4 1-9-1-9 2s5 1 4 4",
  box: "M4 4h3M10 4h4M17 4h3v3M20 10v4M20 17v3h-3M14 20h-4M7 20H4v-3M4 14v-4M4 7V4",
  in: "M12 5v14M5 12h14",
  out: "M5 12h14",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  pictures: "M4 4h16v16H4zM4 16l5-5 4 4 3-3 4 4M15.5 8.5v.01",
  near: "M12 12L5 5M12 12l8-5M12 12l-6 7M12 12l7 6M12 12v.01M5 5v.01M20 7v.01M6 19v.01M19 18v.01",
  lattice: "M4 4h16v16H4zM4 9.3h16M4 14.7h16M9.3 4v16M14.7 4v16",
  save: "M12 4v11M7.5 11L12 15.5 16.5 11M4 20h16",
};
const TOOLS = ["pan", "lasso", "box"];
const FLAGS = ["pictures", "near", "lattice"];

/** Views by the element they live in: Streamlit calls anew whenever data or the theme change. */
const views = new Map();
/** Where one looked, by the map's home key, and which groups were hidden, by the layer's name: all is as one left it. */
const looks = new Map();
const hiddenIn = new Map();

export default function mount({ data, parentElement, setTriggerValue }) {
  if (data instanceof Uint8Array) {
    receive(data, tell);
    return;
  }
  if (data.ear) {
    ears.set(data.ear, setTriggerValue);
    return;
  }
  if (!views.has(parentElement)) views.set(parentElement, build(parentElement));
  const view = views.get(parentElement);
  view.send = setTriggerValue;
  update(view, data);
}

/** Hand what has come, points or pictures, to the views that show it; views that have left the page are forgotten. */
function tell(name) {
  for (const [element, view] of views) {
    if (!view.stage.isConnected) views.delete(element);
    else if (view.key === name || view.cloud?.album === name) adopt(view);
  }
}

/** The elements of a view, and its state before anything is known about the map. */
function build(root) {
  root.append(root.querySelector("template").content.cloneNode(true));
  const body = root.querySelector(".map");
  const find = (selector) => body.querySelector(selector);
  const [lower, upper] = [...body.querySelectorAll(".stage > canvas")].map((canvas) => canvas.getContext("2d"));
  const view = {
    body, lower, upper, stage: find(".stage"), card: find(".card"), tools: find(".tools"), legend: find(".legend"),
    status: find(".status"), bar: find(".bar"), cloud: null, layer: null, camera: null, whole: null,
    width: 0, height: 0, ratio: 1, key: "", linked: null, echoed: -1, reported: "",
    groups: [], hidden: new Set(), chosen: new Set(), marked: [], marks: null, seen: [], hovered: -1, byKey: false,
    tool: "pan", pictures: false, near: false, lattice: false, place: null, trouble: "", fingers: new Map(), press: null, outline: null, due: "",
  };
  view.shows = (i) => !view.hidden.has(view.layer.group[i]);
  view.repaint = () => schedule(view, "all");
  view.refresh = (changes) => schedule(Object.assign(view, changes), view.due || "overlay");
  view.askLattice = newest((asked) => fetchLattice(view, asked));
  view.askPlace = newest((asked) => fetchPlace(view, asked));
  view.tools.innerHTML = Object.entries(ICONS).map(([tool, path]) =>
    `<button type="button" data-tool="${tool}"${[...TOOLS, ...FLAGS].includes(tool) ? " aria-pressed" : ""}>
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg></button>`).join("");
  new ResizeObserver(() => resize(view)).observe(view.stage);
  pressTools(view);
  listen(view);
  return view;
}

/** Take over what Python says: words, groups, selection. */
function update(view, { key, home, layer, groups, scale, axes, words, chosen, marked, overlay, param, look, shows, hides, linked, about, language }) {
  if (view.key !== key) {
    for (const flag of FLAGS) view[flag] = shows.includes(flag);
    pressTools(view);
    const reported = JSON.stringify({ look: look ?? "", shows: showsText(view), hides: hiddenText(layer, hides) });
    Object.assign(view, { told: look, reported });
  }
  Object.assign(view, { key, home, hides, painter: layer, groups, scale, axes, param, linked, about, language, said: words, chosen: new Set(chosen), marked, trails: overlay });
  view.stage.ariaLabel = [words.alt, ...overlay.marks.map(({ name }) => name)].join(", ");
  view.stage.setAttribute("aria-description", words.keys);
  view.legend.ariaLabel = words.legend;
  view.tools.ariaLabel = words.tools;
  for (const button of view.tools.querySelectorAll("button")) button.title = button.ariaLabel = words[button.dataset.tool];
  view.body.querySelectorAll(".axis").forEach((axis, k) => (axis.textContent = axes[k]));
  takeInk(view);
  view.tools.querySelector("[data-tool=lattice]").hidden = !overlay.decode;
  view.painted = layerName(key, layer);
  adopt(view);
}

/** Once points and colours are there, look at them: from where one looked before, or else as the address says. */
function adopt(view) {
  const [cloud, layer] = [clouds.get(view.key), layers.get(view.painted)];
  if (cloud) cloud.bitmaps ??= albums.get(cloud.album)?.bitmaps;
  if (!cloud?.bitmaps) delete view.stage.dataset.ready;
  if (!cloud || !layer) return void Object.assign(view, { cloud: null, layer: null, camera: null }); // on their way
  const [isNew, isRecoloured] = [view.cloud !== cloud, view.layer !== layer];
  Object.assign(view, { cloud, layer });
  tintPoints(view);
  drawScale(view);
  drawLegend(view);
  if (isNew) {
    Object.assign(view, { leap: leapFor(cloud.n), seen: [], camera: null, sheet: null, place: null, hovered: -1 });
    view.tools.querySelector("[data-tool=near]").hidden = !cloud.near;
    resize(view);
  }
  if (isNew || isRecoloured) {
    view.hidden = hiddenIn.get(view.painted) ?? new Set(view.hides);
    pressLegend(view);
  }
  view.repaint();
}

function resize(view) {
  const box = view.stage.getBoundingClientRect();
  if (!view.cloud || !box.width || !box.height) return;
  const looked = view.camera ? lookOf(view) : looks.has(view.home) ? looks.get(view.home) : lookFrom(view.told);
  [view.width, view.height, view.ratio] = [box.width, box.height, window.devicePixelRatio || 1];
  for (const { canvas } of [view.lower, view.upper]) {
    [canvas.width, canvas.height] = [Math.round(box.width * view.ratio), Math.round(box.height * view.ratio)];
  }
  view.pad = Math.ceil(12 * view.ratio) + 2;
  view.stride = view.lower.canvas.width + 2 * view.pad;
  view.pixels = new ImageData(view.stride, view.lower.canvas.height + 2 * view.pad);
  view.words = new Uint32Array(view.pixels.data.buffer);
  view.whole = fitted(view.cloud.box, view.width, view.height);
  view.marks = null;
  view.camera = { ...view.whole };
  if (looked) {
    const { scale } = fitted(looked.box ?? view.cloud.box, view.width, view.height);
    Object.assign(view.camera, { x: looked.x, y: looked.y, scale: looked.zoom * scale });
  }
  hold(view);
  view.repaint();
}

/** Where an address says to look, as Python has checked it. */
function lookFrom(text) {
  if (!text) return null;
  const [x, y, zoom] = text.split(",").map(Number);
  return { x, y, zoom };
}

/** Where one looks, whatever the size of the view, and in how large a map; null where all of it is in view. */
function lookOf(view) {
  return lookText(view) ? { x: view.camera.x, y: view.camera.y, zoom: zoomOf(view), box: view.cloud.box } : null;
}

/** Draw at the next frame, once, whatever happens before. */
function schedule(view, what) {
  if (!view.camera) return;
  if (!view.due) requestAnimationFrame(() => draw(view));
  view.due = what;
}

function draw(view) {
  const { due } = view;
  view.due = "";
  if (!view.camera) return;
  if (due === "all") {
    paintPoints(view);
    paintPictures(view);
    looks.set(view.home, lookOf(view));
    hiddenIn.set(view.painted, view.hidden);
    settle(view);
    report(view);
    view.body.querySelector(".zoom").value = `${zoomOf(view).toFixed(1)} ×`;
  }
  paintOverlay(view);
  placeCard(view);
  if (view.cloud.bitmaps) view.stage.dataset.ready = ""; // for tests: all is there, and drawn
}
