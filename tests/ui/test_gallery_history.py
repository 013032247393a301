"""What the Models page tells of the past: who loses to whom, and where the models come from."""

import importlib
import re

import pytest

from genlab.models import MODELS
from genlab.ui.gallery import cards, entrants, history
from genlab.ui.gallery.papers import PAPERS
from tests.ui.conftest import Open
from tests.ui.measuring import digits, said, training, write

pytestmark = pytest.mark.usefixtures("home", "measurements")


class TestHistory:
    @pytest.mark.parametrize(
        ("hmm", "outcome", "ahead", "behind"),
        [
            (90.0, "loses", "VAE, GAN (fully connected), Warm-started hybrid", ""),
            (15.0, "both", "GAN (fully connected), Warm-started hybrid", "VAE"),
            (1.0, "wins", "", "VAE, GAN (fully connected), Warm-started hybrid"),
        ],
    )
    def test_it_says_who_loses_whichever_way_it_went(
        self, open_page: Open, hmm: float, outcome: str, ahead: str, behind: str
    ) -> None:
        digits(hmm=hmm, dbn=40.0, vae=20.0, gan=10.0, hybrid=5.0)
        app = open_page("models")
        assert not app.exception
        assert said(app, f"verdict.{outcome}", model="Hidden Markov model", ahead=ahead, behind=behind)
        assert said(app, "one_seed")
        newer = "Warm-started hybrid 5, GAN (fully connected) 10"
        order = {
            90.0: f"{newer}, VAE 20, Deep belief network 40, Hidden Markov model 90",
            15.0: f"{newer}, Hidden Markov model 15, VAE 20, Deep belief network 40",
            1.0: f"Hidden Markov model 1, {newer}, VAE 20, Deep belief network 40",
        }
        assert said(app, "ranked", score="FID", order=order[hmm])

    def test_the_highest_recall_comes_first(self) -> None:
        for model, recall in (("hmm", 0.5), ("vae", 0.7), ("gan", 0.2)):
            write("digits", training(model, 60, 9.0, recall=recall), training(model, 60, 9.0, 1, recall=recall))
        told = history.verdicts(history.of_one_time(entrants.read("digits")))
        assert told[-1] == "Recall, from the best: VAE 70.0%, Hidden Markov model 50.0%, GAN (fully connected) 20.0%."

    def test_only_equal_times_are_compared(self) -> None:
        digits(hmm=60.0, vae=20.0, hybrid=8.0)
        write("digits", training("dbn", 12, 40.0), training("hmm", 12, 90.0))
        together = history.of_one_time(entrants.read("digits"))
        assert {model: line.given for model, line in together.items()} == {"hmm": 60, "vae": 60, "hybrid": 60}

    def test_what_it_says_of_a_model_holds_its_own_numbers(self, open_page: Open) -> None:
        digits(hmm=60.0, dbn=40.0, vae=20.0)
        app = open_page("models", lang="zh")
        assert said(app, "assumes.hmm", "zh", states=MODELS["hmm"].Options().states)
        assert said(app, "assumes.dbn", "zh", sampling_steps=MODELS["dbn"].Options().sampling_steps)


def docstring(model: str) -> str:
    return " ".join(importlib.import_module(MODELS[model].__module__).__doc__.split())


@pytest.mark.parametrize("model", PAPERS)
def test_papers_are_those_of_the_models_own_files(model: str) -> None:
    sources = ["vae", "gan"] if model == "hybrid" else [model] * len(PAPERS[model])
    for source, paper in zip(sources, PAPERS[model], strict=True):
        told = docstring(source)
        assert f'{paper.authors} {paper.year}, "{paper.title}' in told
        assert (f"arXiv {paper.arxiv}" if paper.arxiv else paper.journal) in told
        assert bool(paper.arxiv) != bool(paper.journal)
        assert re.fullmatch(r"(\d{4}\.\d{4,5})?", paper.arxiv)


def test_a_paper_links_to_its_arxiv_page() -> None:
    (paper,) = PAPERS["vae"]
    assert cards.cited(paper).endswith("](https://arxiv.org/abs/1312.6114)")
    assert "](" not in cards.cited(PAPERS["hmm"][0])
