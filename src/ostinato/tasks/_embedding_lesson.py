"""The third lesson: what an embedding is, learned on the words of a novel beside one-hot input.

Two networks learn to say the next word, alike but for what they read. One-hot, every word is as far from
every other. Embedded, a word is a row of learned numbers, and words that are used alike come to lie close.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from ostinato._errors import InputError, ParameterError
from ostinato._parameters import Whole
from ostinato.nn import LanguageNetwork
from ostinato.tasks._language_corpus import Corpus, Split
from ostinato.tasks._language_objective import NextToken
from ostinato.tasks._language_scoring import score_tokens
from ostinato.tasks._ngram import NGram
from ostinato.tasks._texts import Texts
from ostinato.training import Reporter, Settings, Silent, reproducible, train

VOCABULARY = 2000
EMBEDDING, HIDDEN = 32, 64
DROPOUT, LEARNING_RATE = 0.25, 0.01
BATCH, WINDOW = 8, 32
EPOCHS = 3
HELD_OUT = 0.1  # the text's end
ORDERS = (1, 2, 5)  # of the n-grams to compare with
WORDS = ("he", "his", "was", "said", "very", "three", "room", "happy", "catherine")
AMONG = 500  # most frequent words, in which neighbours are looked for: the rarer have hardly been learned
NEAREST = 4
FEWEST = 100  # words of text

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\S")  # or a punctuation mark
_EPOCHS, _SEED = Whole(1, 1000), Whole(0, (1 << 63) - 1)


@dataclass(frozen=True)
class Score:
    """How the held-out words were foreseen: e^(mean loss), and the share that were the likeliest word."""

    name: str
    perplexity: float
    accuracy: float


@dataclass(frozen=True)
class WordModel:
    """A network with one kind of input, one-hot or embedding.

    Attributes:
        input: which.
        numbers_per_word: that stand for a word in the input.
        input_parameters: between a word and the cell's gates: the embedding, if there is one, and W_x.
        parameters: all.
        seconds: of training.
        score: on the held-out words.
    """

    input: str
    numbers_per_word: int
    input_parameters: int
    parameters: int
    seconds: float
    score: Score


@dataclass(frozen=True)
class Neighbours:
    """A word, its count in the training words, and the nearest words with the cosines of the angles to it."""

    word: str
    count: int
    nearest: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class EmbeddingLesson:
    """A finished lesson.

    Attributes:
        seed: of the networks.
        epochs: passes over the text.
        vocabulary: words in it, the unknown one included.
        train_words: words and punctuation marks learned from.
        held_out_words: those at the text's end that are scored.
        unknown: the share of these that are not in the vocabulary; they count as one word.
        baselines: n-grams, counted on the same words.
        models: one-hot, then embedding.
        neighbours: in the embedding that was learned.
    """

    seed: int
    epochs: int
    vocabulary: int
    train_words: int
    held_out_words: int
    unknown: float
    baselines: tuple[Score, ...]
    models: tuple[WordModel, ...]
    neighbours: tuple[Neighbours, ...]


def learn_words(
    X: Any,
    words: Sequence[str] | None = None,
    seed: int = 0,
    epochs: int = EPOCHS,
    reporter: Callable[[str], Reporter] = lambda _: Silent(),
) -> EmbeddingLesson:
    """Train a GRU of 64 units twice on the 2000 most frequent words of a text: one-hot and embedded.

    The text is read in lower case; its last tenth is held out. The same arguments give the same lesson, but
    for the seconds; the global random state is left as it was.

    Args:
        X: a text, as for `LanguageModel.fit`.
        words: whose neighbours to look for; None: some that are frequent in novels, or else in this text.
        seed: of the networks, 0 or more.
        epochs: passes over the text, 1 to 1000.
        reporter: who is told of the training on "one-hot" and on "embedding" input.

    Raises:
        InputError: the text cannot be read or has fewer than 100 words, or an argument will not do.
    """
    _EPOCHS.check("epochs", epochs)
    _SEED.check("seed", seed)
    corpus = _corpus(X)
    chosen = _ids(words, corpus)
    ids, cut, size = np.asarray(corpus.ids), corpus.cut, len(corpus.tokenizer)
    models = []
    for kind in ("one-hot", "embedding"):
        with reproducible(seed, threads=1):  # on a busy machine threads wait for each other
            network = _network(kind, size)
            models.append(_learn(kind, network, corpus, seed, epochs, reporter(kind)))
    embedding = network.get_parameter("encoder.weight")
    return EmbeddingLesson(
        seed,
        epochs,
        size,
        train_words=cut,
        held_out_words=len(ids) - cut,
        unknown=float((ids[cut:] == corpus.tokenizer.unknown_id).mean()),
        baselines=tuple(_baseline(order, ids, cut, size) for order in ORDERS),
        models=tuple(models),
        neighbours=_neighbours(embedding, corpus, chosen),
    )


def _corpus(X: Any) -> Corpus:
    """Every word with one blank before it, so that a word is one token wherever it stands."""
    words = _WORD.findall("".join(Texts(X).chunks()).lower())
    if len(words) < FEWEST:
        raise InputError(f"the text has {len(words)} words: give one of {FEWEST} at least, better a novel")
    cut = int(len(words) * (1 - HELD_OUT))
    learned, held_out = ("".join(f" {word}" for word in part) for part in (words[:cut], words[cut:]))
    return Corpus.of(Split.of(learned, held_out), "words", VOCABULARY, None)


def _ids(words: Sequence[str] | None, corpus: Corpus) -> list[int]:
    """The ids of the words that were asked for, or of some others."""
    if words is None:
        known = [i for i in (_id(word, corpus) for word in WORDS) if i is not None]
        return known or _frequent(corpus)[: len(WORDS)]
    ids = []
    for word in words:
        known_id = _id(word, corpus)
        if known_id is None:
            raise ParameterError(
                "words",
                f"has {word!r}, which is not one of the text's {len(corpus.tokenizer) - 1:,} most frequent "
                f"words: choose among them",
            )
        ids.append(known_id)
    return ids


def _id(word: str, corpus: Corpus) -> int | None:
    """The id of a word, or None where it has none."""
    ids = corpus.tokenizer.encode(f" {word.lower()}")
    return int(ids[0]) if len(ids) == 1 and ids[0] != corpus.tokenizer.unknown_id else None


def _frequent(corpus: Corpus) -> list[int]:
    """The ids of words, not punctuation marks, the most frequent first."""
    return [i for i in range(1, len(corpus.tokenizer)) if _word(corpus, i)[0].isalpha()]


def _network(kind: str, vocabulary: int) -> LanguageNetwork:
    network = LanguageNetwork(
        vocabulary,
        cell="gru",
        hidden_size=HIDDEN,
        num_layers=1,
        embedding_size=EMBEDDING if kind == "embedding" else None,
        dropout=DROPOUT,
    )
    if isinstance(network.encoder, torch.nn.Embedding):
        # torch's rows have a standard deviation of 1, and a word that is read a few dozen times does not come
        # far from there: its neighbours would be those it was drawn with.
        with torch.no_grad():
            network.encoder.weight.mul_(0.1)
    return network


def _learn(
    kind: str, network: LanguageNetwork, corpus: Corpus, seed: int, epochs: int, reporter: Reporter
) -> WordModel:
    objective = NextToken(network, corpus, BATCH, WINDOW, seed)
    settings = Settings(epochs=epochs, learning_rate=LEARNING_RATE)
    outcome = train(objective, settings, reporter=reporter)
    scores = score_tokens(network, corpus.ids, corpus.cut)
    sizes = {name: parameter.numel() for name, parameter in network.named_parameters()}
    return WordModel(
        kind,
        network.recurrent.input_size,
        sizes.get("encoder.weight", 0) + sizes["recurrent.weight_ih_l0"],
        sum(sizes.values()),
        outcome.seconds,
        _score(kind, scores),
    )


def _baseline(order: int, ids: NDArray[Any], cut: int, size: int) -> Score:
    """An n-gram counted on the training words; the context of the first held-out one is theirs."""
    ngram = NGram.fit(ids[:cut], size, order)
    return _score(f"{order}-gram", ngram.evaluate(ids[cut:], ids[max(0, cut - order) : cut]))


def _score(name: str, figures: dict[str, float]) -> Score:
    return Score(name, math.exp(figures["loss"]), figures["accuracy"])


def _neighbours(E: Tensor, corpus: Corpus, chosen: Sequence[int]) -> tuple[Neighbours, ...]:
    """The nearest rows of E (V, 32) to the chosen ones."""
    E = normalize(E.detach(), dim=-1)
    counts = np.bincount(corpus.ids[: corpus.cut], minlength=len(E))
    frequent = _frequent(corpus)[:AMONG]
    found = []
    for word in chosen:
        cosines = {other: float(E[word] @ E[other]) for other in frequent if other != word}
        nearest = sorted(cosines.items(), key=lambda item: -item[1])[:NEAREST]
        named = tuple((_word(corpus, other), cosine) for other, cosine in nearest)
        found.append(Neighbours(_word(corpus, word), int(counts[word]), named))
    return tuple(found)


def _word(corpus: Corpus, token: int) -> str:
    return corpus.tokenizer.token(token).strip()
