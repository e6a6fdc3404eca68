"""FrameEncoder: each frame a vector, whatever its company."""

import pytest
import torch

from ostinato.nn import FrameEncoder
from ostinato.nn._frame_encoder import standardised

TOLERANCE = {torch.float32: {"rtol": 1e-5, "atol": 2e-5}, torch.float64: {"rtol": 1e-10, "atol": 1e-11}}
LENGTHS = [3, 5, 0, 1]


def encoder(height=8, width=9, channels=3):
    torch.manual_seed(0)
    return FrameEncoder(height, width, channels, features=7)


def frames(T=5, B=4, height=8, width=9, channels=3):
    torch.manual_seed(1)
    return torch.randint(256, (T, B, height, width, channels), dtype=torch.uint8)


@pytest.mark.parametrize("size", [(8, 8, 1), (8, 17, 3), (17, 9, 3), (64, 48, 3)], ids=str)
@pytest.mark.parametrize(("T", "B"), [(1, 1), (1, 3), (8, 1), (3, 3)])
def test_shapes(T, B, size):
    assert encoder(*size)(frames(T, B, *size)).shape == (T, B, 7)


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_a_frame_is_the_same_alone_and_in_company(dtype):
    net, x = encoder().to(dtype), frames()
    together = net(x, torch.tensor(LENGTHS))
    assert together.dtype == dtype
    for row, length in enumerate(LENGTHS):
        assert not together[length:, row].any()
        for t in range(length):
            alone = net(x[t : t + 1, row : row + 1])
            torch.testing.assert_close(together[t, row], alone[0, 0], **TOLERANCE[dtype])


def test_only_real_frames_are_convolved():
    net, seen = encoder(), []
    net.convolutions.register_forward_pre_hook(lambda _, images: seen.append(len(images[0])))
    net(frames(), torch.tensor(LENGTHS))
    assert seen == [9]


def test_padding_has_no_gradient():
    net, lengths = encoder(), torch.tensor(LENGTHS)
    x = standardised(frames(), torch.float32)
    ended = torch.arange(5)[:, None] >= lengths
    x[ended] = float("nan")
    x.requires_grad_()
    net(x, lengths).square().sum().backward()
    assert not x.grad[ended].any()
    assert x.grad.isfinite().all()
    assert all(p.grad.isfinite().all() for p in net.parameters())


def test_frames_without_lengths_are_all_real():
    net, x = encoder(), frames()
    torch.testing.assert_close(net(x), net(x, torch.tensor([5] * 4)))


def test_bytes_are_standardised():
    numbers = standardised(torch.tensor([0, 255], dtype=torch.uint8), torch.float32)
    torch.testing.assert_close(numbers, torch.tensor([-127.5, 127.5]) / 64)


def test_the_vectors_have_the_size_that_recurrent_layers_begin_with():
    vectors = encoder()(frames())
    torch.testing.assert_close(vectors.mean(-1), torch.zeros(5, 4), atol=1e-5, rtol=0)
    torch.testing.assert_close(vectors.std(-1, correction=0), torch.ones(5, 4), atol=0.01, rtol=0)


def test_where_in_the_frame_something_is_seen_is_told():
    left = torch.zeros(1, 1, 32, 32, 1, dtype=torch.uint8)
    left[:, :, :, :8] = 255
    net = encoder(32, 32, 1)
    assert not torch.isclose(net(left), net(left.flip(3)), atol=0.05).all()


def test_the_numbers_a_frame_makes():
    """Pixels, and before and after each ReLU: 4×5×16, 2×3×32 and 1×2×64."""
    assert encoder().numbers_per_step == 8 * 9 * 3 + 2 * (4 * 5 * 16 + 2 * 3 * 32 + 1 * 2 * 64)
