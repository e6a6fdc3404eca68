"""How long is the period of a noisy wave? A number from series of different lengths, with gaps in them.

python examples/regress_period.py
"""

import numpy as np

from ostinato import Regressor


def wave(random: np.random.Generator) -> tuple[np.ndarray, float]:
    """A sine with noise, one value in ten missing, and its period in steps."""
    period = random.uniform(5, 25)
    steps = np.arange(random.integers(40, 80))
    values = np.sin(2 * np.pi * steps / period + random.uniform(0, 6)) + random.normal(0, 0.1, len(steps))
    values[random.random(len(steps)) < 0.1] = np.nan
    return values, period


def main() -> None:
    random = np.random.default_rng(0)
    waves, periods = zip(*(wave(random) for _ in range(400)), strict=True)
    model = Regressor(hidden_size=32, epochs=12, learning_rate=0.01).fit(waves[:300], periods[:300])
    figures = model.evaluate(waves[300:], periods[300:])
    print(f"{figures['baseline_name']}: off by {figures['baseline']['mae']:.2f} steps on average")
    print(f"the network: off by {figures['model']['mae']:.2f}, R² {figures['model']['r2']:.3f}")
    for predicted, period in zip(model.predict(waves[300:303]), periods[300:303], strict=True):
        print(f"said {predicted:.1f}, was {period:.1f}")


if __name__ == "__main__":
    main()
