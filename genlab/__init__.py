"""genlab: train, watch and take apart generative models of pictures."""

__version__ = "0.1.0"
