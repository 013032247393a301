"""What every GAN can be given, and what of it does not go together; the game is told in `adversarial.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from genlab.models.critic import BatchFeatures, Condition
from genlab.models.objectives import OBJECTIVES
from genlab.models.options import ModelError, option


@dataclass(frozen=True)
class AdversarialOptions:
    """What every GAN can be given."""

    latent: int = option(
        64, "Latent numbers", "Length of the noise vector that a picture is made from.", low=1, high=1024, basic=True
    )
    lr_generator: float = option(
        1e-3, "Generator's rate", "Learning rate of the generator.", low=1e-6, high=0.1, log=True, basic=True
    )
    lr_critic: float = option(
        1e-3, "Critic's rate", "Learning rate of the critic.", low=1e-6, high=0.1, log=True, basic=True
    )
    r1_gamma: float = option(
        1.0,
        "R1 penalty",
        "Weight of the R1 gradient penalty, which keeps the critic gentle around real pictures; 0 turns it off.",
        low=0.0,
        high=100.0,
        basic=True,
    )
    objective: str = option(
        "non-saturating",
        "Objective",
        "What the two players minimise.",
        choices=tuple(OBJECTIVES),
        basic=True,
    )
    condition: Condition = option(
        "none",
        "Condition",
        "How the class is told to both players, so that pictures can be asked for by class: beside the pixels, by a "
        "projection of the critic's features, or by letting the critic name it.",
        choices=get_args(Condition),
        basic=True,
    )
    augment: str = option(
        "none",
        "Augmentation",
        "Moves and masks every picture the critic sees (DiffAugment), against learning few pictures by heart; "
        "adaptive finds how often by itself.",
        choices=("none", "fixed", "adaptive"),
        basic=True,
    )
    beta1: float = option(0.0, "Adam beta1", "Adam's momentum. GANs like it low: 0 or 0.5.", low=0.0, high=0.99)
    beta2: float = option(0.99, "Adam beta2", "Adam's memory for squared gradients.", low=0.5, high=0.9999)
    decay_from: float = option(
        0.5,
        "Rate falls from",
        "Share of the training after which the rates fall linearly to zero; 1 keeps them.",
        low=0.0,
        high=1.0,
    )
    adaptive_rates: bool = option(
        False,
        "Rates follow the balance",
        "Slows the critic and hurries the generator while the critic is too often right, and the other way round.",
    )
    critic_steps: int = option(
        1, "Critic's steps", "Steps of the critic for each one of the generator.", low=1, high=20
    )
    rest_every: int = option(
        0,
        "Critic rests every",
        "Steps from one rest of the critic to the next; 0: it never rests.",
        low=0,
        high=10_000,
    )
    rest_for: int = option(1, "Critic rests for", "Steps that the critic is frozen each time.", low=1, high=10_000)
    gradient_penalty: float = option(
        0.0,
        "Gradient penalty",
        "Weight of WGAN-GP's penalty, which holds the critic's slope at 1 between real and generated pictures; 0 turns "
        "it off, 10 is the paper's.",
        low=0.0,
        high=1000.0,
    )
    critic_norm: str = option(
        "none",
        "Critic's normalisation",
        "Normalisation in the critic. Spectral normalisation bounds its slope.",
        choices=("none", "spectral", "batch"),
    )
    label_smoothing: float = option(
        0.0, "Label smoothing", "How much less than certain the critic is to be of real pictures.", low=0.0, high=0.5
    )
    feature_matching: float = option(
        0.0,
        "Feature matching",
        "Weight of a second aim of the generator: the mean of the critic's features on real pictures.",
        low=0.0,
        high=100.0,
    )
    batch_features: BatchFeatures = option(
        "none",
        "Batch features",
        "Lets the critic see how much the pictures of a batch differ, so that a collapse shows.",
        choices=get_args(BatchFeatures),
    )
    generator_norm: bool = option(True, "Batch norm in the generator", "Batch normalisation in the generator.")
    generator_leak: float = option(
        0.0, "Generator's leak", "Slope for negative values in the generator; 0 is a ReLU.", low=0.0, high=0.5
    )
    critic_leak: float = option(
        0.2, "Critic's leak", "Slope for negative values in the critic; 0 is a ReLU.", low=0.0, high=0.5
    )
    ema_halflife: int = option(
        5000,
        "Moving average half-life",
        "Pictures after which a weight counts half in the generator's moving average, which draws the samples; "
        "0 draws with the raw weights.",
        low=0,
        high=1_000_000,
    )


def check(options: AdversarialOptions, n_classes: int) -> None:
    """Refuse what does not go together.

    Raises
    ------
    ModelError
        With a sentence that names both and what to do.
    """
    if options.condition != "none" and not n_classes:
        raise ModelError(
            "A condition needs pictures with classes, and these have none. Set the condition to none, or take pictures "
            "with classes."
        )
    if options.gradient_penalty and options.critic_norm == "batch":
        raise ModelError(
            "The gradient penalty is of one picture at a time, which batch normalisation in the critic mixes with the "
            "others. Choose another normalisation, or set the penalty to 0."
        )
    if options.label_smoothing and not OBJECTIVES[options.objective].smooths:
        raise ModelError(
            f"Label smoothing moves a probability, which the {options.objective} objective does not have. "
            "Set it to 0, or choose the non-saturating objective."
        )
    bounded = options.gradient_penalty or options.r1_gamma or options.critic_norm == "spectral"
    if options.objective == "wasserstein" and not bounded:
        raise ModelError(
            "The Wasserstein objective grows without end unless the critic's slope is bounded. Set the gradient "
            "penalty to 10, or choose spectral normalisation."
        )
    if options.rest_every and options.rest_for >= options.rest_every:
        raise ModelError(
            f"A critic that rests for {options.rest_for} of every {options.rest_every} steps never learns. "
            "Let it rest for fewer."
        )
