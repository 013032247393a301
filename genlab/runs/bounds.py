"""The bounds that :mod:`genlab.runs.doctor` judges by, each with the numbers that it was set between.

The numbers are of small trainings made to fail and of healthy ones: GANs, VAEs and hybrids on 8x8 digits, and the
presets on 5,000 pictures of MNIST.
"""

POINTS_MIN, LOOKS_MIN, PROGRESS_MIN = 6, 4, 0.15
"""Values of a curve, of one that is measured now and then, and share of the budget before which all but a divergence
is kept back: every training begins badly."""
RECENT = 0.4
"""The last share of a curve, whose median is judged."""

ALWAYS_RIGHT = 0.95
"""Both shares of right judgements above it: a healthy critic had at most 0.88 of the harder kind, a strong one 0.99."""
NEVER_RIGHT = 0.1
"""Share of generated pictures seen through: healthy critics had 0.3 to 0.8, one with a hundredth of the rate 0."""
VANISHED = 0.005
"""Norm of the generator's gradient: 0.05 to 3 in healthy trainings, 0.001 and less with a saturated minimax loss."""
DIVERSITY_LOW, DIVERSITY_NONE = 0.35, 0.1
"""Diversity: 0.6 to 1.05 where a GAN was healthy, below 0.25 where it had collapsed."""
DIVERSITY_LOST = 0.8
"""Share of its own best below which diversity has fallen rather than not yet risen."""
CLASSES_MISSED = 3
"""Classes that a scored GAN does not draw; healthy ones missed none, a chance sample of a rare class one."""
LATENTS_USED = 0.1
"""Share of the latents in use: a third and more in healthy VAEs, none with a beta of 50."""
KL_RISES = 1.1
"""Factor by which the largest KL has lately grown where latents are only now coming into use."""
HEART_CRITIC = 0.6
"""(training - held-out) / (training - generated) of the critic's logits: up to 0.36 with 1,400 pictures, above 0.95
with 16; as in ADA (arXiv 2006.06676, eq. 1)."""
HEART_GAP, HEART_RISE = 0.2, 0.05
"""Held-out loss over the training one, and over its own lowest: at most 0.11 and 0.01 in healthy VAEs, 0.37 and 0.3
with 16 pictures."""
COPIES = 0.75
"""The score of memorisation: one half for real pictures, 0.02 to 0.41 for healthy models, 1 for copies."""
LOSS_HUGE, LOSS_HUGE_LINEAR = 30.0, 300.0
"""Of a GAN: below 1 in healthy games and 10 in lost ones, hundreds where rates were too high; Wasserstein's has no
scale, and ten times as much is let pass."""
LOSS_GREW = 0.5
"""Share by which another loss lies above its lowest so far."""
STILL_FALLS = 0.015
"""Fall of the held-out loss over the last two fifths, fifth against fifth; 0.003 to 0.01 where a VAE was done."""
FID_FALLS = 0.05
"""Fall of the Frechet distance between the last two score sheets; its own noise is 0.02 to 0.03."""
RATE_MIN, RATE_MAX = 1e-6, 0.1
"""What a learning rate may be."""
RATES_APART = 5.0
"""Factor between the players' rates from which on it is their remedy: a game of 100 to 1 was cured by equal rates and
by nothing else. Two time-scales as they are commonly set (arXiv 1706.08500) are up to 4 to 1."""
