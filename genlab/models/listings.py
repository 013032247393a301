"""The five code listings of the documents, mended, as presets.

None of the listings runs as printed. A preset keeps a listing's sizes, rates and batch, and says in
``mended`` what had to change. Keras sets beta1 = 0.9 in its optimiser where a listing sets none.
"""

from __future__ import annotations

from genlab.models.preset import Preset

_BARE = {
    "latent": 100,
    "beta1": 0.9,
    "beta2": 0.999,
    "r1_gamma": 0.0,
    "generator_norm": False,
    "critic_leak": 0.0,
    "ema_halflife": 0,
    "decay_from": 1.0,
}
"""A listing as it stands: Adam with momentum, and no stabiliser of any kind."""

LISTINGS = (
    Preset(
        key="listing-000",
        model="dcgan",
        title="Listing of document 000",
        about="A convolutional GAN: 7x7 with 128 channels, doubled twice; Adam at 1e-4.",
        options={
            **_BARE,
            "critic_leak": 0.01,
            "width": 64,
            "lr_generator": 0.0001,
            "lr_critic": 0.0001,
            "generator_leak": 0.01,
        },
        batch_size=128,
        document="000",
        mended=(
            "The dense layer was never reshaped to 7x7 maps, so that the convolution after it failed; the "
            "critic was not frozen while the generator learned, so that it was trained to take fakes for "
            "real; the real pictures were neither loaded nor scaled to the tanh's range, numpy was not "
            "imported, and an epoch had as many steps as a batch has pictures. Kernels are 4x4 throughout, and "
            "the channels halve as the picture doubles."
        ),
    ),
    Preset(
        key="listing-001",
        model="dcgan",
        title="Listing of document 001",
        about="A convolutional GAN with 64 and 128 channels; Adam at 1e-4.",
        options={
            **_BARE,
            "width": 64,
            "lr_generator": 0.0001,
            "lr_critic": 0.0001,
        },
        batch_size=128,
        document="001",
        mended=(
            "The generator's strides were 1, so that it drew 7x7 pictures for a critic of 28x28; the "
            "critic was not frozen while the generator learned; there were no pictures and no training loop "
            "at all. Kernels are 4x4 instead of 5x5."
        ),
    ),
    Preset(
        key="listing-002",
        model="gan",
        title="Listing of document 002",
        about="The smallest GAN: one hidden layer of 128 in each network; Adam at 2e-4, beta1 0.5.",
        options={
            **_BARE,
            "beta1": 0.5,
            "critic_leak": 0.01,
            "generator_layers": "128",
            "critic_layers": "128",
            "lr_generator": 0.0002,
            "lr_critic": 0.0002,
            "generator_leak": 0.01,
        },
        batch_size=128,
        document="002",
        mended=(
            "The critic's sigmoid was followed by a loss that applies a second one; the data set object "
            "has no length n and no next_batch as they were called, and was neither shuffled nor repeated; 128 "
            "pictures were drawn into 100 places."
        ),
    ),
    Preset(
        key="listing-003",
        model="gan",
        title="Listing of document 003",
        about=(
            "Four hidden layers, 128 to 1024, against 512-256-128; Adam at its default rate. Printed twice"
            " in the document."
        ),
        options={
            **_BARE,
            "generator_layers": "128-256-512-1024",
            "critic_layers": "512-256-128",
            "lr_generator": 0.001,
            "lr_critic": 0.001,
        },
        document="003",
        mended=(
            "Pictures, epochs, batches and batch size were never defined (64 here), and numpy and matplotlib not "
            "imported; the real and the generated half were cut at a wrong place, so that one training call got "
            "everything and the other nothing; the same real pictures came at each step, and an epoch had as many "
            "steps as pictures instead of batches; the critic was not frozen while the generator learned."
        ),
    ),
    Preset(
        key="listing-004",
        model="gan",
        title="Listing of document 004",
        about="256-512-1024 against 1024-512-256; Adam at 1e-4, batches of 32.",
        options={
            **_BARE,
            "generator_layers": "256-512-1024",
            "critic_layers": "1024-512-256",
            "lr_generator": 0.0001,
            "lr_critic": 0.0001,
        },
        batch_size=32,
        document="004",
        mended=(
            "The loss was called with prediction and target swapped, so that it was no cross-entropy but a straight "
            "line; the pictures were never loaded, scaled or flattened to the 784 numbers that the critic takes; "
            "matplotlib was not imported, and the figures were saved after they had been shown, empty and all 32 "
            "under one name."
        ),
    ),
)
