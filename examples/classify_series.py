"""Which half of the year is it? A day's power demand, hour by hour, classified; in cross-validation as well.

python examples/classify_series.py
"""

from pathlib import Path

import numpy as np
from sklearn.model_selection import cross_val_score

from ostinato import Classifier
from ostinato.data import read_examples

DATA = Path(__file__).parent / "data" / "tsc"


def main() -> None:
    train = read_examples(DATA / "ItalyPowerDemand_TRAIN.ts", task="classify")
    test = read_examples(DATA / "ItalyPowerDemand_TEST.ts", task="classify")
    model = Classifier(hidden_size=32, epochs=40, learning_rate=0.003).fit(train, validation=0)
    figures = model.evaluate(test)
    print(f"{figures['baseline_name']}: {figures['baseline']['accuracy']:.1%}")
    print(f"the network: {figures['model']['accuracy']:.1%} of {figures['sequences']} days")
    for half, share in zip(model.classes_, model.predict_proba(test)[0], strict=True):
        print(f"  the first day is of half {half} with probability {share:.2f}")

    # The estimator is scikit-learn's: days as a list of arrays, and its own tools on them.
    days, halves = list(train.inputs), np.array(train.targets)
    small = Classifier(hidden_size=16, epochs=20, learning_rate=0.01)
    print("three-fold cross-validation:", cross_val_score(small, days, halves, cv=3).round(2))


if __name__ == "__main__":
    main()
