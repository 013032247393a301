"""How good a model is: features, distances between sets of pictures, and what they were measured with.

Each metric is a file with its paper and its protocol, and a few lines of torch on features that are already there.
torchmetrics, prdc and scipy are what the tests hold them against: torchmetrics shuffles by the global generator, which
a training's random numbers must not share, and gives KID a spread that is no standard error.
"""
