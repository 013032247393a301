"""The space a model draws from: collect points of it, project them to a map, walk between two of them.

Everything here works on arrays and models; what belongs to a run on disk is in :mod:`genlab.runs.jobs`.
"""
