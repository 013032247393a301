"""What the server answers besides the pages: pictures of places, and sentences for all else."""

import base64
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
import streamlit
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from genlab.latent.decode import lattice, look
from genlab.latent.result import Projection
from genlab.latent.spec import Spec
from genlab.runs import control
from genlab.runs.derived import compute
from genlab.runs.maps import Map, plan
from genlab.runs.sampling import load_checkpoint
from genlab.runs.store import open_run
from genlab.ui import routes

VAE = "00001-digits-vae"
BOX = {"left": -1, "right": 1, "bottom": -2, "top": 2, "across": 3, "down": 4}


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes.serve()), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def wanted(runs: Path) -> Map:
    wanted = plan(open_run(VAE), Spec("encoder", n=50))
    compute(wanted)
    return wanted


@pytest.fixture
def made(wanted: Map) -> Projection:
    return wanted.load()


def address(wanted: Map, what: str) -> str:
    return f"/lab/maps/mine/{wanted.run.id}/{wanted.key}/{what}"


def opened(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture)


def test_a_place_comes_as_its_picture_with_its_numbers(client: TestClient, wanted: Map, made: Projection) -> None:
    answer = client.get(address(wanted, "at"), params={"x": 0.5, "y": -1})
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    told = answer.json()
    place = look(made, load_checkpoint(wanted.run)[0].model, 0.5, -1)
    assert_array_equal(
        opened(base64.b64decode(told["picture"].removeprefix("data:image/png;base64,"))), place.picture[0]
    )
    assert told["error"] == pytest.approx(place.error, rel=1e-4)
    assert told["density"] == pytest.approx(place.density, abs=1e-6)
    assert set(told) == {"picture", "error", "density"}


def test_a_lattice_is_one_sheet_without_gaps(client: TestClient, wanted: Map, made: Projection) -> None:
    answer = client.get(address(wanted, "lattice"), params=BOX)
    assert answer.headers["content-type"] == "image/png"
    sheet = opened(answer.content)
    assert sheet.shape == (4 * 8, 3 * 8)
    cells = lattice(made, load_checkpoint(wanted.run)[0].model, (-1, 1, -2, 2), (3, 4))
    parts = sheet.reshape(4, 8, 3, 8).swapaxes(1, 2).reshape(12, 1, 8, 8)
    assert np.abs(parts.astype(int) - cells).max() <= 1


@pytest.mark.parametrize("value", ["", "nan", "inf", "-inf", "1e999", "x", "1,5", "0x10", "' OR 1", "9" * 5_000])
@pytest.mark.parametrize("name", ["x", "y"])
def test_what_is_no_number_is_refused(client: TestClient, wanted: Map, name: str, value: str) -> None:
    answer = client.get(address(wanted, "at"), params={"x": 0, "y": 0, name: value})
    assert answer.status_code == 400
    assert answer.json() == {"error": f"{name} must be a finite number."}
    assert answer.headers["cache-control"] == "no-store"
    del answer
    assert client.get(address(wanted, "at"), params={"xy"[name == "x"]: 0}).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"left": 1}, {"top": -2}, {"bottom": "nan"}, {"across": 0}, {"across": -3}, {"down": "2.0"}, {"down": ""},
        {"across": "٣"}, {"across": 25, "down": 24}, {"across": 999, "down": 1_000}, {"down": "9" * 400},
    ],
)  # fmt: skip
def test_a_lattice_that_makes_no_sense_is_refused(client: TestClient, wanted: Map, wrong: dict[str, object]) -> None:
    answer = client.get(address(wanted, "lattice"), params={**BOX, **wrong})
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")


def test_a_place_too_far_away_is_told(client: TestClient, wanted: Map) -> None:
    answer = client.get(address(wanted, "at"), params={"x": 1e300, "y": 0})
    assert answer.status_code == 422
    assert "too far" in answer.json()["error"]


@pytest.mark.parametrize(
    "run", ["00099-none", "..", "%2e%2e", "..%2f..", "00001-digits-vae%00", ".", "00001-DIGITS-vae"]
)
def test_runs_that_are_not_there_are_not_found(client: TestClient, wanted: Map, run: str) -> None:
    answer = client.get(f"/lab/maps/mine/{run}/{wanted.key}/at?x=0&y=0")
    assert answer.status_code == 404
    assert "picture" not in answer.text


@pytest.mark.parametrize("key", ["0" * 24, "..", "..%2f..%2f..%2fsecret", "{key}.npz", "{KEY}", "{key}%0a", "*", "%00"])
def test_no_name_leads_out_of_the_folder_of_maps(client: TestClient, wanted: Map, key: str) -> None:
    outside = wanted.run.path.parent / "secret.npz"
    outside.write_bytes(wanted.file(".npz").read_bytes())
    outside.with_suffix(".json").write_bytes(wanted.file(".json").read_bytes())
    named = key.format(key=wanted.key, KEY=wanted.key.upper())
    answer = client.get(f"/lab/maps/mine/{VAE}/{named}/at?x=0&y=0")
    assert answer.status_code == 404
    assert "picture" not in answer.text


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=30), st.text(max_size=30), st.dictionaries(st.sampled_from([*BOX, "x", "y"]), st.text(max_size=9))
)
def test_whatever_is_asked_is_answered_in_a_sentence(
    client: TestClient, wanted: Map, run: str, key: str, query: dict[str, str]
) -> None:
    hostile = quote(run, safe=""), quote(key, safe="")
    for named in ((VAE, wanted.key), (VAE, hostile[1]), (hostile[0], wanted.key), hostile):
        for what in ("at", "lattice"):
            answer = client.get(f"/lab/maps/mine/{'/'.join(named)}/{what}", params=query)
            assert answer.status_code in ((200, 400, 422) if named == (VAE, wanted.key) else (400, 404))
            assert answer.status_code != 200 or answer.headers["cache-control"].startswith("private")


def test_a_map_without_latents_and_one_in_space_are_not_decoded(client: TestClient, runs: Path) -> None:
    for spec, status in ((Spec("pixels", n=50), 422), (Spec("encoder", dims=3, n=50), 400)):
        other = plan(open_run(VAE), spec)
        made = compute(other)
        assert routes.of_map(other, made) == ""
        assert client.get(address(other, "at"), params={"x": 0, "y": 0}).status_code == status


def test_a_run_deleted_while_its_map_is_open_is_told(client: TestClient, wanted: Map) -> None:
    assert client.get(address(wanted, "at"), params={"x": 0, "y": 0}).status_code == 200
    control.delete(wanted.run)
    answer = client.get(address(wanted, "at"), params={"x": 0, "y": 0})
    assert answer.status_code == 404
    assert VAE in answer.json()["error"]


def test_other_weights_than_those_of_the_map_are_not_taken_for_them(client: TestClient, wanted: Map) -> None:
    (_, folder) = wanted.run.checkpoints()[-1]
    (file,) = folder.glob("model.*")
    file.write_bytes(file.read_bytes()[:-1] + b"\x01")
    answer = client.get(address(wanted, "at"), params={"x": 0, "y": 0})
    assert answer.status_code == 404
    assert "weights" in answer.json()["error"]


def test_reasons_are_given_in_the_language_that_is_asked_for(client: TestClient, wanted: Map) -> None:
    for lang, words in (
        ("zh", "离各点太远"),
        ("zh-CN,zh;q=0.9", "离各点太远"),
        ("en-GB", "too far"),
        ("fr", "too far"),
    ):
        answer = client.get(address(wanted, "at"), params={"x": 1e300, "y": 0}, headers={"Accept-Language": lang})
        assert words in answer.json()["error"]


def test_a_fault_is_a_sentence_too(client: TestClient, wanted: Map, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("genlab.ui.latent.loading.found", broken)
    answer = client.get(address(wanted, "at"), params={"x": 0, "y": 0})
    assert answer.status_code == 500
    assert set(answer.json()) == {"error"}


def test_nothing_can_be_sent(client: TestClient, wanted: Map) -> None:
    assert client.post(address(wanted, "at"), params={"x": 0, "y": 0}).status_code == 405


def test_more_requests_than_there_is_room_for_are_turned_away(
    client: TestClient, wanted: Map, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes._room, "locked", lambda: True)
    assert client.get(address(wanted, "at"), params={"x": 0, "y": 0}).status_code == 503


def test_places_are_decoded_on_one_core() -> None:
    torch.set_num_threads(2)  # what threads begin with from now on
    try:
        with ThreadPoolExecutor(1) as free, ThreadPoolExecutor(1, initializer=routes._alone) as held:
            assert free.submit(torch.get_num_threads).result() == 2
            assert held.submit(torch.get_num_threads).result() == 1
    finally:
        torch.set_num_threads(1)


def test_a_map_that_is_shown_is_decoded_once_before_anyone_asks(
    client: TestClient, wanted: Map, made: Projection, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[list[float]] = []
    monkeypatch.setattr(routes, "_look", lambda _wanted, _made, x, y: decoded.append([x, y]))
    routes._warm_up.clear()
    for _ in range(3):
        assert routes.of_map(wanted, made)
    routes._decoding.submit(int).result()  # what was begun before has ended
    assert decoded == [made.coords[0].tolist()]


def test_the_address_follows_the_server(wanted: Map, made: Projection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamlit, "get_option", lambda _: "/lab1/")
    assert [route.path for route in routes.serve()] == [
        f"/lab1/lab/maps/{{ticket}}/{{run}}/{{key}}/{what}" for what in ("at", "lattice")
    ]
    assert routes.of_map(wanted, made) == f"lab/maps/mine/{VAE}/{wanted.key}"
    routes._served.clear()
    assert routes.of_map(wanted, made) == ""
