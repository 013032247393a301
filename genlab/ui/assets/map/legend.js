// The groups below the map, which can be hidden, and the bar that tells what colours of numbers mean.

/** A button a group, which hides and shows it; a double click shows it alone, another one all of them. */
function drawLegend(view) {
  const told = JSON.stringify([view.groups, !!view.scale]);
  if (view.legend.dataset.told === told) return; // or a button would lose the keyboard's focus
  view.legend.dataset.told = told;
  view.legend.replaceChildren(...view.groups.map((group, k) => {
    const button = document.createElement("button");
    button.type = "button";
    button.innerHTML = `<svg viewBox="-1.6 -1.6 3.2 3.2" aria-hidden="true"><path d="${MARKS[group.mark]}"/></svg><span></span> <small></small>`;
    const path = button.querySelector("path");
    path.setAttribute(group.open ? "stroke" : "fill", view.scale ? "currentColor" : group.colour);
    button.querySelector("span").textContent = group.name;
    button.querySelector("small").textContent = group.count;
    button.addEventListener("click", (event) => (event.detail === 2 ? showAlone(view, k) : toggle(view, k)));
    return button;
  }));
}

function toggle(view, k) {
  if (!view.hidden.delete(k)) view.hidden.add(k);
  pressLegend(view);
}

function showAlone(view, k) {
  const others = view.groups.map((_, other) => other).filter((other) => other !== k);
  const alone = others.every((other) => view.hidden.has(other));
  view.hidden = new Set(alone ? [] : others);
  pressLegend(view);
}

function pressLegend(view) {
  [...view.legend.children].forEach((button, k) => (button.ariaPressed = String(!view.hidden.has(k))));
  view.marks = null;
  point(view, -1, null);
  view.repaint();
}

/** The colours of numbers from low to high, with what they are numbers of; nothing where colours are of groups. */
function drawScale(view) {
  const { bar, scale } = view;
  bar.hidden = !scale;
  if (!scale) return;
  bar.querySelector("b").textContent = scale.name;
  bar.querySelectorAll("span").forEach((end, k) => (end.textContent = scale.ends[k]));
  bar.querySelector("i").style.background = `linear-gradient(to right, ${scaleColours(view).join(", ")})`;
}
