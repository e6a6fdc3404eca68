"""The classifier: what is a sequence? (many to one)."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin

from ostinato._parameters import Real
from ostinato.data import Examples, softmax
from ostinato.tasks._class_targets import ClassTargets, labelled
from ostinato.tasks._class_weights import ClassWeight
from ostinato.tasks._many_to_one import ManyToOne
from ostinato.tasks._sequence_parameters import POOLED, SEQUENCE
from ostinato.tasks._sequence_targets import Encoded, SequenceTargets, given


class Classifier(ClassifierMixin, ManyToOne):  # type: ignore[misc]
    """Learns which class a sequence is of: texts, numeric sequences, recordings, videos.

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
        class_weight: None, "balanced" (each class counts the same, however many examples it has), or weights
            by class, 1 where there is none.
        label_smoothing: share of the target spread over all classes in training.
        epochs: passes over the examples, at most; None: 20, or as many as make 1,000 steps.
        batch_size: sequences a step.
        learning_rate: AdamW's, at its peak after the warm-up.
        weight_decay: AdamW's, of matrices.
        clip_norm: the largest norm of a gradient.
        patience: evaluations without improvement before training ends early.
        seed: of the weights, the dropout, the order and which examples are held out.
        threads: CPU threads; None leaves torch's setting.
        device: where torch computes, "cpu" or "cuda".

    Attributes:
        classes_: (K,) the classes, sorted.
    """

    task = "classify"
    checks = {  # noqa: RUF012
        **SEQUENCE,
        **POOLED,
        "class_weight": ClassWeight(),
        "label_smoothing": Real(0.0, 0.9),
    }

    targets_: ClassTargets

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
        class_weight: Any = None,
        label_smoothing: float = 0.1,
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
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.clip_norm = clip_norm
        self.patience = patience
        self.seed = seed
        self.threads = threads
        self.device = device

    @property
    def classes_(self) -> NDArray[Any]:
        """(K,) the classes, sorted."""
        self._check_fitted()
        return self.targets_.labels.classes

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """(n, K) the probability of each class; rows sum to 1."""
        return softmax(self._outputs(X))

    def predict(self, X: Any) -> NDArray[Any]:
        """(n,) the likeliest class of each sequence."""
        likeliest = self._outputs(X).argmax(1)
        return self.targets_.labels.decode(likeliest)

    def _examples(self, X: Any, y: Any = None) -> Examples:
        return labelled(super()._examples(X, y))

    def _strata(self, examples: Examples) -> Sequence[Hashable] | None:
        return given(examples)

    def _learn_targets(self, examples: Examples) -> SequenceTargets:
        return ClassTargets.learn(examples, self.class_weight, self.label_smoothing)

    def _load_targets(self, value: Any) -> SequenceTargets:
        return ClassTargets.from_json(value)

    def _details(self, outputs: Any, targets: Encoded) -> dict[str, Any]:
        return self.targets_.by_class(outputs, targets)
