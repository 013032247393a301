// A pad to draw on: pen, eraser, an empty sheet. After each stroke the drawing is sent, as the address of a PNG.

const PEN = 20;
const ERASER = 34;

/** Pads by the element they live in: Streamlit calls anew whenever data or the theme change. */
const pads = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  if (!pads.has(parentElement)) pads.set(parentElement, build(parentElement, data.paper));
  const pad = pads.get(parentElement);
  pad.send = (drawing) => setTriggerValue("drawn", drawing);
  const { words } = data;
  pad.pen.canvas.ariaLabel = words.pad;
  pad.tools.ariaLabel = words.tools;
  for (const button of pad.tools.querySelectorAll("button")) button.title = button.ariaLabel = words[button.dataset.tool];
  pad.ink.hidden = !data.colour;
  pad.ink.title = pad.ink.ariaLabel = words.ink;
}

function build(root, paper) {
  root.append(root.querySelector("template").content.cloneNode(true));
  const canvas = root.querySelector("canvas");
  const pad = {
    pen: canvas.getContext("2d"), tools: root.querySelector(".tools"), ink: root.querySelector("input"),
    paper, tool: "pen", stroke: -1, send: () => {},
  };
  pad.ink.value = "#ffffff";
  Object.assign(pad.pen, { lineCap: "round", lineJoin: "round" });
  clear(pad);
  pad.tools.onclick = ({ target }) => press(pad, target.closest("button")?.dataset.tool);
  canvas.onpointerdown = (event) => begin(pad, event);
  canvas.onpointermove = (event) => (event.getCoalescedEvents?.() ?? [event]).forEach((one) => draw(pad, one));
  canvas.onpointerup = canvas.onpointercancel = (event) => end(pad, event);
  return pad;
}

function clear({ pen, paper }) {
  pen.fillStyle = paper;
  pen.fillRect(0, 0, pen.canvas.width, pen.canvas.height);
}

function press(pad, tool) {
  if (tool === "clear") {
    clear(pad);
    pad.send("");
  } else if (tool) {
    pad.tool = tool;
    for (const button of pad.tools.querySelectorAll("[aria-pressed]")) button.ariaPressed = button.dataset.tool === tool;
  }
}

/** One finger or button draws at a time; a second one is for scrolling and the like. */
function begin(pad, event) {
  if (pad.stroke >= 0 || event.button > 0) return;
  pad.stroke = event.pointerId;
  pad.pen.canvas.setPointerCapture(event.pointerId);
  pad.pen.lineWidth = pad.tool === "pen" ? PEN : ERASER;
  pad.pen.strokeStyle = pad.tool === "pen" ? pad.ink.value : pad.paper;
  pad.at = place(pad, event);
  draw(pad, event); // a tap is a dot
}

function draw(pad, event) {
  if (event.pointerId !== pad.stroke) return;
  const to = place(pad, event);
  pad.pen.beginPath();
  pad.pen.moveTo(...pad.at);
  pad.pen.lineTo(...to);
  pad.pen.stroke();
  pad.at = to;
}

function end(pad, event) {
  if (event.pointerId !== pad.stroke) return;
  pad.stroke = -1;
  pad.send(pad.pen.canvas.toDataURL("image/png"));
}

/** Where on the sheet, which may be shown smaller than it is. */
function place({ pen: { canvas } }, event) {
  const box = canvas.getBoundingClientRect();
  return [((event.clientX - box.left) / box.width) * canvas.width, ((event.clientY - box.top) / box.height) * canvas.height];
}
