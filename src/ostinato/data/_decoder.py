"""Ids to text one at a time, for a terminal that shows a text while it is written."""

import codecs

from ostinato.data._tokenizer import Tokenizer


class StreamDecoder:
    """What `tokenizer.decode` gives for all ids, given piece by piece and never half a character.

    A subword may end inside a character; its first bytes are kept until the rest has come. The texts returned
    by `push` and at last by `flush`, joined, are `tokenizer.decode` of all the ids.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")

    def push(self, id: int) -> str:  # noqa: A002 (the field's word)
        """The characters that this id completes; often one word, sometimes "".

        Raises:
            InputError: the tokenizer has no such id.
        """
        return self._utf8.decode(self._tokenizer.token_bytes(id))

    def flush(self) -> str:
        """At the end: U+FFFD if a character was begun and not completed, else "". Another text may follow."""
        rest = self._utf8.decode(b"", final=True)
        self._utf8.reset()
        return rest
