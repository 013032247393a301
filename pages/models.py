"""Which of the models works, how well and at what cost, and why the field moved on: what the lab measured."""

from genlab.ui import shell
from genlab.ui.gallery import page

shell.enter("models")
page.draw()
