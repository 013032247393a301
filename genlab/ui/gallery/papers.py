"""Where the models come from, as the docstrings of their files tell it."""

from __future__ import annotations

from typing import Final, NamedTuple


class Paper(NamedTuple):
    """A publication: on arXiv, or in a journal."""

    authors: str
    year: int
    title: str
    arxiv: str = ""
    journal: str = ""

    @property
    def url(self) -> str:
        """Its page on arXiv; empty where it has none."""
        return f"https://arxiv.org/abs/{self.arxiv}" if self.arxiv else ""


_VAE = Paper("Kingma & Welling", 2013, "Auto-Encoding Variational Bayes", "1312.6114")
_GAN = Paper("Goodfellow et al.", 2014, "Generative Adversarial Nets", "1406.2661")

PAPERS: Final[dict[str, tuple[Paper, ...]]] = {
    "hybrid": (_VAE, _GAN),
    "vaegan": (
        Paper(
            "Larsen et al.",
            2015,
            "Autoencoding beyond pixels using a learned similarity metric",
            "1512.09300",
        ),
    ),
    "vae": (_VAE,),
    "vqvae": (
        Paper(
            "van den Oord, Vinyals & Kavukcuoglu",
            2017,
            "Neural Discrete Representation Learning",
            "1711.00937",
        ),
    ),
    "transformer": (
        Paper("Vaswani et al.", 2017, "Attention Is All You Need", "1706.03762"),
        Paper("Ramesh et al.", 2021, "Zero-Shot Text-to-Image Generation", "2102.12092"),
    ),
    "gan": (_GAN,),
    "dcgan": (
        Paper(
            "Radford, Metz & Chintala",
            2015,
            "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks",
            "1511.06434",
        ),
    ),
    "infogan": (
        Paper(
            "Chen et al.",
            2016,
            "InfoGAN: Interpretable Representation Learning by Information Maximizing Generative Adversarial Nets",
            "1606.03657",
        ),
    ),
    "progressive": (
        Paper(
            "Karras et al.",
            2017,
            "Progressive Growing of GANs for Improved Quality, Stability, and Variation",
            "1710.10196",
        ),
    ),
    "hmm": (Paper("Rabiner", 1989, "A tutorial on hidden Markov models", journal="Proc. IEEE 77"),),
    "dbn": (
        Paper(
            "Hinton, Osindero & Teh",
            2006,
            "A fast learning algorithm for deep belief nets",
            journal="Neural Computation 18",
        ),
    ),
}
"""By the model's key; the hybrid is the lab's own, made of two."""
