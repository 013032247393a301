"""Maps of a model's latent space, and ways through it."""

from genlab.ui import shell
from genlab.ui.latent import page

shell.enter("latent")
page.draw()
