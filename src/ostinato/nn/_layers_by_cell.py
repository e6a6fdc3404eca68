"""The layers by the word that names their cell."""

from ostinato.nn._gru import GRU
from ostinato.nn._lstm import LSTM
from ostinato.nn._rnn import RNN

LAYERS: dict[str, type[RNN | LSTM | GRU]] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
