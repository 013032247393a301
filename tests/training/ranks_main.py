"""What each of several processes does in the tests of them: trains the cases that are named, on toy pictures.

A name may be followed by a colon and a number format.

All keep the last weights under the folder that is the first argument, and rank 0 the metrics of each step.
"""

import json
import sys
import warnings
from pathlib import Path

import torch
from safetensors.torch import save_file

sys.path.insert(0, str(Path(__file__).parents[2]))

from genlab.training.ranks import Ranks, joined
from genlab.training.trainer import Trainer
from tests.helpers import BY_NAME, CPU, Case, config, pictures

STEPS = 8


def named(text: str) -> tuple[Case, str]:
    name, _, precision = text.partition(":")
    return BY_NAME[name], precision or "fp32"


def train(name: str, ranks: Ranks, folder: Path) -> None:
    case, precision = named(name)
    data, asked = pictures(), config(case.model, options=case.options, steps=STEPS)
    training = Trainer(case.build(data.shape), data, asked, CPU, precision, ranks)
    metrics = []
    for _ in range(STEPS):
        training.step()
        metrics.append(training.take_metrics())
    weights = dict(training.model.state_dict())
    if training.average is not None:
        averages = training.average.modules.state_dict()
        weights |= {f"average.{name}": tensor for name, tensor in averages.items()}
    # A copy each: the file takes no tensors that lie over one another.
    apart = {name: tensor.clone(memory_format=torch.contiguous_format) for name, tensor in weights.items()}
    save_file(apart, folder / f"{name}-{ranks.rank}.safetensors")
    if ranks.leads:
        (folder / f"{name}.json").write_text(json.dumps(metrics))


if __name__ == "__main__":
    warnings.simplefilter("error")
    torch.set_num_threads(1)
    with joined() as together:
        for name in sys.argv[2:]:
            train(name, together, Path(sys.argv[1]))
