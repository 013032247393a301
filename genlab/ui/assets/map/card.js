// The card beside what is pointed at.

/** A point's picture, group and number, or what is decoded from a place. */
function placeCard(view) {
  const { card, hovered: i, cloud, place } = view;
  card.hidden = !cloud.bitmaps || (i < 0 && !place);
  if (card.hidden) return;
  if (i >= 0) fillPoint(view, card, i);
  else fillPlace(view, card);
  const [x, y] = toScreen(view, ...(i >= 0 ? [cloud.xy[2 * i], cloud.xy[2 * i + 1]] : place));
  const away = 18 + (view.seen.length ? markSide(cloud) / 2 : 0);
  const left = x + away + card.offsetWidth > view.width ? x - away - card.offsetWidth : x + away;
  card.style.left = `${Math.min(view.width - card.offsetWidth, Math.max(0, left))}px`;
  card.style.top = `${Math.min(view.height - card.offsetHeight, Math.max(0, y - card.offsetHeight / 2))}px`;
}

function fillPoint(view, card, i) {
  const { cloud, said, scale, layer } = view;
  const canvas = card.querySelector("canvas");
  const own = Math.max(cloud.width, cloud.height);
  canvas.width = canvas.height = own * Math.max(1, Math.round(112 / own));
  drawPicture(canvas.getContext("2d"), cloud, i, 0, 0, canvas.width);
  card.querySelector("b").textContent = groupOf(view, i).name;
  card.querySelector("span").textContent = `${said.point} ${i}`;
  card.querySelector("small").textContent = scale ? `${scale.name} ${numberOf(layer.values[i])}` : "";
}

/** What the card shows of the place pointed at. */
function fillPlace(view, card) {
  const { place, sheet, said } = view;
  const from = view.trails.decode;
  const exact = view.exact?.name === placeName({ from, place }) ? view.exact : null;
  const canvas = card.querySelector("canvas");
  const own = Math.max(view.cloud.width, view.cloud.height);
  canvas.width = canvas.height = own * Math.max(1, Math.round(112 / own));
  const pen = canvas.getContext("2d");
  pen.imageSmoothingEnabled = false;
  if (exact) drawFromSheet(pen, { bitmap: exact.image, width: exact.image.width, height: exact.image.height, columns: 1 }, 0, 0, 0, canvas.width);
  else if (sheet?.from === from) drawFromSheet(pen, sheet, cellAt(sheet, place), 0, 0, canvas.width);
  card.querySelector("b").textContent = `${numberOf(place[0])}, ${numberOf(place[1])}`;
  card.querySelector("span").textContent = view.trouble || `${said.error} ${numberOf(exact?.error)}`;
  card.querySelector("small").textContent = view.trouble ? "" : `${said.density} ${numberOf(exact?.density)}`;
}

/** The number of the cell that holds a place, or of the nearest one. */
function cellAt({ left, right, bottom, top, across, down }, [x, y]) {
  const cell = (share, n) => Math.min(n - 1, Math.max(0, Math.floor(share * n)));
  return cell((top - y) / (top - bottom), down) * across + cell((x - left) / (right - left), across);
}

/** A number to read: three digits of it; a dash where there is none. */
function numberOf(value) {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "–";
}
