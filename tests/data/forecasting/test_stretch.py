"""Which part of a panel is forecast."""

from ostinato.data.forecasting import Stretch

from ...panels import MONTH, panel


def test_a_whole_panel():
    stretch = Stretch.whole(panel([1.0, 2.0], [3.0]))
    assert stretch.begins.tolist() == [0, 0]
    assert stretch.panel.frequency == MONTH
