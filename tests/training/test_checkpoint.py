import json

import pytest
import torch
from safetensors.torch import save

from ostinato import InputError
from ostinato.training._checkpoint import (
    Checkpoint,
    checkpoint_path,
    drop_checkpoints,
    load_checkpoint,
    save_checkpoint,
    steps_saved,
)

FACTS = {"step": 3, "best_loss": 0.1 + 0.2, "best_step": None}


def checkpoint() -> Checkpoint:
    torch.manual_seed(0)
    weight = torch.randn(3, 4)
    tensors = {
        "module.weight": weight,
        "module.tied": weight,
        "module.transposed": weight.t(),
        "optimiser.0.step": torch.tensor(3.0),
        "state.0": torch.zeros(1, 0, 2),
        "random.cpu": torch.get_rng_state(),
    }
    return Checkpoint(tensors, FACTS)


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_was_saved_comes_back_to_the_bit(tmp_path):
    saved = checkpoint()
    save_checkpoint(tmp_path, 3, saved)
    loaded = load_checkpoint(tmp_path, 3)
    assert loaded.facts == FACTS
    assert loaded.tensors.keys() == saved.tensors.keys()
    assert all(torch.equal(loaded.tensors[name], tensor) for name, tensor in saved.tensors.items())
    assert names(tmp_path) == ["step-000000003.safetensors"]


def test_a_group_is_named_without_its_prefix():
    assert checkpoint().group("module").keys() == {"weight", "tied", "transposed"}
    assert checkpoint().group("mod") == {}


def test_the_steps_saved_are_in_order(tmp_path):
    for step in (10, 2, 123):
        save_checkpoint(tmp_path, step, Checkpoint({}, {}))
    (tmp_path / "step-1.safetensors").touch()
    (tmp_path / ".step-000000007.safetensors.abcd.part").touch()
    assert steps_saved(tmp_path) == [2, 10, 123]


def test_a_folder_that_is_not_there_holds_no_steps(tmp_path):
    assert steps_saved(tmp_path / "no") == []


def test_dropping_keeps_what_is_to_be_kept_and_other_files(tmp_path):
    for step in (1, 2, 3):
        save_checkpoint(tmp_path, step, Checkpoint({}, {}))
    (tmp_path / "notes").touch()
    drop_checkpoints(tmp_path, {1, 3, 9})
    assert names(tmp_path) == ["notes", "step-000000001.safetensors", "step-000000003.safetensors"]


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(InputError, match=r"^cannot read .*step-000000003.safetensors: No such file"):
        load_checkpoint(tmp_path, 3)


def content() -> bytes:
    return save({"a": torch.zeros(4)}, {"facts": json.dumps(FACTS)})


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        content()[:7],
        content()[:40],
        content()[:-1],
        content() + b"\0",
        b"\xff" * 8 + content()[8:],
        (1 << 40).to_bytes(8, "little") + content()[8:],
        content().replace(b'\\"step\\"', b'\\"step!!', 1),
        save({"a": torch.zeros(4)}),
        save({"a": torch.zeros(4)}, {"facts": "[" * 50_000}),
    ],
    ids=[
        "empty",
        "half a length",
        "half a header",
        "a byte short",
        "a byte long",
        "endless header",
        "a header of a terabyte",
        "torn facts",
        "no facts",
        "facts of great depth",
    ],
)
def test_a_damaged_file_is_named_with_what_to_do(tmp_path, damaged):
    path = checkpoint_path(tmp_path, 3)
    path.write_bytes(damaged)
    with pytest.raises(InputError) as caught:
        load_checkpoint(tmp_path, 3)
    assert str(caught.value).startswith(f"{path} is damaged (")
    assert str(caught.value).endswith("): delete it to resume from the one before")
    assert "\n" not in str(caught.value)
