"""The Samples page in a real browser: one slider for all pictures, links, and files that are what they say."""

import base64
import io
import json
import re
import zipfile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from genlab.runs.sampling import generate, load_checkpoint
from genlab.runs.store import open_run
from tests.e2e.driving import Visit, download, settled
from tests.export.watching import watched

RUN = "00001-digits-vae"
PLAYED = """async () => {
  const video = document.querySelector("video");
  await video.play();
  await new Promise((done) => video.requestVideoFrameCallback(done));
  return { size: [video.videoWidth, video.videoHeight], seconds: video.duration };
}"""
"""What a player says of its video once a picture of it has been shown."""


@pytest.mark.usefixtures("runs")
def test_one_link_gives_these_pictures_and_files_of_them(visit: Visit) -> None:
    page = settled(visit(f"/samples?run={RUN}&n=6&seed=3&truncation=0.8"))
    sheet = page.get_by_alt_text("6 pictures drawn with seed 3")
    expect(sheet).to_be_visible()
    assert sheet.evaluate("image => getComputedStyle(image).imageRendering") == "pixelated"
    stored, step = load_checkpoint(open_run(RUN))
    drawn = generate(stored.model, 6, 3, 0.8).numpy()

    with np.load(download(page, "NPZ"), allow_pickle=False) as file:
        np.testing.assert_array_equal(file["images"], drawn)
    with zipfile.ZipFile(download(page, "ZIP")) as archive:
        about = json.loads(archive.read("sample.json"))
        assert (about["run"], about["step"], about["seed"], about["truncation"]) == (RUN, step, 3, 0.8)
        with Image.open(io.BytesIO(archive.read("00005.png"))) as picture:
            np.testing.assert_array_equal(np.asarray(picture), drawn[5, 0])
    with Image.open(download(page, "PNG")) as picture:
        assert picture.size == (3 * 8 * 16 + 2 * 16, 2 * 8 * 16 + 16)  # a pixel between them
    with Image.open(download(page, "Film (GIF)")) as film:
        assert film.format == "GIF"
        assert film.size == (2 * 71, 2 * 71)


@pytest.mark.usefixtures("runs")
def test_the_film_as_a_video_plays(visit: Visit, chromium: Browser) -> None:
    data = download(settled(visit(f"/samples?run={RUN}")), "Film (MP4)").read_bytes()
    film = watched(data)
    assert film.pictures[0].shape == (4 * 71, 4 * 71, 3)
    player = chromium.new_page()
    player.set_content(f'<video muted src="data:video/mp4;base64,{base64.b64encode(data).decode()}"></video>')
    if not player.evaluate("document.createElement('video').canPlayType('video/mp4; codecs=avc1.64001f')"):
        pytest.skip("this Chromium was built without H.264")
    shown = player.evaluate(PLAYED)
    assert shown == {"size": [4 * 71, 4 * 71], "seconds": pytest.approx(len(film.pictures) / 30, abs=0.05)}
    player.close()


@pytest.mark.usefixtures("runs")
def test_one_slider_moves_the_film_and_the_weights_and_is_in_the_link(visit: Visit) -> None:
    run = open_run(RUN)
    page = settled(visit(f"/samples?run={RUN}"))
    first, last = run.samples()[0][0], run.samples()[-1][0]
    expect(page.get_by_alt_text(f"drawn at step {last} ")).to_be_visible()
    thumb = page.get_by_role("slider", name="Step")
    thumb.press("Home")
    expect(page.get_by_alt_text(f"drawn at step {first} ")).to_be_visible()
    expect(page.get_by_text(f"weights saved at step {run.checkpoints()[0][0]:,}.")).to_be_visible()
    page.wait_for_url(re.compile(rf"[?&]step={first}(&|$)"))
    page.reload()
    expect(page.get_by_alt_text(f"drawn at step {first} ")).to_be_visible()


@pytest.mark.usefixtures("runs")
def test_on_a_dark_phone_in_chinese_nothing_sticks_out(visit: Visit) -> None:
    page = settled(visit(f"/samples?run={RUN}&lang=zh", width=420, dark=True))
    expect(page.get_by_role("heading", name="新画的图")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
