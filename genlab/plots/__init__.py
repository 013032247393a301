"""Plotly figures and picture grids from plain arrays: no page, no run and no language in here."""

import pandas as pd  # noqa: F401 -- plotly looks at it where some thread has begun to load it: this waits for the end
