"""What hands do on a map of the real page, and how soon it answers: for tests of it, and for timings."""

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page

MARGIN = 28
"""Pixels around the points when all are in view, as camera.js has it."""
FREE = 24.0
"""A place so many pixels from every point is between them: further than a pointer reaches."""

Asked = Literal["point", "place", "selected"]

ARM = """(stage, [event, asked, about]) => {
  const root = stage.getRootNode();
  const card = root.querySelector(".card");
  const said = () => card.querySelector("span").textContent;
  const sheet = () => document.querySelector("img[alt^='The pictures of']");
  const before = sheet()?.src;
  const isThere = {
    point: () => !card.hidden && said() === `point ${about}`,
    place: () => !card.hidden && /^round-trip error [0-9]/.test(said()),
    selected: () => (sheet()?.src ?? before) !== before && sheet().complete,
  }[asked];
  window.answered = new Promise((done) => addEventListener(event, ({ timeStamp }) => {
    let frames = 0; // asked for after the map has asked for its own: each is looked at when the map has drawn
    const look = () => {
      frames++;
      if (isThere()) done({ frames, milliseconds: performance.now() - timeStamp });
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, { once: true }));
}"""


class Answer(NamedTuple):
    """How soon the page answers to a pointer's event: in frames drawn since, and in milliseconds."""

    frames: int
    milliseconds: float


class Hands:
    """A pointer over the first map of a page in English, all of whose points are in view.

    Attributes
    ----------
    seen
        float64 (N, 2): where in the window each point is seen, in pixels.
    """

    def __init__(self, page: Page, coords: NDArray[np.float32]) -> None:
        self.page = page
        self.stage: Locator = page.locator(".stage").first
        page.locator(".stage[data-ready]").first.wait_for()
        self.stage.evaluate("stage => stage.scrollIntoView({ block: 'center' })")
        box = self.stage.bounding_box()
        assert box is not None
        self.size = np.array([box["width"], box["height"]])
        self.corner = np.array([box["x"], box["y"]])
        low, high = coords.min(axis=0).astype(float), coords.max(axis=0).astype(float)
        scale = ((self.size - 2 * MARGIN) / (high - low)).min()
        self.seen = self.corner + self.size / 2 + (coords - (low + high) / 2) * scale * [1, -1]

    def points(self, n: int, rng: np.random.Generator) -> list[tuple[int, tuple[int, int]]]:
        """`n` points by chance, each with a pixel where it, and beyond doubt no other one, is pointed at."""
        found: list[tuple[int, tuple[int, int]]] = []
        for row in rng.permutation(len(self.seen)):
            x, y = self.seen[row].round().astype(int).tolist()
            away = np.linalg.norm(self.seen - [x, y], axis=1)
            if len(found) < n and (np.delete(away, row) > away[row] + 1).all():
                found.append((int(row), (x, y)))
        return found

    def between(self, n: int, rng: np.random.Generator) -> list[tuple[int, int]]:
        """`n` pixels by chance where no point is near."""
        found: list[tuple[int, int]] = []
        while len(found) < n:
            x, y = (self.corner + 10 + rng.random(2) * (self.size - 20)).astype(int).tolist()
            if np.linalg.norm(self.seen - [x, y], axis=1).min() > FREE:
                found.append((x, y))
        return found

    def point_at(self, row: int, pixel: tuple[int, int]) -> Answer:
        """Move to a point; the answer is its card with its picture."""
        return self._moved("point", row, pixel)

    def point_between(self, pixel: tuple[int, int]) -> Answer:
        """Move to where no point is; the answer is the picture decoded from that very place, with its numbers."""
        return self._moved("place", None, pixel)

    def click(self, pixel: tuple[int, int]) -> Answer:
        """Click at a point; the answer, since the click's end, is the sheet of selected pictures that Python makes."""
        self.page.mouse.move(*pixel)
        self._arm("pointerup", "selected", None)
        self.page.mouse.down()
        self.page.mouse.up()
        return self._answer()

    def _moved(self, asked: Asked, about: object, pixel: tuple[int, int]) -> Answer:
        self._arm("pointermove", asked, about)
        self.page.mouse.move(*pixel)
        return self._answer()

    def _arm(self, event: str, asked: Asked, about: object) -> None:
        self.stage.evaluate(ARM, [event, asked, about])

    def _answer(self) -> Answer:
        told: dict[str, Any] = self.page.evaluate("window.answered")
        return Answer(told["frames"], told["milliseconds"])
