// Pointing at the map: the picture of the nearest point, and the way that it has gone; and the legend.

const REACH = 16; // how near the pointer has to be to a point, in pixels
const CARD_SIDE = 84;

function listenToMap(view) {
  const { canvas } = view.pen;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("pointermove", (event) => point(view, nearestTo(view, ...at(event))));
  canvas.addEventListener("pointerdown", (event) => point(view, nearestTo(view, ...at(event))));
  canvas.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && point(view, -1)); // a tap's card stays
}

function point(view, i) {
  if (i === view.hovered || !view.story) return;
  view.hovered = i;
  if (!view.playing && !view.due) view.due = requestAnimationFrame(() => draw(view));
}

/** The point nearest to a pixel, within reach and in a group that is shown; -1 where there is none. */
function nearestTo(view, px, py) {
  const { story, places, hidden } = view;
  if (!story?.map || !places) return -1;
  let best = -1;
  let least = REACH * REACH;
  for (let i = 0; i < story.map.n; i++) {
    if (hidden.has(story.map.group[i])) continue;
    const [x, y] = toStage(view, places[2 * i], places[2 * i + 1]);
    const distance = (x - px) ** 2 + (y - py) ** 2;
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}

/** The point that is pointed at: its way through all frames, a ring around it, its picture on a card. */
function paintHovered(view) {
  const { pen, story: { map }, hovered: i, ink } = view;
  const card = view.find(".card");
  card.hidden = i < 0;
  if (i < 0) return;
  const way = map.frames.map(({ xy }) => toStage(view, xy[2 * i], xy[2 * i + 1]));
  const line = new Path2D();
  way.forEach((place) => line.lineTo(...place));
  for (const [width, colour] of [[4, ink.page], [1.4, ink.text]]) {
    [pen.lineWidth, pen.strokeStyle, pen.lineJoin] = [width, colour, "round"];
    pen.stroke(line);
  }
  pen.fillStyle = ink.text;
  for (const [x, y] of way) pen.fillRect(x - 1.5, y - 1.5, 3, 3);
  const [x, y] = toStage(view, view.places[2 * i], view.places[2 * i + 1]);
  pen.beginPath();
  pen.arc(x, y, 6, 0, 2 * Math.PI);
  pen.fillStyle = view.groups[map.group[i]].colour;
  pen.fill();
  [pen.lineWidth, pen.strokeStyle] = [2, ink.text];
  pen.stroke();
  fillCard(view, card, i);
  const left = x + 16 + card.offsetWidth > view.width ? x - 16 - card.offsetWidth : x + 16;
  card.style.left = `${Math.max(0, left)}px`;
  card.style.top = `${Math.min(view.height - card.offsetHeight, Math.max(0, y - card.offsetHeight / 2))}px`;
}

/** The point's picture at the cursor: a real one is always the same, a generated one is the last frame's before it. */
function fillCard(view, card, i) {
  const { map } = view.story;
  const { width, height, columns, generated_columns: across } = map.pictures;
  const k = indexAt(map.frames.map(({ step }) => step), view.at);
  const [bitmap, row, wide] = i < map.real ? [map.bitmap, i, columns] : [map.frames[k].bitmap, i - map.real, across];
  const told = `${i} ${i < map.real ? "" : k} ${bitmap ? "" : "no"}`;
  if (card.dataset.told === told) return;
  card.dataset.told = told;
  card.querySelector("b").textContent = view.groups[map.group[i]].name;
  card.querySelector("span").textContent = `${view.said.point} ${i}`;
  const canvas = card.querySelector("canvas");
  const scale = Math.max(1, Math.round(CARD_SIDE / Math.max(width, height)));
  [canvas.width, canvas.height] = [width * scale, height * scale];
  const pen = canvas.getContext("2d");
  pen.imageSmoothingEnabled = false;
  if (bitmap) pen.drawImage(bitmap, (row % wide) * width, Math.floor(row / wide) * height, width, height, 0, 0, canvas.width, canvas.height);
}

/** A button a group, which hides and shows it. */
function drawLegend(view) {
  const told = JSON.stringify(view.groups);
  const legend = view.find(".legend");
  if (legend.dataset.told === told) return; // or a button would lose the keyboard's focus
  legend.dataset.told = told;
  legend.replaceChildren(...view.groups.map((group, k) => {
    const button = document.createElement("button");
    button.type = "button";
    button.ariaPressed = "true";
    button.innerHTML = `<i${group.open ? " class=open" : ""}></i><span></span> <small></small>`;
    button.querySelector("i").style.color = group.colour;
    button.querySelector("span").textContent = group.name;
    button.querySelector("small").textContent = group.count;
    button.addEventListener("click", () => {
      if (!view.hidden.delete(k)) view.hidden.add(k);
      button.ariaPressed = String(!view.hidden.has(k));
      draw(view);
    });
    return button;
  }));
}
