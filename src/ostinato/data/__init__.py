"""Files and arrays to sequences, and back; works without torch."""

from ostinato.data._beam_search import Hypothesis, beam_search
from ostinato.data._calendar import calendar_features, calendar_names
from ostinato.data._characters import CharacterTokenizer
from ostinato.data._columns import Columns
from ostinato.data._copies import MOST_SLOTS, Copier, Slots
from ostinato.data._decoder import StreamDecoder
from ostinato.data._decoding import encode_all
from ostinato.data._examples import MEDIA, Examples, as_vectors, named
from ostinato.data._frequency import Frequency, Times
from ostinato.data._input_encoder import InputEncoder
from ostinato.data._input_encoders import input_encoder_from_json, learn_input_encoder
from ostinato.data._kinds import learn_tokenizer, tokenizer_from_json
from ostinato.data._labels import Labels
from ostinato.data._model_directory import UNPUBLISHED, ModelDirectory, is_model, publish
from ostinato.data._panel import Panel
from ostinato.data._panel_columns import PanelColumns
from ostinato.data._ragged import Ragged
from ostinato.data._read_examples import read_examples
from ostinato.data._read_panel import read_panel
from ostinato.data._scaler import Scaler
from ostinato.data._scripts import scripts
from ostinato.data._season import find_seasons
from ostinato.data._segments import Segment, check_within, labels_of, parse_segments, segments_of
from ostinato.data._sentence_encoder import (
    SentenceEncoder,
    TextSentences,
    TokenSentences,
    sentence_encoder_from_json,
)
from ostinato.data._series import Series
from ostinato.data._subwords import SubwordTokenizer
from ostinato.data._table import Table, read_table
from ostinato.data._text import drop, fingerprint, read_text, take
from ostinato.data._token_encoder import IdEncoder, TextEncoder, TokenEncoder
from ostinato.data._token_file import Length, open_tokens, write_tokens
from ostinato.data._tokenizer import Tokenizer
from ostinato.data._vector_encoder import VectorEncoder
from ostinato.data._vocabulary import Vocabulary
from ostinato.data._words import WordTokenizer

__all__ = [
    "MEDIA",
    "MOST_SLOTS",
    "UNPUBLISHED",
    "CharacterTokenizer",
    "Columns",
    "Copier",
    "Examples",
    "Frequency",
    "Hypothesis",
    "IdEncoder",
    "InputEncoder",
    "Labels",
    "Length",
    "ModelDirectory",
    "Panel",
    "PanelColumns",
    "Ragged",
    "Scaler",
    "Segment",
    "SentenceEncoder",
    "Series",
    "Slots",
    "StreamDecoder",
    "SubwordTokenizer",
    "Table",
    "TextEncoder",
    "TextSentences",
    "Times",
    "TokenEncoder",
    "TokenSentences",
    "Tokenizer",
    "VectorEncoder",
    "Vocabulary",
    "WordTokenizer",
    "as_vectors",
    "beam_search",
    "calendar_features",
    "calendar_names",
    "check_within",
    "drop",
    "encode_all",
    "find_seasons",
    "fingerprint",
    "input_encoder_from_json",
    "is_model",
    "labels_of",
    "learn_input_encoder",
    "learn_tokenizer",
    "named",
    "open_tokens",
    "parse_segments",
    "publish",
    "read_examples",
    "read_panel",
    "read_table",
    "read_text",
    "scripts",
    "segments_of",
    "sentence_encoder_from_json",
    "take",
    "tokenizer_from_json",
    "write_tokens",
]
