"""The network of a classifier, a regressor or a tagger: a sequence in, scores for it or for each step out."""

from torch import Tensor, nn

from ostinato._errors import InputError
from ostinato.nn._equations import State
from ostinato.nn._frame_encoder import FrameEncoder, standardised
from ostinato.nn._initialisation import initialise_recurrent
from ostinato.nn._inputs import FrameInput, Input, VectorInput, build_embedding
from ostinato.nn._pooling import Pooling
from ostinato.nn._stack import build_stack, numbers_per_step, run_stack
from ostinato.nn._windows import Windows


class SequenceNetwork(nn.Module):
    """Input → recurrent layers → pooling over time, if any → dropout → a linear layer.

    Args:
        inputs: what a step is: `TokenInput`, `VectorInput` or `FrameInput`.
        outputs: K, numbers per sequence with pooling, per step without.
        cell: "rnn", "lstm" or "gru".
        hidden_size: H, of each layer and direction.
        num_layers: recurrent layers.
        bidirectional: whether each layer also reads backwards.
        dropout: share of the recurrent layers' outputs set to zero while training, between layers and before
            the linear one.
        embedding_dropout: share of the numbers of embedded tokens set to zero while training.
        pooling: how one vector is made of all steps, one of `Pooling`'s words; None for scores at each step.

    Raises:
        ValueError: there is no such pooling, or there is none and `inputs` are read in windows.
    """

    def __init__(
        self,
        inputs: Input,
        outputs: int,
        *,
        cell: str,
        hidden_size: int,
        num_layers: int,
        bidirectional: bool,
        dropout: float,
        pooling: str | None,
        embedding_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.inputs = inputs
        self.encoder = _build_encoder(inputs)
        if pooling is None and isinstance(self.encoder, Windows):
            raise InputError("a step that is read in windows has no scores of its own: choose a pooling")
        self.recurrent = build_stack(
            cell, inputs.features, hidden_size, num_layers, dropout=dropout, bidirectional=bidirectional
        )
        features = hidden_size * (2 if bidirectional else 1)
        self.pooling = None if pooling is None else Pooling(pooling, features, bidirectional)
        self.dropout = nn.Dropout(dropout)
        self.embedding_dropout = nn.Dropout(embedding_dropout)
        self.decoder = nn.Linear(features if self.pooling is None else self.pooling.out_features, outputs)
        initialise_recurrent(self.recurrent, inputs.fan_in)

    def forward(self, x: Tensor, lengths: Tensor, state: State = ()) -> Tensor:
        """Read whole sequences.

        Args:
            x: (T, B) int64, (T, B, D), or (T, B, height, width, channels).
            lengths: (B,) int64, 1 to T: how many steps of each row are real.
            state: (h,) or (h, c) to begin with, each (L·directions, B, H), or () for zeros.

        Returns:
            Logits, (B, K) with pooling; without, (T, B, K), those past a row's length without meaning.
        """
        if isinstance(self.encoder, Windows):
            x, lengths = self.encoder(x, lengths)
        y, _ = self._recur(x, lengths, state)
        if self.pooling is not None:
            y = self.pooling(y, lengths)
        logits: Tensor = self.decoder(self.dropout(y))
        return logits

    def read(self, x: Tensor, state: State = ()) -> tuple[Tensor, State]:
        """Read the next steps of sequences that are still going on.

        Args:
            x: as for `forward`, all steps real.
            state: what the call before returned, or () at the beginning.

        Returns:
            Logits after each step, (T, B, K), and the state after the last one.

        Raises:
            ValueError: what the network says of a step depends on later ones: it is bidirectional, reads
                windows, or its pooling is another than "last".
        """
        looks_ahead = self.recurrent.bidirectional or isinstance(self.encoder, Windows)
        if looks_ahead or (self.pooling is not None and self.pooling.how != "last"):
            raise InputError(
                "a bidirectional or pooling network reads whole sequences: train one that is causal"
            )
        y, state = self._recur(x, None, state)
        return self.decoder(self.dropout(y)), state

    def _recur(self, x: Tensor, lengths: Tensor | None, state: State) -> tuple[Tensor, State]:
        if isinstance(self.inputs, FrameInput):
            x = self._frame_vectors(x, lengths)
        embedding = self.encoder.weight if isinstance(self.encoder, nn.Embedding) else None
        if embedding is not None and self.training and self.embedding_dropout.p:
            x, embedding = self.embedding_dropout(nn.functional.embedding(x, embedding)), None
        # Otherwise the layer reads tokens by itself: their vectors need not be built.
        return run_stack(self.recurrent, x, state, lengths=lengths, embedding=embedding)

    def _frame_vectors(self, frames: Tensor, lengths: Tensor | None) -> Tensor:
        if not isinstance(self.encoder, FrameEncoder):
            return standardised(frames, self.decoder.weight.dtype).flatten(2)
        vectors: Tensor = self.encoder(frames, lengths)
        return vectors

    @property
    def numbers_per_step(self) -> int:
        """How many numbers reading a step makes: its input, each layer's gates and output, its scores."""
        encoder = self.encoder.numbers_per_step if isinstance(self.encoder, FrameEncoder) else 0
        scores = self.decoder.out_features if self.pooling is None else 0
        stride = self.encoder.stride if isinstance(self.encoder, Windows) else 1
        return encoder + -(-(numbers_per_step(self.recurrent) + scores) // stride)


def _build_encoder(inputs: Input) -> nn.Embedding | FrameEncoder | Windows | None:
    """What comes before the recurrent layers, if anything."""
    if isinstance(inputs, FrameInput) and inputs.how == "convolution":
        return FrameEncoder(inputs.height, inputs.width, inputs.channels, inputs.features)
    if isinstance(inputs, VectorInput) and inputs.stride is not None:
        return Windows(inputs.stride, inputs.changes)
    return build_embedding(inputs)
