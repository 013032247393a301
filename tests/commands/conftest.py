"""What the tests of this folder share."""

import pytest

from tests.helpers import config, train_run


@pytest.fixture
def trained() -> str:
    return train_run(config("vae", options={"latent": 4, "width": 2, "prior": "per-class"}, steps=3))[0].id
