"""What the documents claim about generative AI and its market, what holds of it, and tools for a decision."""

from genlab.ui import shell
from genlab.ui.market import page

shell.enter("market")
page.draw()
