"""Recurrent layers for PyTorch: `torch.nn`'s, with the same numbers, and `lengths=`."""

from ostinato.nn._backend import backend, backend_used
from ostinato.nn._cells import GRUCell, LSTMCell, RNNCell
from ostinato.nn._convert import convert, revert
from ostinato.nn._gru import GRU
from ostinato.nn._language_network import LanguageNetwork
from ostinato.nn._layers_by_cell import LAYERS
from ostinato.nn._lstm import LSTM
from ostinato.nn._one_hot import OneHot
from ostinato.nn._rnn import RNN

__all__ = [
    "GRU",
    "LAYERS",
    "LSTM",
    "RNN",
    "GRUCell",
    "LSTMCell",
    "LanguageNetwork",
    "OneHot",
    "RNNCell",
    "backend",
    "backend_used",
    "convert",
    "revert",
]
