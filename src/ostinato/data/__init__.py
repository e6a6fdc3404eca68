"""Files and arrays to sequences, and back; works without torch."""

from ostinato.data._answers import Answers, ClassAnswers, NumberAnswers, TagAnswers, class_labels
from ostinato.data._audio_encoder import AudioEncoder
from ostinato.data._beam_search import Hypothesis, beam_search
from ostinato.data._calendar import calendar_features, calendar_names
from ostinato.data._characters import CharacterTokenizer
from ostinato.data._columns import Columns
from ostinato.data._conditions import (
    ClassConditions,
    Conditions,
    condition_examples,
    conditions_from_json,
    conditions_of,
    encode_conditions,
)
from ostinato.data._consensus import consensus
from ostinato.data._copies import MOST_SLOTS, Copier, Slots
from ostinato.data._decoder import StreamDecoder
from ostinato.data._encode_examples import check_kind, each_decoded, encode_examples
from ostinato.data._examples import MEDIA, Examples, as_vectors, named
from ostinato.data._finite import check_finite
from ostinato.data._frequency import Frequency, Times
from ostinato.data._input_encoder import InputEncoder
from ostinato.data._input_encoders import input_encoder_from_json, learn_input_encoder
from ostinato.data._kinds import learn_tokenizer, tokenizer_from_json
from ostinato.data._labels import Labels
from ostinato.data._language_writing import (
    Reader,
    known_ids,
    next_token_probabilities,
    without_unknown,
    write,
)
from ostinato.data._model_directory import (
    BASELINE,
    LARGEST_BASELINE,
    UNPUBLISHED,
    ModelDirectory,
    is_model,
    publish,
)
from ostinato.data._panel import Panel
from ostinato.data._panel_columns import PanelColumns
from ostinato.data._ragged import Ragged, by_length
from ostinato.data._read_examples import read_examples
from ostinato.data._read_panel import read_panel
from ostinato.data._sampling import check_sampling, sample, sample_rows, seeded
from ostinato.data._saved import (
    class_of,
    opened,
    saved_history,
    saved_metrics,
    saved_parameters,
    saved_weights,
    telling,
)
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
from ostinato.data._sequence_writing import Writer, write_sequences
from ostinato.data._series import Series
from ostinato.data._softmax import log_sum_exp, softmax
from ostinato.data._stride import Stride
from ostinato.data._subwords import SubwordTokenizer
from ostinato.data._table import Table, read_table
from ostinato.data._text import drop, fingerprint, read_text, take
from ostinato.data._token_encoder import IdEncoder, TextEncoder, TokenEncoder
from ostinato.data._token_file import Length, open_tokens, write_tokens
from ostinato.data._tokenizer import Tokenizer
from ostinato.data._vector_encoder import VectorEncoder
from ostinato.data._video_encoder import VideoEncoder
from ostinato.data._vocabulary import Vocabulary
from ostinato.data._windowed_reading import CONTEXT, StepReader, read_windows
from ostinato.data._words import WordTokenizer
from ostinato.data._written import Written
from ostinato.data._written_numbers import CLOCK_SIZE, SMALLEST_DEVIATION, WrittenNumbers
from ostinato.data._written_texts import WrittenTexts
from ostinato.data._written_times import written_times

__all__ = [
    "BASELINE",
    "CLOCK_SIZE",
    "CONTEXT",
    "LARGEST_BASELINE",
    "MEDIA",
    "MOST_SLOTS",
    "SMALLEST_DEVIATION",
    "UNPUBLISHED",
    "Answers",
    "AudioEncoder",
    "CharacterTokenizer",
    "ClassAnswers",
    "ClassConditions",
    "Columns",
    "Conditions",
    "Copier",
    "Examples",
    "Frequency",
    "Hypothesis",
    "IdEncoder",
    "InputEncoder",
    "Labels",
    "Length",
    "ModelDirectory",
    "NumberAnswers",
    "Panel",
    "PanelColumns",
    "Ragged",
    "Reader",
    "Scaler",
    "Segment",
    "SentenceEncoder",
    "Series",
    "Slots",
    "StepReader",
    "StreamDecoder",
    "Stride",
    "SubwordTokenizer",
    "Table",
    "TagAnswers",
    "TextEncoder",
    "TextSentences",
    "Times",
    "TokenEncoder",
    "TokenSentences",
    "Tokenizer",
    "VectorEncoder",
    "VideoEncoder",
    "Vocabulary",
    "WordTokenizer",
    "Writer",
    "Written",
    "WrittenNumbers",
    "WrittenTexts",
    "as_vectors",
    "beam_search",
    "by_length",
    "calendar_features",
    "calendar_names",
    "check_finite",
    "check_kind",
    "check_sampling",
    "check_within",
    "class_labels",
    "class_of",
    "condition_examples",
    "conditions_from_json",
    "conditions_of",
    "consensus",
    "drop",
    "each_decoded",
    "encode_conditions",
    "encode_examples",
    "find_seasons",
    "fingerprint",
    "input_encoder_from_json",
    "is_model",
    "known_ids",
    "labels_of",
    "learn_input_encoder",
    "learn_tokenizer",
    "log_sum_exp",
    "named",
    "next_token_probabilities",
    "open_tokens",
    "opened",
    "parse_segments",
    "publish",
    "read_examples",
    "read_panel",
    "read_table",
    "read_text",
    "read_windows",
    "sample",
    "sample_rows",
    "saved_history",
    "saved_metrics",
    "saved_parameters",
    "saved_weights",
    "scripts",
    "seeded",
    "segments_of",
    "sentence_encoder_from_json",
    "softmax",
    "take",
    "telling",
    "tokenizer_from_json",
    "without_unknown",
    "write",
    "write_sequences",
    "write_tokens",
    "written_times",
]
