"""The documents' reading lists, mended: every entry has its place, and what is wrong has its source."""

import pytest

from genlab.market.cases import terms
from genlab.market.documents import sections
from genlab.market.loading import HAN, read
from genlab.market.resources import KINDS, STANDINGS, resource_of, resources
from genlab.models.presets import PRESETS

RESOURCES = resources()


def test_every_list_of_the_documents_is_answered():
    named = {section for resource in RESOURCES.values() for section in resource.sections}
    lists = {key for key in sections() if "/7." in key} | {"001/10", "003/10", "003/10b", "003/10c"}
    assert lists <= named
    assert {resource.kind for resource in RESOURCES.values()} == set(KINDS) == set(terms()["resource"])
    assert {resource.standing for resource in RESOURCES.values()} == set(STANDINGS) == set(terms()["standing"])


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda resource: resource.key)
def test_a_resource_reads_well_and_stands_on_something(resource):
    assert resource.text["en"].endswith(".")
    assert resource.text["zh"].endswith("。")
    assert HAN.search(resource.text["zh"])
    if resource.kind == "paper" and resource.standing in ("right", "mended", "added"):
        assert resource.references
    if resource.lab:
        assert PRESETS[resource.lab.query["preset"]].model == resource.lab.query["model"]


def test_the_wrong_authors_years_and_numbers_are_mended():
    mended = {key for key, resource in RESOURCES.items() if resource.standing == "mended"}
    assert mended >= {
        "gan-paper", "conditional-paper", "dcgan-paper", "jigsaw-paper", "improved-paper", "infogan-paper",
        "vae-paper", "representation-paper", "gpt-paper", "dropout-paper-as-book", "backpropagation-paper-as-book",
    }  # fmt: skip
    assert RESOURCES["vae-paper"].references[0].arxiv == "1312.6114"
    assert RESOURCES["dropout-paper-as-book"].references[0].arxiv == "1506.02142"


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "film"}, {"standing": "good"}, {"standing": "added"}, {"sections": []}, {"sections": ["001/77"]},
        {"references": ["nobody-1900-nothing"]}, {"text_zh": ""}, {"odd": 1},
    ],
)  # fmt: skip
def test_a_resource_that_is_not_whole_is_refused(change):
    fields = read("resources/papers-and-tools")["dcgan-paper"]
    assert resource_of("dcgan-paper", fields) == RESOURCES["dcgan-paper"]
    with pytest.raises(ValueError, match="dcgan-paper"):
        resource_of("dcgan-paper", fields | change)
