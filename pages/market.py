"""What the documents claim about generative AI and its market, and what holds of it."""

from genlab.ui import market, shell

shell.enter("market")
market.draw()
