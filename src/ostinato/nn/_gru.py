"""The GRU layer."""

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato.nn._lengths import Lengths
from ostinato.nn._recurrent import run


class GRU(nn.GRU):
    """The gated recurrent unit of Cho et al. (2014): `torch.nn.GRU`, with `lengths` and ids.

    The reset gate comes after the matrix product:
    r, z = σ(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh), each gate with its own weights;
    n = tanh(W_in x_t + b_in + r⊙(W_hn h_{t-1} + b_hn)); h_t = (1−z)⊙n + z⊙h_{t-1}.

    Takes the arguments of `torch.nn.GRU`, with the same defaults and errors:

    Args:
        input_size: I, the features of a step.
        hidden_size: H, the units.
        num_layers: L, layers stacked. Default 1.
        bias: Whether there are b_ih and b_hh. Default True.
        batch_first: Whether input and output are (B, T, ·) rather than (T, B, ·). Default False.
        dropout: The part of the outputs of every layer but the last that is dropped in training. Default 0.
        bidirectional: Whether each layer also reads backwards (D = 2 directions, else 1). Default False.
        device: Where the parameters live.
        dtype: Their type.
    """

    def forward(  # type: ignore[override]  # one signature for torch's overloads
        self,
        input: Tensor | PackedSequence,  # noqa: A002 (torch's name)
        hx: Tensor | None = None,
        *,
        lengths: Lengths | None = None,
        embedding: Tensor | None = None,
    ) -> tuple[Tensor | PackedSequence, Tensor]:
        """Run over whole sequences.

        Args:
            input: (T, B, I); (B, T, I) if `batch_first`; (T, I) for one sequence; or a `PackedSequence`.
                Or token ids, whole numbers, shaped so without the I: each stands for a one-hot vector, 1 at
                the id and 0 elsewhere, or for a row of `embedding`. The vectors are not built on the native
                kernels.
            hx: h_0, (L·D, B, H), or (L·D, H) for one sequence. Default: zeros.
            lengths: (B,) whole numbers from 0 to T in any order, as a tensor, an array or a list: how many
                steps of each row are real. Nothing past them is read, outputs there are zero, the final
                state is the one at the last real step, and the backward direction starts there. A row of
                length 0 ends in its initial state. Default: all T.
            embedding: (V, I), the vector of each token, such as the weight of a `torch.nn.Embedding`; its
                gradient is dense, and as none of the module's options (padding_idx, max_norm, …) are known
                here, every row that is read has one. Only with token ids. Default: they are one-hot, V = I.

        Returns:
            The output, (T, B, D·H) in the input's form, and h_n, shaped as h_0.

        Raises:
            ValueError: `lengths` or `embedding` does not fit the input, an id is outside 0 to V - 1, the
                input is of the wrong type, or the native kernels are forced where they do not apply.
            TypeError: `lengths` are not whole numbers.
            RuntimeError: A size is not what the module expects.
        """
        y, (h,) = run(self, input, None if hx is None else (hx,), lengths, embedding)
        return y, h
