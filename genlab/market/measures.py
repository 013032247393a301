"""How the metrics of experiments are come by: scores of a run, sharpness, cost, membership, and what pictures teach.

Everything is compared with the held-out pictures of the experiment's data set, whatever an arm was trained on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from genlab.errors import GenlabError
from genlab.market.experiments import Experiment

if TYPE_CHECKING:
    from torch import Tensor

    from genlab.data.pictures import Pictures
    from genlab.models.base import GenerativeModel
    from genlab.runs.store import Run

CLASSIFIER_STEPS = 300
"""Steps of every classifier in an experiment on augmentation, however many pictures it has."""


class MeasureError(GenlabError):
    """Something cannot be measured of this run; the message says what and why."""


def measure(experiment: Experiment, run: Run, seed: int, n: int, cpu_seconds: float) -> float:
    """The experiment's metric of a finished run.

    Parameters
    ----------
    seed
        Of the pictures that are drawn.
    n
        How many are drawn.
    cpu_seconds
        That the training took.

    Raises
    ------
    genlab.errors.GenlabError
        The run has no such score, or its files are damaged.
    """
    from genlab.data import load
    from genlab.runs.sampling import generate, load_checkpoint

    if experiment.kind == "cost":
        return cpu_seconds
    stored, step = load_checkpoint(run)
    held_out = load(experiment.data, "test")
    if experiment.kind == "scores":
        return _score(experiment, stored.model, step, n, seed)
    drawn = generate(stored.model, n, seed)
    if experiment.kind == "sharpness":
        return sharpness(drawn) / sharpness(held_out.images)
    return membership(drawn, load(run.config.data, "train").images, held_out.images)


def _score(experiment: Experiment, model: GenerativeModel, step: int, n: int, seed: int) -> float:
    from genlab.evaluation.extractor import extractor_for
    from genlab.evaluation.score import score
    from genlab.runs.sampling import generate

    by_class = None
    if experiment.metric == "label_accuracy" and model.prior.n_classes:
        labels = range(model.prior.n_classes)
        by_class = {label: generate(model, max(1, n // len(labels)), seed, label=label) for label in labels}
    extractor = extractor_for(experiment.data)
    drawn = generate(model, n, seed)
    sheet = score(drawn, experiment.data, extractor, step=step, seed=seed, kind="full", by_class=by_class)
    if experiment.metric not in sheet.scores:
        raise MeasureError(f"There is no {experiment.metric.replace('_', ' ')} of pictures from this model.")
    return sheet.scores[experiment.metric]


def sharpness(images: Tensor) -> float:
    """Mean squared Laplacian of pictures, uint8 (N, C, H, W), with values in [-1, 1]: the strength of fine detail."""
    from genlab.data.pictures import to_floats

    x = to_floats(images)
    middle = x[:, :, 1:-1, 1:-1]
    around = x[:, :, :-2, 1:-1] + x[:, :, 2:, 1:-1] + x[:, :, 1:-1, :-2] + x[:, :, 1:-1, 2:]
    return float((4 * middle - around).square().mean())


def membership(drawn: Tensor, members: Tensor, others: Tensor) -> float:
    """How well one can tell who was trained on, by the distance to the nearest drawn picture: 0.5 is not at all.

    The attack that needs nothing but samples, after Chen et al. 2019 (GAN-Leaks, arXiv 1909.03935), with distances
    between pixels. The value is the area under its ROC curve: the share of pairs of a member and another picture in
    which the member is the closer one, ties counted half.

    Parameters
    ----------
    drawn, members, others
        uint8 (N, C, H, W), each N its own.
    """
    from genlab.evaluation.memorisation import closer_share, nearest_training

    drawn, members, others = (images.flatten(1).float() / 255 for images in (drawn, members, others))
    return closer_share(nearest_training(members, drawn)[0], nearest_training(others, drawn)[0])


def taught(real: Pictures, model: GenerativeModel | None, held_out: Pictures, seed: int, n: int) -> float:
    """Accuracy on held-out pictures of a classifier trained on labelled ones and, with a model, on drawn ones too.

    Parameters
    ----------
    real
        With labels.
    model
        That can be asked for classes; None adds nothing. The classifier takes as many steps either way.
    n
        Pictures drawn in all, evenly of the classes.

    Raises
    ------
    MeasureError
        The model cannot be asked for a class.
    """
    from dataclasses import replace

    import torch

    from genlab.evaluation.learning import BATCH, accuracy, train_classifier
    from genlab.runs.sampling import generate

    assert real.labels is not None
    if model is not None:
        classes = model.prior.n_classes
        if classes != len(real.classes):
            raise MeasureError("Only a model that can be asked for each class can draw labelled pictures.")
        each = max(1, n // classes)
        pictures = torch.cat([generate(model, each, seed, label=label) for label in range(classes)])
        labels = torch.arange(classes).repeat_interleave(each)
        real = replace(real, images=torch.cat([real.images, pictures]), labels=torch.cat([real.labels, labels]))
    epochs = -(-CLASSIFIER_STEPS // max(1, len(real) // BATCH))
    return accuracy(train_classifier(real, seed, epochs), held_out)
