"""The network of a language model: token ids in, a score for every possible next token out."""

from torch import Tensor, nn

from ostinato.nn._equations import State
from ostinato.nn._initialisation import initialise_recurrent
from ostinato.nn._one_hot import OneHot
from ostinato.nn._stack import build_stack, numbers_per_step, run_stack


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
        self.recurrent = build_stack(
            cell, embedding_size or vocabulary_size, hidden_size, num_layers, dropout=dropout
        )
        self.dropout = nn.Dropout(dropout)
        self.decoder = nn.Linear(hidden_size, vocabulary_size)
        initialise_recurrent(self.recurrent, embedding_size or 1)

    def forward(self, ids: Tensor, state: State = ()) -> tuple[Tensor, State]:
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

    def read(self, ids: Tensor, state: State = ()) -> tuple[Tensor, State]:
        """`forward` without the last layer, for those who want the scores of few tokens or of none.

        Args:
            ids: (T, B) int64.
            state: what an earlier call returned, or () for zeros.

        Returns:
            What `decoder` makes the logits of, (T, B, H), and the state after the last token.
        """
        # The layer reads the tokens themselves: their vectors need not be built.
        embedding = self.encoder.weight if isinstance(self.encoder, nn.Embedding) else None
        y, final = run_stack(self.recurrent, ids, state, embedding=embedding)
        return self.dropout(y), final

    @property
    def numbers_per_token(self) -> int:
        """How many numbers reading a token makes: its input, each layer's gates and output, its scores."""
        return numbers_per_step(self.recurrent) + self.decoder.out_features
