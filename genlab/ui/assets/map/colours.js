// Which colour is what: the page's own, those of groups, and those of numbers.

const STEPS = 256; // of a scale of numbers

/** The colours of the page, light or dark. */
function takeInk(view) {
  const style = getComputedStyle(view.stage);
  const page = rgbOf(style.getPropertyValue("--st-background-color"));
  const text = rgbOf(style.getPropertyValue("--st-text-color"));
  const mixed = (share) => page.map((value, k) => Math.round(value + (text[k] - value) * share));
  view.ink = {
    page: css(page), text: css(text), soft: css(mixed(0.62)), primary: style.getPropertyValue("--st-primary-color"),
    paper: word(page), grid: word(mixed(0.1)), font: style.fontFamily, dark: page[1] < 128,
  };
}

const probe = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

/** A colour of a style sheet as red, green and blue. */
function rgbOf(colour) {
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  return [...probe.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

function css(colour) {
  return `rgb(${colour.join(" ")})`;
}

/** A colour as four bytes of an image at once. */
function word([red, green, blue]) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** The tint of each point, and the colour of each tint: a group's own, or a step of the scale, the last for "no number". */
function tintPoints(view) {
  const { scale, groups, layer } = view;
  const colours = scale ? stepsOf(scaleColours(view).map(rgbOf)) : groups.map(({ colour }) => rgbOf(colour));
  if (scale) colours.push(rgbOf(view.ink.soft));
  view.colours = colours;
  view.tint = scale ? steps(layer.values, scale) : layer.group;
}

/** The step of the scale that each number is; beyond its ends the ends. */
function steps(values, { low, high }) {
  const span = high - low || 1;
  return Uint16Array.from(values, (value) =>
    Number.isNaN(value) ? STEPS : Math.min(STEPS - 1, Math.max(0, Math.floor(((value - low) / span) * STEPS))));
}

/** Colours at even steps between a few that are evenly apart. */
function stepsOf(few) {
  return Array.from({ length: STEPS }, (_, k) => {
    const at = (k / (STEPS - 1)) * (few.length - 1);
    const [one, next] = [few[Math.floor(at)], few[Math.min(few.length - 1, Math.floor(at) + 1)]];
    return one.map((value, c) => Math.round(value + (next[c] - value) * (at % 1)));
  });
}

function scaleColours({ scale, ink }) {
  return scale.colours[ink.dark ? "dark" : "light"];
}

function colourOf(view, i) {
  return css(view.colours[view.tint[i]]);
}

function groupOf(view, i) {
  return view.groups[view.layer.group[i]];
}
