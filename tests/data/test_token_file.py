from pathlib import Path

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data import CharacterTokenizer, open_tokens, read_text, write_tokens


def tokenizer_of(ids: int) -> CharacterTokenizer:
    return CharacterTokenizer([chr(code) for code in range(0x10000, 0x10000 + ids - 1)])


@pytest.mark.parametrize(("ids", "item"), [(3, 2), (65_536, 2), (65_537, 4)])
def test_the_ids_come_back_in_as_few_bytes_as_hold_them(tmp_path, ids, item):
    tokenizer = tokenizer_of(ids)
    chunks = [chr(0x10000 + ids - 2), "", chr(0x10000) + "?"]
    assert write_tokens(tmp_path / "t", tokenizer, chunks) == 3
    assert (tmp_path / "t").read_bytes() == b"".join(n.to_bytes(item, "little") for n in (ids - 1, 1, 0))
    tokens = open_tokens(tmp_path / "t", tokenizer)
    assert tokens.tolist() == [ids - 1, 1, 0]
    assert isinstance(tokens, np.memmap)
    assert not tokens.flags.writeable


def test_no_text_is_no_ids(tmp_path):
    assert write_tokens(tmp_path / "t", tokenizer_of(3), []) == 0
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
