// What a map keeps in the address.

const RESTED = 500; // milliseconds without a move before the address is written

/** Write parameters, those without a text out of it; here and not only by Python, or each would be a step for "back". */
function keepInAddress(told) {
  const address = new URL(location.href);
  for (const [name, text] of Object.entries(told)) {
    if (text) address.searchParams.set(name, text);
    else address.searchParams.delete(name);
  }
  history.replaceState(history.state, "", address);
}

/** Which groups of a colouring are hidden, such as "class:0-3,7"; empty where none is. */
function hiddenText(layer, hidden) {
  const spans = [];
  for (const k of [...hidden].sort((one, other) => one - other)) {
    if (spans.at(-1)?.[1] === k - 1) spans.at(-1)[1] = k;
    else spans.push([k, k]);
  }
  const listed = spans.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
  return listed && `${layer}:${listed}`;
}
