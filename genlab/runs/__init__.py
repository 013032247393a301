"""Runs: a training as a folder on disk, the queue, and the worker processes that train.

Pages and the command line talk to this package alone.
"""
