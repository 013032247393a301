"""The Train page in a browser: links that hold every choice, pictures of one's own, and a training run by hand."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.driving import Visit, settled, shown_run, stop_button
from tests.helpers import wait_until


def picture(seed: int, size: int = 12) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png")
    return buffer.getvalue()


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def add(page: Page, file: Path) -> None:
    """Hand a file to the dialogue for pictures of one's own, opening it where it is not open."""
    dialog = page.get_by_role("dialog")
    if not dialog.count():
        page.get_by_role("button", name="Add pictures of your own").click()
    dialog.locator("input[type=file]").set_input_files(file)
    expect(dialog.get_by_role("textbox", name="Name")).to_have_value(file.stem.lower().replace(" ", "-"))
    button = dialog.get_by_role("button", name="Add", exact=True)
    expect(button).to_be_enabled()
    button.click()


@pytest.mark.usefixtures("runs")
def test_what_is_chosen_stands_in_the_address_and_comes_back_from_it(visit: Visit) -> None:
    page = settled(visit("/train"))
    page.get_by_role("combobox", name="Model", exact=True).click()
    page.get_by_role("option", name="DCGAN").click()
    page.wait_for_url("**model=dcgan**")
    rate = page.get_by_role("spinbutton", name="Generator's rate")
    expect(rate).to_have_count(1)  # that of the model before is gone
    expect(rate).to_have_value("0.002")
    rate.fill("0.004")
    rate.press("Enter")
    page.wait_for_url("**dcgan.lr_generator=0.004**")
    page.get_by_role("radio", name="Steps").click()
    page.wait_for_url("**budget=steps**")
    again = settled(visit(page.url.removeprefix(page.url.partition("/train")[0])))
    expect(again.get_by_role("spinbutton", name="Generator's rate")).to_have_value("0.004")
    expect(again.get_by_role("spinbutton", name="Steps")).to_be_visible()
    expect(again.get_by_role("combobox", name="Model", exact=True)).to_have_value("DCGAN")


@pytest.mark.slow
@pytest.mark.usefixtures("runs")
def test_pictures_of_ones_own_are_added_and_trained_on(tmp_path: Path, visit: Visit) -> None:
    page = settled(visit("/train"))
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"PK this is no zip")
    add(page, bad)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("not a whole zip")).to_be_visible()
    add(page, zipped(tmp_path / "one.zip", {"a.png": picture(0)}))
    expect(dialog.get_by_text("Only one picture")).to_be_visible()

    files = {f"{kind}/{n}.png": picture(n) for n in range(8) for kind in ("cats", "dogs")}
    add(page, zipped(tmp_path / "My pets.zip", {**files, "cats/notes.png": b"not a picture"}))
    expect(page.get_by_text("16 pictures added.")).to_be_visible()
    page.wait_for_url("**data=own*my-pets**")
    page.get_by_text("Files left out: 1").click()
    expect(page.get_by_text("notes.png")).to_be_visible()
    expect(page.locator("img[alt^='Some pictures of']")).to_be_visible()

    page.get_by_role("radio", name="Steps").click()
    steps = page.get_by_role("spinbutton", name="Steps")
    steps.fill("20")
    steps.press("Enter")
    page.wait_for_url("**steps=20**")
    settled(page)
    page.get_by_role("button", name="Train", exact=True).click()
    run = shown_run(page)
    expect(page.get_by_text("Finished in")).to_be_visible(timeout=120_000)
    assert run.config.data == "own:my-pets"
    assert run.status().step == 20


@pytest.mark.slow
@pytest.mark.usefixtures("runs")
def test_a_training_is_retuned_paused_resumed_renamed_and_deleted(visit: Visit) -> None:
    page = settled(visit("/train?data=digits&model=gan"))
    page.get_by_role("button", name="Train", exact=True).click()
    run = shown_run(page)
    page.locator("canvas").first.wait_for()

    page.get_by_role("button", name="Learning rate").click()
    slider = page.get_by_role("slider", name="Learning rate")
    slider.press("ArrowLeft")
    expect(page.get_by_role("button", name="Learning rate ×0.7")).to_be_visible()
    page.keyboard.press("Escape")
    wait_until(lambda: 0.7 in set(run.metrics()["lr_scale"]))

    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    stop_button(page).click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    assert run.status().state == "stopped"

    page.get_by_role("button", name="More").click()
    name = page.get_by_role("textbox", name="Name")
    name.fill("Tuned by hand")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", name="Tuned by hand")).to_be_visible()
    page.get_by_text("Delete this run with its pictures and weights").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    assert not run.path.exists()
