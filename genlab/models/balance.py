"""Learning rates that follow the balance of the two players.

One of the documents calls a GAN whose rates are adjusted by the balance of its players "ADGAN". The name is the
document's: no paper by that name is known to do this. Here the critic's lead is the share of pictures that it judges
rightly, from -1 (hardly better than guessing) to 1 (always right) around a target of three quarters, averaged over
some hundred steps. The critic's rate is divided by 4 to the power of its lead and the generator's multiplied by it, so
that whoever falls behind learns faster.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

TARGET = 0.75
"""Share of right judgements at which the rates are as they were set: half way between guessing and winning."""

STRENGTH = 4.0
"""Most that a rate is multiplied or divided by."""

MEMORY = 0.98
"""Weight of the past in the average, at each step."""


class Balance(nn.Module):
    """Keeps the critic's lead over the generator, as a buffer, so that it is in every checkpoint."""

    lead: Tensor  # (), -1 to 1

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("lead", torch.zeros(()))

    @torch.no_grad()
    def update(self, real_right: Tensor, fake_right: Tensor) -> None:
        """Take in the shares of real and of generated pictures that were judged rightly at a step."""
        share = 0.5 * (real_right + fake_right)
        lead = ((share - TARGET) / (1.0 - TARGET)).clamp(-1.0, 1.0)
        self.lead.lerp_(lead, 1.0 - MEMORY)

    def critic(self) -> float:
        """Factor on the critic's rate, 1/4 to 4; waits for the device."""
        return float(STRENGTH**-self.lead)

    def generator(self) -> float:
        """Factor on the generator's rate, 1/4 to 4; waits for the device."""
        return float(STRENGTH**self.lead)
