// What one view tells others: another map of the same points, and Python's keeper of the address.

/** Who hears where one looks, by the name of the parameter in the address that keeps it. */
const ears = new Map();
const RESTED = 500; // milliseconds without a move before the address is written
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

/** Keep the address at where one looks and what is shown, once that has come to rest; the usual no address has to say. */
function report(view) {
  clearTimeout(view.resting);
  const now = { look: lookText(view), shows: showsText(view) };
  if (JSON.stringify(now) === view.reported || !ears.has(view.param)) return;
  view.resting = setTimeout(() => {
    view.reported = JSON.stringify(now);
    const address = new URL(location.href); // written here first: or each move would be a step for "back" to take
    for (const [name, text] of [[view.param, now.look], [`${view.param}_shows`, now.shows === USUAL ? "" : now.shows]]) {
      if (text) address.searchParams.set(name, text);
      else address.searchParams.delete(name);
    }
    history.replaceState(history.state, "", address);
    ears.get(view.param)("looked", now);
  }, RESTED);
}

/** What is shown besides points, as Python reads it. */
function showsText(view) {
  return FLAGS.filter((flag) => view[flag]).join(",") || "none";
}

/** "x,y,zoom" in a few digits; empty where all points are in view. */
function lookText(view) {
  const { x, y, zoom } = lookOf(view);
  const isWhole = zoom === 1 && x === view.whole.x && y === view.whole.y;
  return isWhole ? "" : [x, y, zoom].map((value) => Number(value.toPrecision(5))).join(",");
}
