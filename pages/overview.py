"""What the lab is, and the runs in it."""

from genlab.ui import shell

shell.enter("overview")
