"""OneHot: a vector for every token."""

import pytest
import torch

from ostinato import InputError
from ostinato.nn import OneHot


@pytest.mark.parametrize("shape", [(), (3,), (3, 8), (0, 3)], ids=str)
@pytest.mark.parametrize("dtype", [torch.long, torch.int32, torch.uint8], ids=str)
def test_is_one_at_the_id(shape, dtype):
    ids = torch.randint(5, shape).to(dtype)
    vectors = OneHot(5)(ids)
    assert vectors.shape == (*shape, 5)
    assert vectors.dtype == torch.get_default_dtype()
    assert torch.equal(vectors.argmax(-1), ids.long())
    assert torch.equal(vectors.sum(-1), torch.ones(shape))


@pytest.mark.parametrize("wrong", [-1, 5])
def test_ids_out_of_range_are_named(wrong):
    with pytest.raises(InputError, match=f"id {wrong} is outside 0 to 4"):
        OneHot(5)(torch.tensor([[0, 4], [wrong, 2]]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bool, torch.complex64], ids=str)
def test_ids_are_whole_numbers(dtype):
    with pytest.raises(TypeError, match=str(dtype)):
        OneHot(5)(torch.zeros(3, dtype=dtype))


@pytest.mark.parametrize(
    ("number", "error"), [(0, InputError), (-3, InputError), (2.0, TypeError), (True, TypeError)]
)
def test_the_number_of_classes_is_checked(number, error):
    with pytest.raises(error, match=str(number)):
        OneHot(number)


def test_small_integers_reach_into_a_large_vocabulary():
    assert OneHot(300)(torch.tensor([200], dtype=torch.uint8)).argmax() == 200


def test_repr():
    assert repr(OneHot(5)) == "OneHot(5)"
