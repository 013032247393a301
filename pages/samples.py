"""The film of a run, and new pictures from its checkpoints."""

from genlab.ui import samples, shell

shell.enter("samples")
samples.draw()
