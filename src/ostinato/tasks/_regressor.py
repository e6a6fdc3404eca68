"""The regressor: which number belongs to a sequence? (many to one)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin

from ostinato.data import Examples
from ostinato.tasks._many_to_one import ManyToOne
from ostinato.tasks._number_targets import NumberTargets
from ostinato.tasks._sequence_parameters import POOLED, SEQUENCE
from ostinato.tasks._sequence_targets import SequenceTargets


class Regressor(RegressorMixin, ManyToOne):  # type: ignore[misc]
    """Learns a number, or several, from a sequence: texts, numeric sequences, recordings, videos.

    Args:
        cell: "rnn", "lstm" or "gru".
        hidden_size: numbers in the state of a layer and direction.
        num_layers: recurrent layers.
        bidirectional: whether each layer also reads backwards; a causal model, which may run live, does not.
        pooling: what of the outputs at all steps is looked at: "last", "mean", "max", "last+mean+max" or
            "attention".
        dropout: share of each layer's outputs dropped while training.
        tokens: "characters", "words" or "subwords", for texts.
        lowercase: whether capitals are read as small letters, in texts.
        vocabulary_size: tokens at most; None: all characters, 20,000 words, 4,096 subwords.
        input: "embedding" or "one-hot", for texts and tokens.
        embedding_size: numbers per token, for input="embedding".
        embedding_dropout: share of these numbers dropped while training.
        sample_rate: Hz that audio is resampled to; None: the recordings' own, 16,000 at most.
        num_mels: bands of an audio frame.
        frame_size: height and width that video frames are brought to, pixels.
        frames: "convolution" (a small network trained with the rest) or "pixels".
        on_corrupt: "error" or "skip" for recordings that cannot be decoded.
        workers: threads that decode recordings; None: as many as there are cores.
        epochs: passes over the examples, at most; None: 20, or as many as make 1,000 steps.
        batch_size: sequences a step.
        learning_rate: AdamW's, at its peak after the warm-up.
        weight_decay: AdamW's, of matrices.
        clip_norm: the largest norm of a gradient.
        patience: evaluations without improvement before training ends early.
        seed: of the weights, the dropout, the order and which examples are held out.
        threads: CPU threads; None leaves torch's setting.
        device: where torch computes, "cpu" or "cuda".
    """

    task = "regress"
    checks = {**SEQUENCE, **POOLED}  # noqa: RUF012

    targets_: NumberTargets

    def __init__(
        self,
        *,
        cell: str = "gru",
        hidden_size: int = 128,
        num_layers: int = 1,
        bidirectional: bool = True,
        pooling: str = "last+mean+max",
        dropout: float = 0.3,
        tokens: str = "characters",
        lowercase: bool = True,
        vocabulary_size: int | None = None,
        input: str = "embedding",  # noqa: A002 (the field's word for it)
        embedding_size: int = 64,
        embedding_dropout: float = 0.3,
        sample_rate: int | None = None,
        num_mels: int = 40,
        frame_size: int = 32,
        frames: str = "convolution",
        on_corrupt: str = "error",
        workers: int | None = None,
        epochs: int | None = None,
        batch_size: int = 16,
        learning_rate: float = 0.0015,
        weight_decay: float = 0.01,
        clip_norm: float = 1.0,
        patience: int = 10,
        seed: int = 0,
        threads: int | None = None,
        device: str = "cpu",
    ) -> None:
        self.cell = cell
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.pooling = pooling
        self.dropout = dropout
        self.tokens = tokens
        self.lowercase = lowercase
        self.vocabulary_size = vocabulary_size
        self.input = input
        self.embedding_size = embedding_size
        self.embedding_dropout = embedding_dropout
        self.sample_rate = sample_rate
        self.num_mels = num_mels
        self.frame_size = frame_size
        self.frames = frames
        self.on_corrupt = on_corrupt
        self.workers = workers
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.clip_norm = clip_norm
        self.patience = patience
        self.seed = seed
        self.threads = threads
        self.device = device

    def predict(self, X: Any) -> NDArray[np.float64]:
        """The number of each sequence, (n,), or (n, K) where there were several in training."""
        outputs = self._outputs(X)
        return self.targets_.restore(outputs)

    def __sklearn_tags__(self) -> Any:
        """Also several numbers for each sequence."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _learn_targets(self, examples: Examples) -> SequenceTargets:
        return NumberTargets.learn(examples)

    def _load_targets(self, value: Any) -> SequenceTargets:
        return NumberTargets.from_json(value)
