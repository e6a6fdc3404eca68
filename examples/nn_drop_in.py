"""A PyTorch model with an LSTM, converted in place; then a ragged batch, without sorting or packing.

Run it with: python examples/nn_drop_in.py
"""

import torch
from torch import Tensor, nn

import ostinato.nn as onn


class Reader(nn.Module):
    """Reads token ids (T, B) and scores three classes at the last real token of each row."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(26, 16)
        self.lstm = nn.LSTM(16, 32)
        self.scores = nn.Linear(32, 3)

    def forward(self, ids: Tensor, **lengths: Tensor) -> Tensor:
        """Score (B, 3); keyword arguments go to the LSTM."""
        _, (h, _) = self.lstm(self.embedding(ids), **lengths)
        scores: Tensor = self.scores(h[-1])
        return scores


def main() -> None:
    torch.manual_seed(0)
    model = Reader()
    ids = torch.randint(26, (5, 3))
    before = model(ids)

    parameters = list(model.parameters())
    onn.convert(model)
    same = all(a is b for a, b in zip(model.parameters(), parameters, strict=True))
    print(f"the layer is now    {type(model.lstm).__module__.partition('._')[0]}.{type(model.lstm).__name__}")
    print(f"same parameters     {same}")
    print(f"largest difference  {(model(ids) - before).abs().max():.1e}")
    print(f"it ran on           {onn.backend_used(model.lstm)}")

    lengths = torch.tensor([2, 5, 3])
    padded = model(ids, lengths=lengths)
    for row, length in enumerate(lengths.tolist()):
        alone = model(ids[:length, row : row + 1])[0]
        difference = (padded[row] - alone).abs().max()
        print(f"row {row}, {length} tokens     differs from itself alone by {difference:.1e}")


if __name__ == "__main__":
    main()
