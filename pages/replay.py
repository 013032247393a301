"""What a run went through, on one cursor of time."""

from genlab.ui import shell
from genlab.ui.replay import page

shell.enter("replay")
page.draw()
