// What one view tells others: another map of the same points, and Python's keeper of the address.

/** Who hears where one looks, by the name of the parameter in the address that keeps it. */
const ears = new Map();
const USUAL = "pictures"; // what is shown where nobody has chosen

/** Point at a row in all views of the same points; in the others it gets a ring. */
function echo(view, i) {
  for (const other of partners(view)) {
    const [row] = i >= 0 ? shared(view, other, [i]) : [];
    other.refresh({ echoed: row ?? -1 });
  }
}

/** Select rows in all views of the same points. */
function spread(view, rows) {
  for (const other of partners(view)) {
    other.chosen = new Set(shared(view, other, rows));
    other.repaint();
  }
}

function partners(view) {
  return [...views.values()].filter((other) => other !== view && other.linked && view.linked && other.camera && other.stage.isConnected);
}

/** Those rows that are the same pictures in both views. */
function shared(view, other, rows) {
  return rows.filter((i) => isIn(view.linked, i) && isIn(other.linked, i));
}

function isIn(ranges, i) {
  return ranges.some(([first, last]) => first <= i && i <= last);
}

/** Keep the address at where one looks, what is shown and what hidden, once that has come to rest; the usual no address has to say. */
function report(view) {
  clearTimeout(view.resting);
  const now = { look: lookText(view), shows: showsText(view), hides: hiddenText(view.painter, view.hidden) };
  if (JSON.stringify(now) === view.reported || !ears.has(view.param)) return;
  view.resting = setTimeout(() => {
    view.reported = JSON.stringify(now);
    const { param } = view;
    keepInAddress({ [param]: now.look, [`${param}_shows`]: now.shows === USUAL ? "" : now.shows, [`${param}_hides`]: now.hides });
    ears.get(view.param)("looked", now);
  }, RESTED);
}

/** What is shown besides points, as Python reads it. */
function showsText(view) {
  return FLAGS.filter((flag) => view[flag]).join(",") || "none";
}

/** "x,y,zoom" in a few digits; empty where all points are in view. */
function lookText(view) {
  const [{ x, y }, zoom] = [view.camera, zoomOf(view)];
  const isWhole = zoom === 1 && x === view.whole.x && y === view.whole.y;
  return isWhole ? "" : [x, y, zoom].map((value) => Number(value.toPrecision(5))).join(",");
}
