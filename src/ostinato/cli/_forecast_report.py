"""How good forecasts are, beside the naive ones, and which of them to take."""

import textwrap
from typing import Any

from ostinato.cli._figures import figures_table
from ostinato.cli._run import print_cost

_WIDTH = 80


def print_training(metrics: dict[str, Any]) -> None:
    """What a forecaster reached in training, from the content of `metrics.json`."""
    rows = _without_network(metrics)
    if metrics["valid"] is not None:
        rows["model, held out"] = metrics["valid"]
    print(figures_table({**rows, "model, training": metrics["train"]}), end="\n\n")
    _print_verdict(metrics, metrics["baseline"]["name"])
    print_cost(metrics, "time steps")


def print_backtest(figures: dict[str, Any]) -> None:
    """What `evaluate` says of a forecaster."""
    print(f"Scored: {figures['data']} (forecasts: {figures['sequences']:,}).", end="\n\n")
    print(figures_table({**_without_network(figures), "model": figures["model"]}), end="\n\n")
    _print_verdict(figures, figures["baseline_name"])


def _without_network(figures: dict[str, Any]) -> dict[str, Any]:
    """Naive forecasts, and those of the linear models that the network corrects."""
    return {**figures["baselines"], "linear models alone": figures["linear"]}


def _print_verdict(figures: dict[str, Any], baseline: str) -> None:
    skill = figures.get("skill")
    if skill is None:  # that one is never wrong, or never was until then
        text = (
            f"The series repeat themselves exactly, and need no model: use the naive forecast {baseline!r}."
        )
    elif skill > 0:
        text = f"The best naive forecast is {baseline!r}; the model's MASE is {skill:.1%} lower."
    else:
        text = (
            f"The naive forecast {baseline!r} wins: the model's MASE is {-skill:.1%} higher. Use that one, "
            f"or give more data, or covariates."
        )
    print(textwrap.fill(text, _WIDTH))
