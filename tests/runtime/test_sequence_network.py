"""The networks of classifiers, regressors and taggers: torch's numbers, and the same however steps come."""

import numpy as np
import pytest
import torch

from ostinato.data import Ragged, Scaler, Stride, TokenEncoder, VectorEncoder, VideoEncoder, Vocabulary
from ostinato.nn import POOLINGS
from ostinato.runtime._sequence_network import SequenceNetwork
from ostinato.tasks._sequence_objective import batch_of
from ostinato.tasks._sequence_parameters import build_network

rng = np.random.default_rng(0)
LENGTHS = [4, 1, 9, 3]
PLAIN = {
    "cell": "gru",
    "hidden_size": 5,
    "num_layers": 2,
    "bidirectional": False,
    "pooling": "last+mean+max",
    "dropout": 0.5,
    "embedding_dropout": 0.5,
    "input": "embedding",
    "embedding_size": 3,
    "frames": "convolution",
}
SCALER = Scaler(np.zeros(3), np.ones(3), np.zeros(3, bool))
ENCODERS = {
    "tokens": TokenEncoder(Vocabulary(["a", "b", "c"])),
    "vectors": VectorEncoder(SCALER),
    "windows": VectorEncoder(SCALER, Stride(3, (0.1, 1.0, 2.0))),
    "frames": VideoEncoder(9, 3, 10.0),
}


def both(encoder="vectors", **options):
    """The same network in torch and in numpy."""
    parameters = {**PLAIN, **options}
    torch.manual_seed(0)
    theirs = build_network(parameters, ENCODERS[encoder], 3).eval()
    weights = {name: tensor.numpy() for name, tensor in theirs.state_dict().items()}
    ours = SequenceNetwork(ENCODERS[encoder], parameters, 3)
    assert ours.shapes() == {name: array.shape for name, array in weights.items()}
    ours.load(weights, "float32")
    return theirs, ours


def sequences(encoder="vectors", lengths=LENGTHS):
    element = ENCODERS[encoder].element
    if encoder == "tokens":
        return Ragged.of([rng.integers(0, 4, T).astype(np.int32) for T in lengths])
    if encoder == "frames":
        return Ragged.of([rng.integers(0, 256, (T, *element)).astype(np.uint8) for T in lengths])
    return Ragged.of([rng.normal(size=(T, *element)).astype(np.float32) for T in lengths])


def check_whole(theirs, ours, steps):
    x, lengths = steps.padded(range(len(steps)))
    with torch.no_grad():
        expected = theirs(*batch_of(steps, np.arange(len(steps)), theirs)).numpy()
    found = ours.whole(x, lengths)
    if found.ndim == 3:
        for row, T in enumerate(lengths):
            np.testing.assert_allclose(found[:T, row], expected[:T, row], atol=2e-6)
    else:
        np.testing.assert_allclose(found, expected, atol=2e-6)


@pytest.mark.parametrize("bidirectional", [False, True], ids=["causal", "both-ways"])
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_sequences_are_as_torch_has_them(cell, pooling, bidirectional):
    check_whole(*both(cell=cell, pooling=pooling, bidirectional=bidirectional), sequences())


@pytest.mark.parametrize(
    ("encoder", "options"),
    [
        ("tokens", {}),
        ("tokens", {"input": "one-hot"}),
        ("windows", {"bidirectional": True}),
        ("frames", {}),
        ("frames", {"frames": "pixels"}),
    ],
    ids=["embedded", "one-hot", "windows", "convolved", "pixels"],
)
def test_inputs_of_all_kinds_are_as_torch_has_them(encoder, options):
    check_whole(*both(encoder, **options), sequences(encoder))


@pytest.mark.parametrize("crf", [False, True])
def test_scores_of_each_step_are_as_torch_has_them(crf):
    options = {name: value for name, value in PLAIN.items() if name != "pooling"}
    torch.manual_seed(0)
    theirs = build_network({**options, "crf": crf}, ENCODERS["vectors"], 3).eval()
    ours = SequenceNetwork(ENCODERS["vectors"], options, 3)
    weights = {name: tensor.numpy() for name, tensor in theirs.state_dict().items()}
    ours.load(weights, "float32")
    check_whole(theirs, ours, sequences())


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize(
    ("encoder", "options"),
    [
        ("vectors", {"cell": "rnn"}),
        ("vectors", {"cell": "lstm"}),
        ("tokens", {}),
        ("tokens", {"input": "one-hot"}),
        ("frames", {}),
    ],
    ids=["rnn-vectors", "lstm-vectors", "gru-embedded", "gru-one-hot", "gru-frames"],
)
def test_step_by_step_in_pieces_and_at_once_are_the_same_bits(encoder, options, pooling):
    _, ours = both(encoder, pooling=pooling, **options)
    steps = sequences(encoder)
    x, lengths = steps.padded(range(len(steps)))
    at_once = ours.whole(x, lengths)
    one_by_one, state = [], ours.begin(len(steps))
    for each in x:
        logits, state = ours.step(each, state)
        one_by_one.append(logits)
    for row, T in enumerate(lengths):
        np.testing.assert_array_equal(one_by_one[T - 1][row], at_once[row])
    _, state = ours.onwards(x[:2], np.minimum(lengths, 2), ours.begin(len(steps)))
    in_pieces, _ = ours.onwards(x[2:], np.maximum(lengths - 2, 0), state)
    np.testing.assert_array_equal(in_pieces, at_once)


def test_a_row_alone_has_the_bits_it_has_in_a_batch():
    _, ours = both("frames", pooling="attention", hidden_size=33)
    steps = sequences("frames")
    x, lengths = steps.padded(range(len(steps)))
    together = ours.whole(x, lengths)
    for row, T in enumerate(lengths):
        np.testing.assert_array_equal(ours.whole(x[:T, [row]], lengths[[row]])[0], together[row])
