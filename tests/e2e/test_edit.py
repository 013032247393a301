"""One's own picture in a real browser: uploaded or drawn, encoded, looked for, moved along directions, taken home."""

import io
import json
import re
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Page, expect

from genlab.data import load, to_floats
from genlab.data.own.single import kept, prepared
from genlab.latent.place import place
from genlab.latent.spec import Spec
from genlab.runs.maps import plan
from genlab.runs.sampling import load_checkpoint
from genlab.runs.shelf import ZOO
from genlab.runs.store import open_run
from tests.e2e.driving import Visit, download, settled, stop_button

HYBRID, GAN = "00001-mnist-5k-hybrid", "00002-digits-gan"
POINTS = 500
LONG_MS = 120_000


@pytest.fixture(scope="session")
def trained_gan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a GAN, trained for a moment, to be copied."""
    from genlab.runs.session import Session
    from genlab.runs.status import run_lock
    from genlab.runs.store import create_run
    from genlab.training.config import RunConfig

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENLAB_HOME", str(tmp_path_factory.mktemp("gan")))
        run = create_run(RunConfig(data="digits", model="gan", preset="gan", steps=300, precision="fp32"))
        with run_lock(run.path):
            Session(run).train()
        return run.path


@pytest.fixture
def both(own_home: Path, trained_gan: Path) -> Path:
    """A home with a copy of the zoo's hybrid, which has an encoder, and with the GAN, which has none."""
    hybrid = own_home / "runs" / HYBRID
    shutil.copytree(ZOO / "hybrid", hybrid, ignore=shutil.ignore_patterns("films", "projections"))
    config = json.loads((hybrid / "config.json").read_text())
    config["config"]["data"] = "mnist-5k"  # whose pictures are there without a network
    (hybrid / "config.json").write_text(json.dumps(config))
    shutil.copytree(trained_gan, own_home / "runs" / GAN)
    return own_home


def seven() -> bytes:
    """A held-out 7 as somebody would have it on paper: dark on light, ten times as large."""
    digits = load("mnist-5k", "test")
    assert digits.labels is not None
    picture = digits.images[int((digits.labels == 7).nonzero()[2]), 0].numpy()
    file = io.BytesIO()
    Image.fromarray(255 - picture).resize((280, 280), Image.Resampling.BICUBIC).save(file, "PNG")
    return file.getvalue()


def upload(page: Page, name: str, data: bytes) -> None:
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "image/png", "buffer": data})


def key_in(page: Page) -> str:
    """The key of the picture that the address names, once it names one."""
    page.wait_for_url(re.compile(r"[?&]own=[0-9a-f]{24}"))
    return parse_qs(urlsplit(page.url).query)["own"][0]


def closer_classes(own: str) -> int:
    """How many classes' centroids lie nearer to the picture's place on the map than that of the sevens."""
    run = open_run(HYBRID)
    made = plan(run, Spec("encoder", n=POINTS)).load()
    model = load_checkpoint(run)[0].model
    with torch.inference_mode():
        z = model.encode(to_floats(torch.from_numpy(prepared(kept(own), "mnist-5k", model.shape)))[None])
    centroids = np.stack([made.coords[made.labels == label].mean(0) for label in range(10)])
    distances = np.linalg.norm(centroids - place(made, z.numpy()), axis=1)
    return int((distances < distances[7]).sum())


def marks(page: Page, *names: str) -> None:
    """The map shows these, and says so to who cannot see it."""
    expect(page.locator(".stage")).to_have_attribute("aria-label", re.compile(", " + ", ".join(names) + "$"))


def find(page: Page) -> None:
    """Press the button once all of the page is there: Streamlit may lose what is pressed while it draws."""
    marks(page, "my picture")
    settled(page).get_by_role("button", name="Find its latent").click()


@pytest.mark.usefixtures("both")
def test_a_seven_is_encoded_among_the_sevens_and_moved_along_a_direction(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={HYBRID}&n={POINTS}&tab=own"))
    upload(page, "seven.png", seven())
    expect(page.get_by_alt_text("It draws")).to_be_visible()
    marks(page, "my picture")
    own = key_in(page)
    assert closer_classes(own) <= 1
    expect(page.get_by_text(re.compile(r"The nearest 12 of 4,000.*× 7"))).to_be_visible()
    with np.load(download(page, "Latent (npz)"), allow_pickle=False) as file:
        encoded = file["latents"]
        assert json.loads(str(file["about"]))["picture"] == own

    page.get_by_role("button", name="Edit along directions").click()
    expect(page.get_by_alt_text("edited", exact=True)).to_be_visible()
    marks(page, "edited")
    slider = page.get_by_role("slider", name=re.compile("^Direction 1"))
    edited = page.get_by_alt_text("edited", exact=True)
    for sigma in ("0.25", "0.5"):
        shown = edited.get_attribute("src")
        slider.press("ArrowRight")
        page.wait_for_url(lambda url, sigma=sigma: f"pc1={sigma}" in url)
        expect(edited).not_to_have_attribute("src", str(shown))
    marks(page, "original", "edited")
    with np.load(download(page, "Latent (npz)"), allow_pickle=False) as file:
        moved = file["latents"]
        assert json.loads(str(file["about"]))["sigma"] == {"pc1": 0.5}
    assert np.linalg.norm(moved - encoded) > 0
    with Image.open(download(page, "PNG")) as picture:
        assert picture.size == (448, 448)
    page.reload()  # a link holds all of it
    settled(page)
    marks(page, "original", "edited")
    page.get_by_role("button", name="Reset all").click()
    page.wait_for_url(lambda url: "pc1" not in url)
    marks(page, "edited")


@pytest.mark.timeout(400)  # three loads of the page and two processes, each of which imports torch
@pytest.mark.usefixtures("both")
def test_a_latent_is_looked_for_in_a_gan_stopped_and_found(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={GAN}&n=200&tab=own&inv_steps=2000"))
    upload(page, "seven.png", seven())
    own = key_in(page)
    find(page)
    expect(page.get_by_text(re.compile(r"Step \d+ of 2000 · loss"))).to_be_visible(timeout=LONG_MS)
    page.reload()  # it goes on without whoever asked
    stop_button(settled(page)).click()
    expect(page.get_by_text("The search was stopped.")).to_be_visible(timeout=LONG_MS)
    page.goto(page.url.replace("inv_steps=2000", "inv_steps=60"))
    settled(page)
    find(page)
    expect(page.get_by_alt_text("It draws")).to_be_visible(timeout=LONG_MS)
    said = page.get_by_text(re.compile(r"^Loss [\d.]+ to [\d.]+ in 60 steps")).inner_text()
    before, after = (float(number) for number in re.findall(r"\d+\.\d+", said)[:2])
    assert after < before
    marks(page, "my picture")
    with np.load(download(page, "Latent (npz)"), allow_pickle=False) as file:
        assert np.isfinite(file["latents"]).all()
        assert json.loads(str(file["about"]))["picture"] == own
    page.get_by_role("button", name="Edit along directions").click()
    expect(page.get_by_alt_text("edited", exact=True)).to_be_visible()


def stroke(page: Page, *places: tuple[float, float]) -> None:
    """Draw through places of the pad, in shares of its side."""
    box = page.locator(".pad canvas").bounding_box()
    assert box is not None
    at = [(box["x"] + across * box["width"], box["y"] + down * box["height"]) for across, down in places]
    page.mouse.move(*at[0])
    page.mouse.down()
    for place_ in at[1:]:
        page.mouse.move(*place_, steps=6)
    page.mouse.up()


def lit(page: Page) -> int:
    """How many pixels of the pad are drawn on."""
    pixels = "c.getContext('2d').getImageData(0, 0, c.width, c.height).data"
    return page.locator(".pad canvas").evaluate(f"c => {pixels}.filter((v, k) => k % 4 === 0 && v > 127).length")


@pytest.mark.usefixtures("both")
def test_a_seven_is_drawn_erased_and_cleared(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={HYBRID}&n={POINTS}&tab=own&give=pad"))
    page.locator(".pad canvas").scroll_into_view_if_needed()
    stroke(page, (0.28, 0.24), (0.73, 0.24), (0.46, 0.81))
    own = key_in(page)
    marks(page, "my picture")
    assert closer_classes(own) <= 1
    drawn = lit(page)
    assert drawn > 3_000
    page.get_by_role("button", name="Eraser").click()
    stroke(page, (0.28, 0.24), (0.4, 0.24))
    page.wait_for_url(lambda url: own not in url)
    assert 0 < lit(page) < drawn
    page.get_by_role("button", name="Empty sheet").click()
    page.wait_for_url(lambda url: "own=" not in url)
    assert lit(page) == 0


@pytest.mark.usefixtures("both")
def test_what_is_no_picture_is_told_in_a_sentence_and_the_map_stays(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={GAN}&n=100&tab=own"))
    upload(page, "seven.png", b"This is no picture.")
    expect(page.get_by_text("The file is not a picture in one of the formats")).to_be_visible()
    huge = io.BytesIO()
    Image.new("1", (8_000, 8_000)).save(huge, "PNG")
    upload(page, "huge.png", huge.getvalue())
    expect(page.get_by_text("more than 50 million pixels")).to_be_visible()
    blank = io.BytesIO()
    Image.new("L", (100, 100), 255).save(blank, "PNG")
    upload(page, "blank.png", blank.getvalue())
    expect(page.get_by_text("The picture is empty")).to_be_visible()
    expect(page.locator(".legend button").first).to_be_visible()
    assert "Traceback" not in page.content()


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize("tab", ["own&give=pad", "directions&towards=0,1&grid=5"])
def test_on_a_dark_phone_in_chinese_nothing_sticks_out(visit: Visit, tab: str) -> None:
    page = settled(visit(f"/latent?run={HYBRID}&n=200&lang=zh&tab={tab}", width=420, dark=True))
    expect(page.get_by_role("tab", name="我的图像")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
