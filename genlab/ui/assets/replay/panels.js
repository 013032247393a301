// The panels beside the map: the snapshot at the cursor, the losses, and the scores last known.

/** All of the panels that does not move with the cursor. */
function drawPanels(view) {
  const { story, said, find, scores, curves } = view;
  const missing = {
    map: story.map ? "" : view.mapNote,
    samples: story.samples.length ? "" : said.no_samples,
    curves: curves.length ? "" : said.no_curves,
    scores: scores ? "" : said.no_scores,
  };
  for (const [panel, note] of Object.entries(missing)) {
    const section = find(`.panel.${panel}`);
    section.classList.toggle("empty", note !== "");
    section.querySelector(".none").textContent = note;
    section.querySelector("h3").textContent = said[panel];
  }
  find(".map .brief").textContent = story.map?.frames.length === 1 ? `${view.brief} · ${said.single}` : view.brief;
  find(".map details p").textContent = view.about;
  for (const summary of view.body.querySelectorAll("summary")) summary.textContent = said.more;
  find(".samples footer").textContent = said.samples_about;
  find(".map canvas").ariaLabel = fill(said.map_alt, { n: story.map?.n ?? 0 });
  find(".samples canvas").ariaLabel = said.samples_alt;
  drawCurves(view);
  drawScores(view);
}

/** A chart for each kind of losses, with a legend that tells the values at the cursor. */
function drawCurves(view) {
  const { story: { curves: columns }, curves, said, find } = view;
  const told = curves.map(({ title, lines }) => `<figure><figcaption><b>${safe(title)}</b>${lines.map(({ name, colour }) =>
    `<span><i style="color:${colour}"></i>${safe(name)} <output></output></span>`).join("")}</figcaption>
    <svg class="chart" role="img" aria-label="${safe(fill(said.curves_alt, { title }))}"></svg></figure>`);
  find(".charts").innerHTML = told.join("");
  view.charts = [...find(".charts").querySelectorAll("svg")].map((svg, k) => {
    const lines = curves[k].lines.map(({ column, colour }) => ({ colour, points: known(columns.step, columns[column]) }));
    listenToChart(view, svg, () => view.charts[k].chart);
    const values = [...svg.parentElement.querySelectorAll("output")];
    const ended = curves[k].lines.map(({ column }) => columns[column].slice(-5).every((value) => value === null));
    return { chart: drawChart(view, svg, { lines }), lines, values, ended };
  });
}

/** A column's points: where it is not written at every row, a line joins those that there are. */
function known(steps, values) {
  return steps.map((step, i) => [step, values[i]]).filter(([, value]) => value !== null);
}

function drawScores(view) {
  const { scores, said, find } = view;
  const svg = find(".scores .chart");
  if (!scores) return;
  const alike = Object.values(Object.groupBy(scores.sheets.filter(({ value }) => value !== null), (sheet) => sheet.alike));
  const lines = alike.map((sheets) => ({ colour: "var(--st-primary-color)", points: sheets.map(({ step, value }) => [step, value]) }));
  svg.ariaLabel = fill(said.scores_alt, { score: scores.name });
  find(".score-name").textContent = scores.name;
  find(".scores details p").textContent = `${scores.help} ${alike.length > 1 ? said.sheet_alike : ""}`;
  const star = `<span><svg viewBox="-8 -8 16 16" aria-hidden="true">${dotOf(0, 0, true)}</svg>${safe(said.best)}</span>`;
  find(".scores .notes").innerHTML = scores.sheets.some(({ best }) => best) ? star : "";
  view.scoreChart = drawChart(view, svg, { lines, dots: alike.flat() });
  view.scoreTold = null;
}

/** The snapshot nearest to the cursor. */
function showSample(view) {
  const { story: { samples }, said, find, at } = view;
  if (!samples.length) return;
  const i = indexAt(samples.map(({ step }) => step), at);
  const next = samples[i + 1];
  const sample = next && next.step - at < at - samples[i].step ? next : samples[i];
  find(".samples .note").textContent = fill(said.snapshot, { step: number(sample.step) });
  if (!sample.bitmap || view.sample === sample) return;
  view.sample = sample;
  const canvas = find(".samples canvas");
  [canvas.width, canvas.height] = [sample.bitmap.width, sample.bitmap.height];
  canvas.getContext("2d").drawImage(sample.bitmap, 0, 0);
}

function showCurves({ charts, at }) {
  for (const { chart, lines, values, ended } of charts) {
    moveChart(chart, at);
    lines.forEach(({ points }, k) => {
      const i = points.length ? indexAt(points.map(([step]) => step), at) : -1;
      const over = i === points.length - 1 && at > points[i]?.[0] && ended[k]; // a player that has left says nothing
      values[k].value = i < 0 || over || points[i][0] > at ? "–" : short(points[i][1]);
    });
  }
}

/** The scores last measured at the cursor: a number that was not known then is not shown. */
function showScores(view) {
  const { scores, said, find, at } = view;
  if (!scores) return;
  moveChart(view.scoreChart, at);
  const sheet = scores.sheets.findLast(({ step }) => step <= at) ?? null;
  if (view.scoreTold === sheet && sheet) return;
  view.scoreTold = sheet;
  find(".score-value").textContent = sheet ? sheet.shown : "–";
  find(".scores .note").textContent = sheet ? fill(said.at, { step: number(sheet.step) }) : fill(said.no_score_yet, { step: number(scores.sheets[0].step) });
  find(".score-floor").textContent = sheet && sheet.floor !== null ? fill(said.floor, { value: sheet.floored }) : "";
  find("dl").innerHTML = (sheet?.others ?? []).map(([name, value]) => `<div><dt>${safe(name)}</dt><dd>${safe(value)}</dd></div>`).join("");
  find(".scores footer span").textContent = sheet ? sheet.how : "";
}
