"""Choose data and a model, train, and watch."""

from genlab.ui import shell

shell.enter("train")
