"""The plot of a map on its way."""

import numpy as np

from genlab.plots.forming import forming_map
from genlab.plots.palette import style


def test_points_have_the_colours_of_their_classes_over_axes_that_stay() -> None:
    coords = np.array([[0.0, 1.0], [0.5, -0.5], [-1.0, 0.0]], np.float32)
    figure = forming_map(coords, np.array([2, -1, 0]))
    assert list(figure.data[0].marker.color) == [style(label)[0] for label in (2, -1, 0)]
    assert list(figure.data[0].x) == [0.0, 0.5, -1.0]
    assert figure.layout.xaxis.range == figure.layout.yaxis.range == (-1.05, 1.05)
