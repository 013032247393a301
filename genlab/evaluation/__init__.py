"""How good a model is: features, distances between sets of pictures, and what they were measured with."""
