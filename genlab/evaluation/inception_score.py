"""The inception score: are single pictures clear, and all of them together varied?

Salimans et al. 2016 (arXiv 1606.03498)::

    exp(mean over pictures of KL(p(y|x) || p(y)))

between 1 and the number of classes; higher is better. It never looks at real pictures (Barratt & Sharma 2018, arXiv
1801.01973). Protocol: over all pictures at once, not averaged over ten parts, with the classes of the data set's own
classifier, so that its values mean something among scores with that classifier alone.
"""

from __future__ import annotations

from torch import Tensor


def inception_score(logits: Tensor) -> float:
    """The score of logits (N, classes) of N pictures."""
    log_each = logits.double().log_softmax(1)
    each = log_each.exp()
    together = each.mean(0)
    # A class that no picture is given at all has 0 * log 0 = 0 in every sum.
    log_together = together.clamp_min(1e-300).log()
    return float((each * (log_each - log_together)).sum(1).mean().exp())
