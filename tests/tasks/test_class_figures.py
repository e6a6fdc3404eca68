"""Figures of predicted classes, against scikit-learn's."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss

from ostinato.data import Labels, softmax
from ostinato.tasks._class_figures import agreement, by_class, mean_log_loss

TRUTH, PREDICTED = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])


@pytest.fixture
def logits():
    return np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)


def test_log_loss_is_scikit_learns(logits):
    truth = np.random.default_rng(1).integers(4, size=50)
    expected = log_loss(truth, softmax(logits), labels=range(4))
    assert mean_log_loss(logits, truth) == pytest.approx(expected)


def test_the_surprise_at_what_was_thought_impossible_is_finite():
    logits = np.array([[0.0, -1000.0]], np.float32)
    assert mean_log_loss(logits, np.array([1])) == pytest.approx(1000.0)


def test_accuracy_and_macro_f1():
    assert agreement(PREDICTED, TRUTH) == pytest.approx({"accuracy": 0.75, "macro_f1": (2 / 3 + 0.8) / 2})


def test_each_class_has_figures_and_a_row_of_the_confusion_matrix():
    told = by_class(Labels.learn(["cat", "dog", "eel"]), PREDICTED, TRUTH)
    assert told["confusion"] == [[1, 1, 0], [0, 2, 0], [0, 0, 0]]
    cat, _, eel = told["classes"]
    assert cat == {"class": "cat", "precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "examples": 2}
    assert eel == {"class": "eel", "precision": 0.0, "recall": 0.0, "f1": 0.0, "examples": 0}


@pytest.mark.filterwarnings("ignore:The number of unique classes")
@pytest.mark.parametrize("classes", [2, 5, 30])
def test_the_figures_are_scikit_learns(classes):
    truth, predicted = np.random.default_rng(0).integers(classes, size=(2, 40))
    expected = {
        "accuracy": accuracy_score(truth, predicted),
        "macro_f1": f1_score(truth, predicted, average="macro"),
    }
    assert agreement(predicted, truth) == pytest.approx(expected)
    told = by_class(Labels.learn(range(classes)), predicted, truth)
    assert told["confusion"] == confusion_matrix(truth, predicted, labels=range(classes)).tolist()
    f1 = f1_score(truth, predicted, labels=range(classes), average=None, zero_division=0.0)
    assert [row["f1"] for row in told["classes"]] == pytest.approx(f1.tolist())
