"""The plain side of the comparison: networks and loops as the well-known example scripts have them.

A DataLoader in this process over a data set that makes each sample from a PIL picture (ToTensor and
Normalize, step by step as torchvision does them), float32, Adam as it comes, a sigmoid with a binary
cross-entropy on top, one loss a player read with ``.item()`` at every step. The networks are the same as
ours to the parameter, which the benchmark checks; losses and optimiser settings are the same too.
"""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

Transform = Callable[[Image.Image], Tensor]


def to_tensor(picture: Image.Image) -> Tensor:
    """A grey PIL picture as float (1, H, W) in [0, 1], by the steps of torchvision's ToTensor."""
    array = torch.from_numpy(np.array(picture, np.uint8, copy=True))
    array = array.view(picture.size[1], picture.size[0], 1)
    return array.permute((2, 0, 1)).contiguous().to(dtype=torch.get_default_dtype()).div(255)


def to_tensor_normalised(picture: Image.Image) -> Tensor:
    """The same in [-1, 1]: ToTensor, then Normalize(0.5, 0.5) by its steps."""
    tensor = to_tensor(picture).clone()
    mean = torch.as_tensor([0.5], dtype=tensor.dtype).view(-1, 1, 1)
    std = torch.as_tensor([0.5], dtype=tensor.dtype).view(-1, 1, 1)
    return tensor.sub_(mean).div_(std)


class PlainDataset(Dataset[tuple[Tensor, int]]):
    """Bytes (N, 28, 28) and labels; a sample comes from a PIL picture, as torchvision's MNIST does it."""

    def __init__(self, images: Tensor, labels: Tensor, transform: Transform) -> None:
        self.images, self.labels, self.transform = images, labels, transform

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        picture = Image.fromarray(self.images[index].numpy())
        return self.transform(picture), int(self.labels[index])

    def __len__(self) -> int:
        return len(self.images)


class PlainLoop:
    """What every script does around its losses. Subclasses make networks and play one step."""

    transform: Transform = staticmethod(to_tensor_normalised)
    networks: list[nn.Module]

    def __init__(self, images: Tensor, labels: Tensor, batch_size: int, workers: int) -> None:
        dataset = PlainDataset(images[:, 0], labels, self.transform)
        self.loader = DataLoader(dataset, batch_size=batch_size, shuffle=True, drop_last=True, num_workers=workers)
        self.batches = self._endless()

    def _endless(self) -> Iterator[Tensor]:
        while True:
            for x, _ in self.loader:
                yield x

    def steps(self, n: int) -> None:
        """Train for `n` steps."""
        for _ in range(n):
            self.step(next(self.batches))

    def step(self, x: Tensor) -> None:
        raise NotImplementedError


class PlainVAE(PlainLoop):
    """784-400-20, as in pytorch/examples (vae)."""

    transform = staticmethod(to_tensor)

    def __init__(self, images: Tensor, labels: Tensor, batch_size: int, workers: int) -> None:
        super().__init__(images, labels, batch_size, workers)
        self.fc1, self.fc21, self.fc22 = nn.Linear(784, 400), nn.Linear(400, 20), nn.Linear(400, 20)
        self.fc3, self.fc4 = nn.Linear(20, 400), nn.Linear(400, 784)
        self.networks = [self.fc1, self.fc21, self.fc22, self.fc3, self.fc4]
        parameters = [parameter for network in self.networks for parameter in network.parameters()]
        self.optimiser = torch.optim.Adam(parameters, lr=1e-3)

    def step(self, x: Tensor) -> None:
        self.optimiser.zero_grad()
        hidden = F.relu(self.fc1(x.view(-1, 784)))
        mean, log_variance = self.fc21(hidden), self.fc22(hidden)
        std = torch.exp(0.5 * log_variance)
        z = mean + torch.randn_like(std) * std
        output = torch.sigmoid(self.fc4(F.relu(self.fc3(z))))
        likelihood = F.binary_cross_entropy(output, x.view(-1, 784), reduction="sum")
        kl = -0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
        loss = likelihood + kl
        loss.backward()
        loss.item()
        self.optimiser.step()


class PlainGAN(PlainLoop):
    """The order of PyTorch-GAN: the generator, then the critic on real and on the same generated pictures."""

    generator: nn.Module
    critic: nn.Module

    def start(self) -> None:
        """Make the optimisers; the networks are there."""
        self.networks = [self.generator, self.critic]
        self.loss = nn.BCELoss()
        self.optimiser_g = torch.optim.Adam(self.generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
        self.optimiser_d = torch.optim.Adam(self.critic.parameters(), lr=2e-4, betas=(0.5, 0.999))

    def step(self, x: Tensor) -> None:
        valid, fake = torch.ones(x.size(0), 1), torch.zeros(x.size(0), 1)
        self.optimiser_g.zero_grad()
        generated = self.generator(torch.randn(x.size(0), 100))
        g_loss = self.loss(self.critic(generated), valid)
        g_loss.backward()
        self.optimiser_g.step()
        self.optimiser_d.zero_grad()
        d_loss = self.loss(self.critic(x), valid) + self.loss(self.critic(generated.detach()), fake)
        d_loss.backward()
        self.optimiser_d.step()
        g_loss.item()
        d_loss.item()


class PlainMLPGAN(PlainGAN):
    """100-128-256-512-1024-784 against 784-512-256-1, as in PyTorch-GAN (gan)."""

    def __init__(self, images: Tensor, labels: Tensor, batch_size: int, workers: int) -> None:
        super().__init__(images, labels, batch_size, workers)
        layers: list[nn.Module] = []
        for before, after in ((100, 128), (128, 256), (256, 512), (512, 1024)):
            layers += [nn.Linear(before, after), nn.BatchNorm1d(after), nn.LeakyReLU(0.2, inplace=True)]
        self.generator = nn.Sequential(*layers, nn.Linear(1024, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
        self.critic = nn.Sequential(
            nn.Flatten(),
            nn.Linear(784, 512),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(512, 256),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(256, 1),
            nn.Sigmoid(),
        )
        self.start()


class PlainDCGAN(PlainGAN):
    """The DCGAN of pytorch/examples at width 64, two doublings from 7x7 to 28x28 instead of four to 64x64."""

    def __init__(self, images: Tensor, labels: Tensor, batch_size: int, workers: int) -> None:
        super().__init__(images, labels, batch_size, workers)
        self.generator = nn.Sequential(
            nn.Unflatten(1, (100, 1, 1)),
            nn.ConvTranspose2d(100, 128, 7, 1, 0, bias=False),
            nn.BatchNorm2d(128),
            nn.ReLU(True),
            nn.ConvTranspose2d(128, 64, 4, 2, 1),
            nn.BatchNorm2d(64),
            nn.ReLU(True),
            nn.ConvTranspose2d(64, 1, 4, 2, 1),
            nn.Tanh(),
        )
        self.critic = nn.Sequential(
            nn.Conv2d(1, 64, 4, 2, 1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(64, 128, 4, 2, 1, bias=False),
            nn.BatchNorm2d(128),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(128, 1, 7, 1, 0),
            nn.Flatten(),
            nn.Sigmoid(),
        )
        self.start()
