"""The network of a tagger: a sequence in, scores for every label at each step out."""

from torch import Tensor
from torch.nn.functional import cross_entropy

from ostinato.nn._crf import LinearChainCRF
from ostinato.nn._inputs import Input
from ostinato.nn._lengths import real_steps
from ostinato.nn._sequence_network import SequenceNetwork

_IGNORED = -100  # a label that the cross-entropy passes over


class TaggingNetwork(SequenceNetwork):
    """A `SequenceNetwork` without pooling and, where asked for, a CRF over its scores.

    Args:
        inputs: what a step is: `TokenInput`, `VectorInput` or `FrameInput`.
        outputs: K, the number of labels.
        cell: "rnn", "lstm" or "gru".
        hidden_size: H, of each layer and direction.
        num_layers: recurrent layers.
        bidirectional: whether each layer also reads backwards.
        dropout: as in `SequenceNetwork`.
        embedding_dropout: as in `SequenceNetwork`.
        crf: whether neighbouring labels are scored together, by a `LinearChainCRF`; if not, each step's label
            is independent of the others given the input.
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
        crf: bool,
        embedding_dropout: float = 0.0,
    ) -> None:
        super().__init__(
            inputs,
            outputs,
            cell=cell,
            hidden_size=hidden_size,
            num_layers=num_layers,
            bidirectional=bidirectional,
            dropout=dropout,
            pooling=None,
            embedding_dropout=embedding_dropout,
        )
        self.crf = LinearChainCRF(outputs) if crf else None

    def loss(self, logits: Tensor, labels: Tensor, lengths: Tensor, weights: Tensor | None = None) -> Tensor:
        """How improbable the right labels are, in nats, averaged over the real steps.

        Args:
            logits: (T, B, K), of `forward`.
            labels: (T, B) int64; anything past a row's length.
            lengths: (B,), 1 to T.
            weights: (K,) how much a step of each label counts, without a CRF; None: all alike.

        Returns:
            A scalar: without a CRF the cross-entropy, with one -log p(labels of a row), over all rows' steps.
        """
        if self.crf is not None:
            return self.crf.loss(logits, labels, lengths).sum() / lengths.sum()
        labels = labels.masked_fill(~real_steps(logits, lengths), _IGNORED)
        return cross_entropy(logits.flatten(0, 1), labels.flatten(), weights, ignore_index=_IGNORED)

    @property
    def numbers_per_step(self) -> int:
        """As of `SequenceNetwork`, and the CRF's scores of every pair of labels."""
        return super().numbers_per_step + (0 if self.crf is None else self.crf.transitions.numel())
