"""The network of a language model: token ids in, a score for every possible next token out."""

import torch
from torch import Tensor, nn

from ostinato.nn._layers_by_cell import LAYERS
from ostinato.nn._one_hot import OneHot


class LanguageNetwork(nn.Module):
    """Embedding (or one-hot) → recurrent layers → a linear layer over the vocabulary.

    Args:
        vocabulary_size: V, the number of tokens.
        cell: "rnn", "lstm" or "gru".
        hidden_size: H, of each layer.
        num_layers: recurrent layers.
        embedding_size: numbers per token, or None for one-hot input.
        dropout: share of the recurrent layers' outputs set to zero while training, between layers and before
            the linear one.
    """

    def __init__(
        self,
        vocabulary_size: int,
        *,
        cell: str,
        hidden_size: int,
        num_layers: int,
        embedding_size: int | None,
        dropout: float,
    ) -> None:
        super().__init__()
        self.encoder: nn.Module
        if embedding_size is None:
            self.encoder = OneHot(vocabulary_size)
        else:
            self.encoder = nn.Embedding(vocabulary_size, embedding_size)
        between = dropout if num_layers > 1 else 0.0
        self.recurrent = LAYERS[cell](
            embedding_size or vocabulary_size, hidden_size, num_layers, dropout=between
        )
        self.dropout = nn.Dropout(dropout)
        self.decoder = nn.Linear(hidden_size, vocabulary_size)
        self._initialise()

    def forward(self, ids: Tensor, state: tuple[Tensor, ...] = ()) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Read a window of tokens.

        Args:
            ids: (T, B) int64.
            state: what an earlier call returned, or () for zeros.

        Returns:
            Logits (T, B, V) of the token after each one, and the state after the last: (h,) or, for an LSTM,
            (h, c), each (num_layers, B, H).
        """
        y, state = self.read(ids, state)
        return self.decoder(y), state

    def read(self, ids: Tensor, state: tuple[Tensor, ...] = ()) -> tuple[Tensor, tuple[Tensor, ...]]:
        """`forward` without the last layer, for those who want the scores of few tokens or of none.

        Args:
            ids: (T, B) int64.
            state: what an earlier call returned, or () for zeros.

        Returns:
            What `decoder` makes the logits of, (T, B, H), and the state after the last token.
        """
        initial = None if not state else state if len(state) == 2 else state[0]
        # The layer reads the tokens themselves: their vectors need not be built.
        embedding = self.encoder.weight if isinstance(self.encoder, nn.Embedding) else None
        y, final = self.recurrent(ids, initial, embedding=embedding)
        return self.dropout(y), final if isinstance(final, tuple) else (final,)

    @property
    def numbers_per_token(self) -> int:
        """How many numbers reading a token makes: its input, each layer's gates and output, its scores."""
        gates = len(self.recurrent.all_weights[0][1])
        layer = gates + self.recurrent.hidden_size
        return self.recurrent.input_size + self.recurrent.num_layers * layer + self.decoder.out_features

    @torch.no_grad()
    def _initialise(self) -> None:
        """Orthogonal recurrences (Saxe 2014), and input weights large enough to tell tokens apart at once.

        torch's own input weights shrink with H; here, what a token adds to a gate starts with a standard
        deviation of about 0.8 whatever the sizes. Nor does an LSTM's forget gate get the customary bias of
        1, with which it learns text far more slowly (docs/explanation/lab-notes.md).
        """
        inputs = self.recurrent.input_size if isinstance(self.encoder, nn.Embedding) else 1
        for name, parameter in self.recurrent.named_parameters():
            if name.startswith("weight_hh"):
                for block in parameter.chunk(len(parameter) // self.recurrent.hidden_size):
                    nn.init.orthogonal_(block)
            elif name == "weight_ih_l0":
                nn.init.normal_(parameter, std=0.8 / inputs**0.5)
