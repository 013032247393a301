"""The parts of the Models page: what the lab measured of its models, read from :mod:`genlab.evaluation.measured`."""
