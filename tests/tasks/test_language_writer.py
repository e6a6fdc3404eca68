import warnings

import numpy as np
import pytest
import torch

from ostinato import InputError
from ostinato.data import learn_tokenizer, write
from ostinato.data import next_token_probabilities as probabilities_after
from ostinato.nn import LanguageNetwork
from ostinato.tasks._language_writer import reader

KOREAN = "모든 국민은 인간으로서의 존엄과 가치를 가진다. 👩‍👩‍👧 🇰🇷 café\n" * 5


def a_model(kind, text=KOREAN, cell="gru"):
    tokenizer = learn_tokenizer(kind, [text], 300 if kind == "subwords" else None)
    torch.manual_seed(0)
    network = LanguageNetwork(
        len(tokenizer), cell=cell, hidden_size=6, num_layers=2, embedding_size=4, dropout=0.5
    )
    return network, tokenizer


def written(model, prompt="", **options):
    network, tokenizer = model
    defaults = {"length": 50, "temperature": 1.0, "top_k": None, "top_p": None, "seed": 0}
    return list(write(reader(network), tokenizer, prompt, **{**defaults, **options}))


def next_token_probabilities(network, tokenizer, text):
    return probabilities_after(reader(network), tokenizer, text)


class Scripted(torch.nn.Module):
    """Foretells a fixed sequence of tokens."""

    def __init__(self, ids, vocabulary):
        super().__init__()
        self.decoder = torch.nn.Linear(vocabulary, vocabulary, bias=False)
        torch.nn.init.eye_(self.decoder.weight)
        self.ids, self.step = ids, 0

    def read(self, ids, state):
        y = torch.zeros(len(ids), 1, self.decoder.in_features)
        y[-1, 0, self.ids[self.step]] = 100.0
        self.step += 1
        return y, state


@pytest.mark.parametrize("length", [1, 5, 11])
def test_no_piece_is_part_of_a_character(length):
    _, tokenizer = a_model("subwords")
    ids = list("🇰🇷 한".encode())[:length]  # bytes are the first 256 tokens
    pieces = written((Scripted(ids, len(tokenizer)), tokenizer), length=length, temperature=0)
    assert "".join(pieces) == bytes(ids).decode("utf-8", "ignore")
    assert all(piece and "\ufffd" not in piece for piece in pieces)


@pytest.mark.parametrize("kind", ["characters", "words", "subwords"])
def test_so_many_tokens_and_never_the_unknown_one(kind):
    network, tokenizer = a_model(kind)
    pieces = written((network, tokenizer), length=200)
    if kind == "subwords":
        return
    assert len(pieces) == 200
    assert "\ufffd" not in "".join(pieces)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_same_seed_same_text(cell):
    model = a_model("characters", cell=cell)
    first, again, other = (written(model, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_no_seed_is_another_text_each_time():
    model = a_model("characters")
    assert written(model, seed=None) != written(model, seed=None)


def test_the_global_random_numbers_are_left_alone():
    model = a_model("characters")
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    written(model, seed=None)
    assert torch.rand(1) == expected


def test_each_token_is_the_likeliest_after_the_text_so_far():
    network, tokenizer = a_model("characters")
    pieces = written((network, tokenizer), "모든", length=5, temperature=0)
    for n in range(5):
        row = next_token_probabilities(network, tokenizer, "모든" + "".join(pieces[:n]))
        assert tokenizer.decode([int(row.argmax())]) == pieces[n]


def test_a_long_prompt_is_read_in_parts_as_if_whole(monkeypatch):
    network, tokenizer = a_model("characters")
    whole = next_token_probabilities(network, tokenizer, KOREAN)
    monkeypatch.setattr("ostinato.data._language_writing._WINDOW", 7)
    np.testing.assert_allclose(next_token_probabilities(network, tokenizer, KOREAN), whole, rtol=1e-5)


def test_of_a_prompt_only_the_last_tokens_scores_are_computed():
    network, tokenizer = a_model("characters")
    sizes = []
    network.decoder.register_forward_hook(lambda module, inputs, output: sizes.append(output.numel()))
    next_token_probabilities(network, tokenizer, KOREAN)
    assert sizes == [len(tokenizer)]


@pytest.mark.parametrize(
    ("kind", "text", "read"),
    [
        ("characters", KOREAN, "\n"),
        ("words", KOREAN, "\n"),
        ("subwords", "no line ends", "\n"),
        ("characters", "a b\r\nc d\r\n", "\n"),
        ("words", "a b\r\na c\r\na\r\n zebra", "\r\n"),
        ("characters", "a ~b!" * 9, " "),
        ("characters", "cab" * 9, "a"),
        ("words", "yes no no no  !", " no"),
    ],
)
def test_nothing_to_go_on_from_is_a_new_line_or_something_common(kind, text, read):
    network, tokenizer = a_model(kind, text)
    nothing, something = (next_token_probabilities(network, tokenizer, prompt) for prompt in ("", read))
    np.testing.assert_array_equal(nothing, something)


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ("모든 xyz", "the model has never seen 'x' 'y' 'z': left out of what it reads"),
        ("\x1b[3", "the model has never seen '\\x1b' '[' '3': left out of what it reads"),
        ("bdghijklmnop", "'b' 'd' 'g' 'h' 'i' 'j' 'k' 'l' 'm' 'n' … (12 in all): left out of what it reads"),
    ],
    ids=["three", "controls", "many"],
)
def test_the_unseen_is_one_warning(prompt, shown):
    with pytest.warns(UserWarning) as caught:
        written(a_model("characters"), prompt, length=1)
    assert len(caught) == 1
    assert shown in str(caught[0].message)


def test_subwords_have_seen_everything():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        written(a_model("subwords"), "日本 🎉 xyz", length=2)


def test_decomposed_korean_is_the_korean_it_knows():
    network, tokenizer = a_model("characters")
    rows = [
        next_token_probabilities(network, tokenizer, t) for t in ("모든", "\u1106\u1169\u1103\u1173\u11ab")
    ]
    np.testing.assert_array_equal(*rows)


def test_options_are_checked_before_the_first_piece():
    network, tokenizer = a_model("characters")
    options = {"length": 1, "temperature": 1.0, "top_k": 0, "top_p": None, "seed": None}
    with pytest.raises(InputError, match="top_k is 0"):
        write(reader(network), tokenizer, "", **options)


def test_a_prompt_that_is_no_text():
    with pytest.raises(InputError, match="is bytes: it must be a string"):
        written(a_model("characters"), b"abc")


def test_weights_without_use():
    network, tokenizer = a_model("characters")
    with torch.no_grad():
        network.decoder.bias.fill_(torch.nan)
    with pytest.raises(InputError, match="its weights are of no use"):
        written((network, tokenizer))
