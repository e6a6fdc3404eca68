import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato import InputError
from ostinato.data import Examples, seeded
from ostinato.tasks._generator_texts import TextTargets

TEXTS = ["abca", "b", "cab"]
HOW = {"tokens": "characters", "vocabulary_size": None, "input": "embedding", "embedding_size": 5}


def examples(targets, place=None):
    some = Examples(["x"] * len(targets), "text", targets)
    return some if place is None else Examples(some.inputs, "text", targets, place=place)


@pytest.fixture
def targets():
    return TextTargets.learn(examples(TEXTS), HOW)


def test_ids_are_the_tokenizers_then_end_then_beginning(targets):
    assert (targets.end, int(targets.begin), targets.ids, targets.outputs) == (4, 5, 6, 5)
    assert targets.inputs(HOW).vocabulary_size == 6
    assert targets.inputs({**HOW, "input": "one-hot"}).embedding_size is None
    assert targets.longest == 4


def test_what_is_read_is_one_step_behind_what_is_to_come(targets):
    x, steps, lengths = targets.batch(targets.encode(examples(TEXTS)), np.array([2, 1]))
    assert x[:, 0].tolist() == [5, 3, 1, 2]
    assert steps[:, 0].tolist() == [3, 1, 2, 4]
    assert x[:2, 1].tolist() == [5, 2]
    assert steps[:2, 1].tolist() == [2, 4]
    assert lengths.tolist() == [4, 2]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=5))
def test_texts_come_back(texts):
    targets = TextTargets.learn(examples(["abc"]), HOW)
    encoded = targets.encode(examples(texts))
    assert [targets.decode(steps[:-1]) for steps in encoded.steps] == texts
    assert all(steps[-1] == targets.end for steps in encoded.steps)
    assert encoded.sizes.tolist() == [len(text) + 1 for text in texts]


def test_half_a_character_at_the_end_is_not_written():
    targets = TextTargets.learn(examples(["áéíóú"]), {**HOW, "tokens": "subwords", "vocabulary_size": 257})
    ids = targets.encode(examples(["xñ"])).steps[0][:-1]
    assert targets.decode(ids) == "xñ"
    assert targets.decode(ids[:-1]) == "x"


def test_nats_are_minus_the_logarithm_of_the_softmax(targets):
    outputs = torch.randn(3, 2, 5, generator=torch.Generator().manual_seed(0))
    steps = torch.tensor([[0, 4], [1, 2], [3, 3]])
    expected = -outputs.softmax(-1).gather(2, steps[..., None])[..., 0].log()
    torch.testing.assert_close(targets.nats(outputs, steps), expected)


def test_a_uniform_guess_costs_the_logarithm_of_the_number_of_outcomes(targets):
    encoded = targets.encode(examples(TEXTS))
    nats = encoded.steps.lengths * math.log(5)
    figures = targets.figures(nats, encoded)
    assert figures["perplexity"] == pytest.approx(5)
    assert figures["bits_per_character"] == pytest.approx(math.log2(5))


def test_tokens_that_are_never_drawn(targets):
    options = {"temperature": 1e6, "top_k": None, "top_p": None}
    drawing = targets.drawing(1000, options, seeded(0))
    first, ended = drawing(np.zeros((1000, 5), np.float32), first=True)
    assert set(first.tolist()) == {1, 2, 3}
    assert not ended.any()
    later, ended = drawing(np.zeros((1000, 5), np.float32), first=False)
    assert set(later.tolist()) == {1, 2, 3, 4}
    assert (ended == (later == 4)).all()


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["a", "", "b", ""], "targets of length 0: row 1; row 3; leave them out"),
        (["a", 3], "targets must all be texts, as the first one is: row 1: int"),
        (["a", None], "targets must all be texts, as the first one is: row 1: NoneType"),
    ],
    ids=["empty", "number", "none"],
)
def test_bad_targets_are_named(texts, message):
    with pytest.raises(InputError, match=message):
        TextTargets.learn(examples(texts, "row {}".format), HOW)


def test_json(targets):
    again = TextTargets.from_json(targets.to_json())
    assert again.tokenizer == targets.tokenizer
    assert again.longest == targets.longest


@pytest.mark.parametrize("longest", [None, 0, -1, 1.5, "3", True, 1 << 60])
def test_no_length_of_a_longest_text(targets, longest):
    with pytest.raises(InputError, match="how long the longest one was"):
        TextTargets.from_json({**targets.to_json(), "longest": longest})
