"""Runs side by side: scores, pictures at the same point, curves, and a report of it all."""

from genlab.ui import shell
from genlab.ui.compare import page

shell.enter("compare")
page.draw()
