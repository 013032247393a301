"""The parts of the Latent space page: choosing a map, waiting for it, looking at it, walking in it."""
