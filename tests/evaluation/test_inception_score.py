"""The inception score, by hand and against torchmetrics."""

import pytest
import torch
from torch import Tensor, nn
from torchmetrics.image.inception import InceptionScore

from genlab.evaluation.inception_score import inception_score
from tests.helpers import seeded


def test_sure_and_even_gives_the_number_of_classes_and_one_class_or_no_idea_gives_1() -> None:
    sure = 1000.0 * torch.eye(5).repeat(4, 1)
    assert inception_score(sure) == pytest.approx(5.0)
    assert inception_score(sure[::5]) == pytest.approx(1.0)
    assert inception_score(torch.zeros(20, 5)) == pytest.approx(1.0)


def test_by_hand() -> None:
    # p = (0.8, 0.2) and (0.4, 0.6), together (0.6, 0.4).
    each = torch.tensor([[0.8, 0.2], [0.4, 0.6]], dtype=torch.float64)
    kl = (0.8 * torch.tensor(0.8 / 0.6).log() + 0.2 * torch.tensor(0.2 / 0.4).log()
          + 0.4 * torch.tensor(0.4 / 0.6).log() + 0.6 * torch.tensor(0.6 / 0.4).log()) / 2  # fmt: skip
    assert inception_score(each.log()) == pytest.approx(float(kl.exp()))


class Through(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x


# It warns of its memory and has no deviation over a single part.
@pytest.mark.filterwarnings("ignore:Metric `InceptionScore`", "ignore:std")
def test_it_is_what_torchmetrics_computes() -> None:
    logits = 3 * torch.randn(300, 10, generator=seeded())
    reference = InceptionScore(Through(), splits=1)
    reference.update(logits)
    assert inception_score(logits) == pytest.approx(float(reference.compute()[0]), rel=1e-5)
