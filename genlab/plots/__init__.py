"""Plotly figures and picture grids from plain arrays: no page, no run and no language in here."""
