"""Networks: which sizes they take, and the shapes that they give."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from genlab.models.networks import ConvDown, ConvUp, Double, Halve, halvings, hidden_layers
from genlab.models.options import ModelError

SIZES = {
    8: (4, 1),
    10: (5, 1),
    12: (6, 1),
    14: (7, 1),
    16: (4, 2),
    28: (7, 2),
    32: (4, 3),
    48: (6, 3),
    64: (4, 4),
    96: (6, 4),
}


@pytest.mark.parametrize(("side", "expected"), [*SIZES.items(), (128, (4, 5)), (256, (4, 6))])
def test_halvings(side: int, expected: tuple[int, int]) -> None:
    base, times = halvings((1, side, side))
    assert (base, times) == expected
    assert base * 2**times == side


@pytest.mark.parametrize("side", [1, 4, 7, 9, 11, 15, 18, 22, 26, 30, 31, 36, 100])
def test_sizes_that_do_not_halve_are_refused_with_those_that_do(side: int) -> None:
    with pytest.raises(ModelError, match=f"{side} pixels do not allow. Resize to 8, 16"):
        halvings((1, side, side))


def test_the_sizes_that_the_message_names_all_work() -> None:
    with pytest.raises(ModelError) as refused:
        halvings((1, 9, 9))
    named = [
        int(word) for word in str(refused.value).split("Resize to ")[1].replace(",", " ").split() if word.isdigit()
    ]
    assert len(named) > 5
    for side in named:
        halvings((1, side, side))


def test_pictures_that_are_not_square_are_refused() -> None:
    with pytest.raises(ModelError, match="8 x 16"):
        halvings((1, 8, 16))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [*SIZES, 128])
@pytest.mark.parametrize("norm", ["none", "spectral", "batch"])
def test_convolutions_go_from_latents_to_pictures_to_features(side: int, channels: int, norm: str) -> None:
    shape, width = (channels, side, side), 2
    up, down = ConvUp(5, shape, width, batch_norm=norm == "batch"), ConvDown(shape, width, norm=norm)
    pictures = up(torch.randn(2, 5))
    assert pictures.shape == (2, *shape)
    base, times = halvings(shape)
    assert down.size == width * 2 ** (times - 1) * base**2
    assert down(pictures).shape == (2, down.size)


def test_channels_double_inwards() -> None:
    convolutions = [layer for layer in ConvDown((3, 32, 32), 5) if isinstance(layer, nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [5, 10, 20]
    transposed = [layer for layer in ConvUp(7, (3, 32, 32), 5) if isinstance(layer, nn.ConvTranspose2d)]
    assert [layer.in_channels for layer in transposed] == [20, 10, 5]


def test_normalisation_stands_where_it_is_asked_for() -> None:
    def count(module: nn.Module, kind: type) -> int:
        return sum(isinstance(layer, kind) for layer in module.modules())

    assert count(hidden_layers([4, 8, 8], norm="batch"), nn.BatchNorm1d) == 2
    assert count(hidden_layers([4, 8, 8]), nn.BatchNorm1d) == 0
    # The layer that sees the pixels stays without.
    assert count(ConvDown((1, 32, 32), 2, norm="batch"), nn.BatchNorm2d) == 2
    assert count(ConvUp(3, (1, 32, 32), 2), nn.BatchNorm2d) == 3


def test_spectral_normalisation_bounds_the_slope() -> None:
    torch.manual_seed(0)
    layers = hidden_layers([6, 6], norm="spectral")
    with torch.no_grad():
        layers[0].weight = 50 * torch.randn(6, 6)
    for _ in range(50):
        layers(torch.randn(2, 6))
    assert torch.linalg.matrix_norm(layers[0].weight, 2).item() == pytest.approx(1.0, rel=0.02)


@pytest.mark.parametrize(("leak", "expected"), [(0.0, 0.0), (0.25, -0.5)])
def test_leak_is_the_slope_below_zero(leak: float, expected: float) -> None:
    layers = hidden_layers([1, 1], leak)
    with torch.no_grad():
        layers[0].weight.fill_(1.0)
        layers[0].bias.zero_()
    assert layers(torch.tensor([[-2.0]])).item() == pytest.approx(expected)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [8, 20])
def test_halving_is_the_plain_convolution(channels: int, side: int) -> None:
    ours = Halve(channels, 5).double()
    x = torch.randn(2, channels, side, side, dtype=torch.float64, requires_grad=True)
    expected = F.conv2d(x, ours.weight, ours.bias, stride=2, padding=1)
    torch.testing.assert_close(ours(x), expected)
    _same_gradients(ours(x), expected, [x, ours.weight, ours.bias])


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [4, 7])
def test_doubling_is_the_plain_transposed_convolution(channels: int, side: int) -> None:
    ours = Double(5, channels).double()
    x = torch.randn(2, 5, side, side, dtype=torch.float64, requires_grad=True)
    expected = F.conv_transpose2d(x, ours.weight, ours.bias, stride=2, padding=1)
    torch.testing.assert_close(ours(x), expected)
    _same_gradients(ours(x), expected, [x, ours.weight, ours.bias])


def _same_gradients(output: torch.Tensor, expected: torch.Tensor, inputs: list[torch.Tensor]) -> None:
    weights = torch.randn_like(expected)
    for mine, other in zip(
        torch.autograd.grad((output * weights).sum(), inputs),
        torch.autograd.grad((expected * weights).sum(), inputs),
        strict=True,
    ):
        torch.testing.assert_close(mine, other)
