"""The training loop, devices and precision, and checkpoints. It knows no model by name and no run folder."""
