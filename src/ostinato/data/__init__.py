"""Files and arrays to sequences, and back; works without torch."""

from ostinato.data._characters import CharacterTokenizer
from ostinato.data._decoder import StreamDecoder
from ostinato.data._kinds import learn_tokenizer, tokenizer_from_json
from ostinato.data._model_directory import UNPUBLISHED, ModelDirectory, is_model, publish
from ostinato.data._subwords import SubwordTokenizer
from ostinato.data._text import drop, fingerprint, read_text, take
from ostinato.data._token_file import Length, open_tokens, write_tokens
from ostinato.data._tokenizer import Tokenizer
from ostinato.data._words import WordTokenizer

__all__ = [
    "UNPUBLISHED",
    "CharacterTokenizer",
    "Length",
    "ModelDirectory",
    "StreamDecoder",
    "SubwordTokenizer",
    "Tokenizer",
    "WordTokenizer",
    "drop",
    "fingerprint",
    "is_model",
    "learn_tokenizer",
    "open_tokens",
    "publish",
    "read_text",
    "take",
    "tokenizer_from_json",
    "write_tokens",
]
