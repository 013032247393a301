"""Experiments with models that train in a moment."""

from genlab.market import run
from genlab.market.experiments import Experiment, experiment_of
from genlab.market.results import Result

TITLE = {"en": "An arm", "zh": "一组"}
VAE = {**TITLE, "preset": "vae-classic", "images": 640, "options": {"encoder_layers": "16", "decoder_layers": "16"}}
TINY = {
    "claim": "unstable",
    "metric": "fid",
    "data": "digits",
    "seeds": 2,
    "question_en": "Is it so?",
    "question_zh": "是这样吗？",
    "expects_en": "Yes.",
    "expects_zh": "是。",
    "arms": {"all": VAE, "few": VAE | {"n": 90, "flaw": "noisy"}},
    "pairs": [{"first": "all", "second": "few"}],
}
NAMED = VAE | {"preset": "vae-conditional", "options": VAE["options"] | {"components": 10, "decoder": "mlp"}}


def made(**change: object) -> Experiment:
    return experiment_of("tiny", TINY | change)


def go(experiment: Experiment, seeds: tuple[int, ...] = (0,)) -> Result:
    return run.run_experiment(experiment, seeds, lambda *_: None, drawn=100)
