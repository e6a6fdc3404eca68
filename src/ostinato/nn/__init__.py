"""Recurrent layers for PyTorch: `torch.nn`'s, with the same numbers, and `lengths=`."""

from ostinato.nn._attention import Attention
from ostinato.nn._backend import backend, backend_used
from ostinato.nn._cells import GRUCell, LSTMCell, RNNCell
from ostinato.nn._conditional_network import ClassCondition, ConditionalNetwork, VectorCondition
from ostinato.nn._convert import convert, revert
from ostinato.nn._crf import LinearChainCRF
from ostinato.nn._encoder_decoder import DecoderState, EncoderDecoder, Memory
from ostinato.nn._forecast_network import ForecastNetwork
from ostinato.nn._frame_encoder import FrameEncoder
from ostinato.nn._gru import GRU
from ostinato.nn._inputs import FrameInput, TokenInput, VectorInput
from ostinato.nn._language_network import LanguageNetwork
from ostinato.nn._layers_by_cell import LAYERS
from ostinato.nn._locked_dropout import LockedDropout
from ostinato.nn._lstm import LSTM
from ostinato.nn._one_hot import OneHot
from ostinato.nn._pointer import Pointer
from ostinato.nn._pooling import POOLINGS, Pooling
from ostinato.nn._rnn import RNN
from ostinato.nn._sequence_network import SequenceNetwork
from ostinato.nn._tagging_network import TaggingNetwork

__all__ = [
    "GRU",
    "LAYERS",
    "LSTM",
    "POOLINGS",
    "RNN",
    "Attention",
    "ClassCondition",
    "ConditionalNetwork",
    "DecoderState",
    "EncoderDecoder",
    "ForecastNetwork",
    "FrameEncoder",
    "FrameInput",
    "GRUCell",
    "LSTMCell",
    "LanguageNetwork",
    "LinearChainCRF",
    "LockedDropout",
    "Memory",
    "OneHot",
    "Pointer",
    "Pooling",
    "RNNCell",
    "SequenceNetwork",
    "TaggingNetwork",
    "TokenInput",
    "VectorCondition",
    "VectorInput",
    "backend",
    "backend_used",
    "convert",
    "revert",
]
