// Hears where one looks at plotly's cloud from, and which of its groups are hidden: Streamlit tells Python neither.

/** What is asked to tell, by the element that a cloud and its ear live in, and the clouds that are heard already. */
const homes = new Map();
const heard = new WeakSet();

export default function mount({ data, parentElement, setTriggerValue }) {
  const home = document.querySelector(`.st-key-${data.home}`);
  for (const known of homes.keys()) if (!known.isConnected) homes.delete(known);
  if (!homes.has(home)) new MutationObserver(() => listen(home)).observe(home, { childList: true, subtree: true });
  homes.set(home, { ...data, send: setTriggerValue });
  listen(home);
}

/** Streamlit draws a cloud when it likes, and anew when it likes. */
function listen(home) {
  const cloud = home.querySelector(".js-plotly-plot");
  if (!cloud?.on || heard.has(cloud)) return;
  heard.add(cloud);
  for (const event of ["plotly_relayout", "plotly_restyle"]) cloud.on(event, () => report(home, cloud));
  for (const event of ["plotly_relayout", "plotly_legendclick", "plotly_legenddoubleclick"]) cloud.on(event, () => stay(cloud));
}

/** Streamlit gives plotly a layout that knows nothing of hands: what is drawn anew by it would jump back. */
function stay(cloud) {
  cloud.layout.scene.camera = cloud._fullLayout.scene._scene.getCamera();
}

/** Keep the address at it, once it has come to rest; the usual no address has to say. */
function report(home, cloud) {
  const { usual, layer, ear, send } = homes.get(home);
  clearTimeout(home.resting);
  home.resting = setTimeout(() => {
    stay(cloud); // a wheel's event comes before the camera has moved
    const look = cameraText(cloud.layout.scene.camera);
    const hidden = cloud.data.flatMap(({ visible }, k) => (visible === "legendonly" ? [k] : []));
    const now = { look: look === usual ? "" : look, hides: hiddenText(layer, hidden) };
    keepInAddress({ [ear]: now.look, [`${ear}_hides`]: now.hides });
    send("looked", now);
  }, RESTED);
}

/** The eye's, the centre's and the up's x, y and z, in a few digits. */
function cameraText({ eye, center, up }) {
  return [eye, center, up].flatMap(({ x, y, z }) => [x, y, z]).map((value) => Number(value.toPrecision(4))).join(",");
}
