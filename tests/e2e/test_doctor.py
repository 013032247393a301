"""The diagnosis in a browser: it comes while a run trains, and a click on its remedy starts a branch."""

import pytest
from playwright.sync_api import expect

from genlab.runs.control import stop
from genlab.runs.store import create_run
from genlab.training.config import RunConfig
from tests.e2e.driving import Visit, settled, shown_run
from tests.helpers import wait_until

STRONG = {"r1_gamma": 0.0, "lr_generator": 1e-4, "lr_critic": 1e-2, "critic_steps": 5}


@pytest.mark.slow
@pytest.mark.usefixtures("runs")
def test_a_remedy_is_tried_at_a_click_while_the_run_trains(visit: Visit) -> None:
    ill = create_run(RunConfig(data="digits", model="gan", options=STRONG, minutes=0.5, precision="fp32"))
    page = settled(visit(f"/train?run={ill.id}"))
    expect(page.get_by_text("Critic too strong")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("The critic is right of")).to_be_visible()
    page.get_by_role("button", name="Try Generator's rate 0.001 and Critic's rate 0.001").click()
    expect(page.get_by_text("A branch of")).to_be_visible()
    page.wait_for_url(lambda url: ill.id not in url)
    made = shown_run(page)
    assert made.origin is not None
    assert made.origin.run == ill.id
    assert made.config.options == {**STRONG, "lr_generator": 1e-3, "lr_critic": 1e-3}
    page.get_by_role("button", name="Go there").click()
    page.wait_for_url(f"**run={ill.id}**")
    page.get_by_text("Vital signs").click()
    expect(page.locator("canvas")).to_have_count(2)


COLLAPSING = {
    "latent": 16, "generator_layers": "128", "critic_layers": "128", "lr_generator": 0.1, "lr_critic": 1e-3,
    "beta1": 0.9, "generator_norm": False,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.usefixtures("runs")
def test_a_collapsed_run_is_branched_and_compared_with_its_branch(visit: Visit) -> None:
    asked = RunConfig("digits", "gan", COLLAPSING, batch_size=32, minutes=0.5, precision="fp32")
    ill = create_run(asked)
    page = settled(visit(f"/train?run={ill.id}"))
    expect(page.get_by_text("Mode collapse")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("Two drawn pictures differ by only")).to_be_visible()
    page.get_by_role("button", name="Try Generator's rate 0.01 and Critic's rate 0.01").first.click()
    page.wait_for_url(lambda url: ill.id not in url)
    made = shown_run(page)
    page.get_by_role("link", name="Compare with it").click()
    page.wait_for_url(
        lambda url: f"runs={ill.number}%2C{made.number}" in url or f"runs={ill.number},{made.number}" in url
    )
    for run in (ill, made):
        expect(page.get_by_test_id("stDataFrame").first.locator("tbody")).to_contain_text(f"{run.number} · ")
    stop(ill)  # now it is the branch's turn
    wait_until(lambda: made.status().step > 0 and made.samples(), 120)
    page.reload()
    expect(settled(page).locator(".gl-picture, [data-testid=stImage] img").first).to_be_visible()
    expect(page.locator(".nsewdrag").first).to_be_visible()  # the curves of both
