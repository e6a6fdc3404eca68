import numpy as np
import pytest
import torch

from ostinato import InputError, LanguageModel, runtime
from ostinato.nn import LanguageNetwork as TorchNetwork
from ostinato.runtime._language_network import LanguageNetwork

from .saved import language_model

PROMPTS = ["", "the", "the quick brown"]


@pytest.fixture(scope="module", params=["characters", "words", "subwords"])
def pair(request, tmp_path_factory):
    """A language model as its estimator and as the runtime have it."""
    directory = tmp_path_factory.mktemp("lm") / "model"
    cell = {"characters": "gru", "words": "lstm", "subwords": "rnn"}[request.param]
    language_model(tokens=request.param, cell=cell).save(directory)
    return LanguageModel.load(directory), runtime.load(directory)


@pytest.mark.parametrize("embedding_size", [None, 3], ids=["one-hot", "embedded"])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_logits_are_as_torch_has_them_and_the_same_bits_token_by_token(cell, embedding_size):
    torch.manual_seed(0)
    sizes = {"cell": cell, "hidden_size": 5, "num_layers": 2}
    theirs = TorchNetwork(9, **sizes, embedding_size=embedding_size, dropout=0.5).eval()
    kind = {"input": "embedding" if embedding_size else "one-hot", "embedding_size": embedding_size}
    ours = LanguageNetwork(9, {**sizes, **kind})
    weights = {name: tensor.numpy() for name, tensor in theirs.state_dict().items()}
    assert ours.shapes() == {name: array.shape for name, array in weights.items()}
    ours.load(weights, "float32")
    ids = np.random.default_rng(0).integers(0, 9, (6, 3))
    with torch.no_grad():
        expected, state = theirs(torch.from_numpy(ids))
    logits, end = ours.onwards(ids, None, ours.begin(3))
    np.testing.assert_allclose(logits, expected[-1].numpy(), atol=2e-6)
    for mine, torchs in zip(end, state, strict=True):
        np.testing.assert_array_equal(mine, torchs.numpy())
    token_by_token = ours.begin(3)
    for token in ids:
        last, token_by_token = ours.step(token, token_by_token)
    np.testing.assert_array_equal(last, logits)


def test_predictions_are_the_estimators(pair):
    estimator, model = pair
    np.testing.assert_allclose(model.predict_proba(PROMPTS), estimator.predict_proba(PROMPTS), atol=1e-6)
    assert model.predict(PROMPTS) == estimator.predict(PROMPTS)
    assert model.predict_proba([]).shape == estimator.predict_proba([]).shape


@pytest.mark.parametrize(
    "options", [{}, {"temperature": 0.5}, {"top_k": 3}, {"top_p": 0.8}, {"temperature": 0}], ids=str
)
def test_the_same_seed_writes_the_same_text(pair, options):
    estimator, model = pair
    for seed in range(3):
        written = model.generate("the", length=30, seed=seed, **options)
        assert written == estimator.generate("the", length=30, seed=seed, **options)


def test_the_unseen_is_told_where_predict_was_called(pair):
    _, model = pair
    if model.tokenizer.unknown_id is None:
        return
    with pytest.warns(UserWarning, match="never seen") as caught:
        model.predict_proba("ÉÉ")
    assert caught[0].filename == __file__


def test_options_out_of_range(pair):
    with pytest.raises(InputError, match="top_k is 0"):
        pair[1].generate_pieces("a", top_k=0)
