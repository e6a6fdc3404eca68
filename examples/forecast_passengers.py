"""How many will fly next year? Airline passengers of twelve years, forecast month by month, with intervals.

python examples/forecast_passengers.py
"""

from pathlib import Path

from ostinato import Forecaster
from ostinato.data import PanelColumns, read_panel

AIRLINE = Path(__file__).parent / "data" / "series" / "airline.csv"


def main() -> None:
    passengers = read_panel(AIRLINE, PanelColumns("Passengers", time="Date"))
    known = passengers.until(passengers.lengths - 24)  # the last two years are for the test

    model = Forecaster(horizon=12).fit(known)
    figures = model.evaluate(passengers)
    for name, naive in figures["baselines"].items():
        print(f"{name:<16}MASE {naive['mase']:.2f}")
    print(
        f"{'the network':<16}MASE {figures['model']['mase']:.2f}, coverage {figures['model']['coverage']:.0%}"
    )

    forecast = model.forecast(passengers, levels=(0.05, 0.5, 0.95))
    for time, (low, median, high) in zip(forecast.times[0], forecast.values[0], strict=True):
        print(f"{time.astype('M8[M]')}  {median:4.0f}  ({low:.0f} to {high:.0f})")


if __name__ == "__main__":
    main()
