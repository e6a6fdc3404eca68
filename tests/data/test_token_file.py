from pathlib import Path

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data import CharacterTokenizer, learn_tokenizer, open_tokens, read_text, write_tokens


def tokenizer_of(ids: int) -> CharacterTokenizer:
    return CharacterTokenizer([chr(code) for code in range(0x10000, 0x10000 + ids - 1)])


@pytest.mark.parametrize(("ids", "item"), [(3, 2), (65_536, 2), (65_537, 4)])
def test_the_ids_come_back_in_as_few_bytes_as_hold_them(tmp_path, ids, item):
    tokenizer = tokenizer_of(ids)
    chunks = [chr(0x10000 + ids - 2), "", chr(0x10000) + "?"]
    assert write_tokens(tmp_path / "t", tokenizer, chunks) == [(3, 3)]
    assert (tmp_path / "t").read_bytes() == b"".join(n.to_bytes(item, "little") for n in (ids - 1, 1, 0))
    tokens = open_tokens(tmp_path / "t", tokenizer)
    assert tokens.tolist() == [ids - 1, 1, 0]
    assert isinstance(tokens, np.memmap)
    assert not tokens.flags.writeable


def test_texts_follow_one_another_and_each_is_as_long_as_it_is_alone(tmp_path):
    tokenizer = learn_tokenizer("words", ["a b c\n"])
    assert write_tokens(tmp_path / "t", tokenizer, ["a b", " c\n"], [], iter(["c"])) == [
        (4, 6),
        (0, 0),
        (1, 1),
    ]
    expected = [*tokenizer.encode("a b c\n"), *tokenizer.encode("c")]
    assert open_tokens(tmp_path / "t", tokenizer).tolist() == expected


@pytest.mark.parametrize(("learned", "characters"), [("\ud55c\uae00", 2), ("\u1112\u1161\u11ab", 6)])
def test_characters_are_counted_as_they_are_encoded(tmp_path, learned, characters):
    tokenizer = learn_tokenizer("characters", [learned])
    decomposed = "\u1112\u1161\u11ab\u1100\u1173\u11af"
    [length] = write_tokens(tmp_path / "t", tokenizer, [decomposed])
    assert length == (characters, characters)
    assert len(tokenizer.formed(decomposed)) == characters


def test_no_text_is_no_ids(tmp_path):
    assert write_tokens(tmp_path / "t", tokenizer_of(3), []) == [(0, 0)]
    assert open_tokens(tmp_path / "t", tokenizer_of(3)).shape == (0,)


def test_bad_text_leaves_the_old_file(tmp_path):
    (tmp_path / "t").write_bytes(b"old")
    (tmp_path / "a").write_bytes(b"good\n\xff")
    with pytest.raises(InputError, match="byte 5"):
        write_tokens(tmp_path / "t", tokenizer_of(3), read_text([tmp_path / "a"], 5))
    assert (tmp_path / "t").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "t"]


def test_half_an_id_is_refused(tmp_path):
    (tmp_path / "t").write_bytes(b"123")
    with pytest.raises(InputError) as caught:
        open_tokens(tmp_path / "t", tokenizer_of(3))
    assert str(caught.value) == (
        f"{tmp_path / 't'} is not a token file: 3 bytes are no whole number of ids; write it anew"
    )


def test_a_missing_file_is_one_line():
    with pytest.raises(InputError, match=r"^cannot read none: No such file or directory; write it anew$"):
        open_tokens(Path("none"), tokenizer_of(3))
