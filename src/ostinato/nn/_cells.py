"""One time step at a time: RNNCell, LSTMCell, GRUCell."""

from torch import Tensor, nn

from ostinato.nn._backend import choose_backend
from ostinato.nn._equations import STEPS, State, Weights, input_projection
from ostinato.nn._layer import run_layer


class RNNCell(nn.RNNCell):
    """One step of the simple recurrent network of Elman (1990): `torch.nn.RNNCell`.

    Args:
        input_size: I, the features of a step.
        hidden_size: H, the units.
        bias: Whether there are b_ih and b_hh. Default True.
        nonlinearity: `"tanh"` or `"relu"`. Default `"tanh"`.
        device: Where the parameters live.
        dtype: Their type.
    """

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:  # noqa: A002 (torch's name)
        """Take one step.

        Args:
            input: (B, I), or (I,) for one row.
            hx: h, (B, H) or (H,). Default: zeros.

        Returns:
            The new h, shaped as hx.

        Raises:
            ValueError: The input or state has neither one nor two dimensions.
            RuntimeError: A size does not fit.
        """
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"nonlinearity {self.nonlinearity!r} is neither 'tanh' nor 'relu'")
        return _step(self, f"rnn_{self.nonlinearity}", input, None if hx is None else (hx,))[0]


class LSTMCell(nn.LSTMCell):
    """One step of the LSTM of Hochreiter & Schmidhuber (1997) with forget gate: `torch.nn.LSTMCell`.

    Args:
        input_size: I, the features of a step.
        hidden_size: H, the units.
        bias: Whether there are b_ih and b_hh. Default True.
        device: Where the parameters live.
        dtype: Their type.
    """

    def forward(
        self,
        input: Tensor,  # noqa: A002 (torch's name)
        hx: tuple[Tensor, Tensor] | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Take one step.

        Args:
            input: (B, I), or (I,) for one row.
            hx: (h, c), each (B, H) or (H,). Default: zeros.

        Returns:
            The new (h, c), shaped as hx.

        Raises:
            ValueError: The input or a state has neither one nor two dimensions.
            TypeError: hx is one tensor.
            RuntimeError: A size does not fit, or hx is not two tensors.
        """
        if isinstance(hx, Tensor):
            raise TypeError("the state of an LSTMCell is a tuple of two tensors: hx=(h, c)")
        if hx is not None and len(hx) != 2:
            raise RuntimeError(f"hx holds {len(hx)} tensors: the state of an LSTMCell is two, hx=(h, c)")
        h, c = _step(self, "lstm", input, hx)
        return h, c


class GRUCell(nn.GRUCell):
    """One step of the gated recurrent unit of Cho et al. (2014), reset after the product: `torch.nn.GRUCell`.

    Args:
        input_size: I, the features of a step.
        hidden_size: H, the units.
        bias: Whether there are b_ih and b_hh. Default True.
        device: Where the parameters live.
        dtype: Their type.
    """

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:  # noqa: A002 (torch's name)
        """Take one step.

        Args:
            input: (B, I), or (I,) for one row.
            hx: h, (B, H) or (H,). Default: zeros.

        Returns:
            The new h, shaped as hx.

        Raises:
            ValueError: The input or state has neither one nor two dimensions.
            RuntimeError: A size does not fit.
        """
        return _step(self, "gru", input, None if hx is None else (hx,))[0]


def _step(cell: nn.RNNCellBase, kind: str, x: Tensor, state: State | None) -> State:
    """One step of a cell, the state always a tuple; a single row is a batch of one."""
    for name, tensor in [("input", x), *(("hx", s) for s in state or ())]:
        if tensor.dim() not in (1, 2):
            raise ValueError(f"{name} has {tensor.dim()} dimensions: give (batch, features) or (features,)")
    if x.dim() == 2:
        return _batch_step(cell, kind, x, state)
    state = None if state is None else tuple(s.unsqueeze(0) for s in state)
    return tuple(s.squeeze(0) for s in _batch_step(cell, kind, x.unsqueeze(0), state))


def _batch_step(cell: nn.RNNCellBase, kind: str, x: Tensor, state: State | None) -> State:
    if x.shape[1] != cell.input_size:
        raise RuntimeError(f"input has {x.shape[1]} features: the cell's input_size is {cell.input_size}")
    size = (len(x), cell.hidden_size)
    if state is None:
        state = (x.new_zeros(size),) * (2 if kind == "lstm" else 1)
    for s in state:
        if s.shape != size:
            raise RuntimeError(f"state is {tuple(s.shape)}: for this input it should be {size}")
    weights = Weights(cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)
    # The kernels pack the weights anew at every call. A layer's many steps pay for that, one step does not.
    tensors = [x, *state, *(w for w in weights if w is not None)]
    if choose_backend(cell, x, tensors, layer=False) == "native":
        _, after = run_layer(True, kind, x.unsqueeze(0), tuple(s.unsqueeze(0) for s in state), [weights])
        return tuple(s.squeeze(0) for s in after)
    return STEPS[kind](weights)(input_projection(kind, x, weights), state)
