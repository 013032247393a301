// What Python packs: a run's story, which this browser tab is sent once.

const stories = new Map();
const KEPT_STORIES = 3;

/** Keep what has come, and tell of it: once it can be drawn, and once its pictures are there. */
async function receive(bytes, tell) {
  const story = unpack(bytes);
  if (stories.has(story.key)) return;
  stories.set(story.key, story);
  if (stories.size > KEPT_STORIES) stories.delete(stories.keys().next().value);
  tell(story);
  await Promise.all([...story.samples, ...(story.map ? [story.map, ...story.map.frames] : [])].map(decode));
  story.ready = true;
  tell(story);
}

/** "GLR1", the length of a JSON header, the header, and the parts that it names by beginning and length. */
function unpack(bytes) {
  const { buffer } = bytes.slice(); // aligned, as typed arrays must be
  const view = new DataView(buffer);
  if (view.getUint32(0) !== 0x474c5231) throw new Error("This is not the story of a run.");
  const start = 8 + view.getUint32(4, true);
  const story = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, start - 8)));
  const part = ([at, length]) => new Uint8Array(buffer, start + at, length);
  for (const sample of story.samples) sample.sheet = part(sample.png);
  if (story.map) unpackMap(story.map, part);
  return Object.assign(story, { ready: false });
}

function unpackMap(map, part) {
  const places = part(map.places);
  map.group = new Uint16Array(part(map.group).slice().buffer);
  map.sheet = part(map.pictures.real);
  map.frames.forEach((frame, i) => {
    frame.xy = new Float32Array(places.buffer, places.byteOffset + 8 * map.n * i, 2 * map.n);
    frame.sheet = frame.generated && part(frame.generated);
  });
}

/** Make a bitmap of a sheet; one that cannot be read stays a sheet without one. */
async function decode(holder) {
  if (holder.sheet) holder.bitmap = await createImageBitmap(new Blob([holder.sheet])).catch(() => null);
}

/** Where in ascending steps the last one not after a step stands; 0 where all come after it. */
function indexAt(steps, at) {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (steps[middle] <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A column's value at a step: on the line between the points around it. */
function valueAt(steps, values, at) {
  const i = indexAt(steps, at);
  const j = Math.min(i + 1, steps.length - 1);
  if (values[i] === null || values[j] === null || i === j) return values[i] ?? null;
  const share = Math.min(1, Math.max(0, (at - steps[i]) / (steps[j] - steps[i])));
  return values[i] + share * (values[j] - values[i]);
}
