"""What ids stand for, written so that it can be read without Ostinato."""

from typing import Any

from ostinato.data import TextEncoder, TokenEncoder, Tokenizer, Vocabulary

_REPLACEMENT = "\ufffd"  # stands for what is unknown


def tokenizer_metadata(tokenizer: Tokenizer) -> dict[str, Any]:
    """The vocabulary of a tokenizer.

    Returns:
        `kind`; `tokens`, by id: texts, or of subwords, which may be parts of characters, their UTF-8 bytes in
        hexadecimal; `unknown`, the id of all others, None where there are none; `form`, Unicode's normal form
        that texts are read in, if any; of subwords the `merges` in their order, in GPT-2's letters.
    """
    tokens = [tokenizer.token_bytes(id) for id in range(len(tokenizer))]  # noqa: A001
    described = {"kind": tokenizer.kind, "form": tokenizer.form, "unknown": tokenizer.unknown_id}
    if tokenizer.kind == "subwords":
        merges = tokenizer.to_json()["entries"]
        return {**described, "tokens": [token.hex() for token in tokens], "merges": merges}
    return {**described, "tokens": [token.decode() for token in tokens]}


def vocabulary_metadata(vocabulary: Vocabulary) -> dict[str, Any]:
    """The same of tokens that are given as they are."""
    tokens = [_REPLACEMENT, *vocabulary.entries]
    return {"kind": "tokens", "form": None, "unknown": 0, "tokens": tokens}


def encoder_metadata(encoder: Any) -> dict[str, Any]:
    """What an input encoder does before the graph: the vocabulary, or how frames are taken."""
    if isinstance(encoder, TextEncoder):
        vocabulary = {**tokenizer_metadata(encoder.tokenizer), "lowercase": encoder.lowercase}
        return {"vocabulary": vocabulary}
    if isinstance(encoder, TokenEncoder):
        return {"vocabulary": vocabulary_metadata(encoder.vocabulary)}
    described = encoder.to_json()
    for inside in ("scaler", "stride"):  # these are in the graph
        described.pop(inside, None)
    return {"recordings": described}
