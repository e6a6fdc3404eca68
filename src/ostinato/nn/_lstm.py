"""The LSTM layer."""

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato.nn._lengths import Lengths
from ostinato.nn._recurrent import run


class LSTM(nn.LSTM):
    """The LSTM of Hochreiter & Schmidhuber (1997): `torch.nn.LSTM`, with `lengths` and ids.

    i, f, o = σ(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh), each gate with its own weights, and g the same with
    tanh (the forget gate is Gers', Schmidhuber's and Cummins', 2000);
    c_t = f⊙c_{t-1} + i⊙g; h_t = o⊙tanh(c_t), times W_hr where there is a projection (Sak et al. 2014).

    Takes the arguments of `torch.nn.LSTM`, with the same defaults and errors:

    Args:
        input_size: I, the features of a step.
        hidden_size: H, the units.
        num_layers: L, layers stacked. Default 1.
        bias: Whether there are b_ih and b_hh. Default True.
        batch_first: Whether input and output are (B, T, ·) rather than (T, B, ·). Default False.
        dropout: The part of the outputs of every layer but the last that is dropped in training. Default 0.
        bidirectional: Whether each layer also reads backwards (D = 2 directions, else 1). Default False.
        proj_size: R, the size h is projected to; 0 for no projection (then R = H). Default 0.
        device: Where the parameters live.
        dtype: Their type.
    """

    def forward(  # type: ignore[override]  # one signature for torch's overloads
        self,
        input: Tensor | PackedSequence,  # noqa: A002 (torch's name)
        hx: tuple[Tensor, Tensor] | None = None,
        *,
        lengths: Lengths | None = None,
        embedding: Tensor | None = None,
    ) -> tuple[Tensor | PackedSequence, tuple[Tensor, Tensor]]:
        """Run over whole sequences.

        Args:
            input: (T, B, I); (B, T, I) if `batch_first`; (T, I) for one sequence; or a `PackedSequence`.
                Or token ids, whole numbers, shaped so without the I: each stands for a one-hot vector, 1 at
                the id and 0 elsewhere, or for a row of `embedding`. The vectors are not built on the native
                kernels.
            hx: (h_0, c_0): (L·D, B, R) and (L·D, B, H), or without the B for one sequence. Default: zeros.
            lengths: (B,) whole numbers from 0 to T in any order, as a tensor, an array or a list: how many
                steps of each row are real. Nothing past them is read, outputs there are zero, the final
                state is the one at the last real step, and the backward direction starts there. A row of
                length 0 ends in its initial state. Default: all T.
            embedding: (V, I), the vector of each token, such as the weight of a `torch.nn.Embedding`; its
                gradient is dense, and as none of the module's options (padding_idx, max_norm, …) are known
                here, every row that is read has one. Only with token ids. Default: they are one-hot, V = I.

        Returns:
            The output, (T, B, D·R) in the input's form, and (h_n, c_n), shaped as hx.

        Raises:
            ValueError: `lengths` or `embedding` does not fit the input, an id is outside 0 to V - 1, the
                input is of the wrong type, or the native kernels are forced where they do not apply.
            TypeError: `lengths` are not whole numbers.
            RuntimeError: A size is not what the module expects.
        """
        if hx is not None and (isinstance(hx, Tensor) or len(hx) != 2):
            raise RuntimeError("the initial state of an LSTM is a tuple of two tensors: hx=(h_0, c_0)")
        y, (h, c) = run(self, input, None if hx is None else (hx[0], hx[1]), lengths, embedding)
        return y, (h, c)
