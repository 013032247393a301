"""Choose data and a model, train, and watch."""

from genlab.ui import shell
from genlab.ui.train import page

shell.enter("train", header=False)
page.draw()
