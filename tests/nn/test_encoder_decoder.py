"""EncoderDecoder: a row is what loops over its steps make of it, whatever stands beside or behind it."""

import pytest
import torch

from ostinato.nn import LAYERS, EncoderDecoder

SOURCE_IDS = 7  # then 9 of the target, the last one its beginning, and 2 marks
SOURCE_LENGTHS, LENGTHS = [3, 6, 1, 6], [5, 2, 4, 5]
TORCH = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
TOLERANCE = {torch.float32: {"rtol": 1e-5, "atol": 2e-5}, torch.float64: {"rtol": 1e-10, "atol": 1e-11}}

attending = pytest.mark.parametrize("attention", [True, False], ids=["attention", "no attention"])
layers = pytest.mark.parametrize("layers", [1, 2, 3], ids="{} layers".format)
cells = pytest.mark.parametrize("cell", LAYERS)


def network(
    cell="gru", *, layers=2, attention=True, dropout=0.0, embedding_dropout=0.0, H=5, source_ids=SOURCE_IDS
):
    torch.manual_seed(0)
    return EncoderDecoder(
        source_ids,
        9,
        2,
        embedding_size=3,
        cell=cell,
        hidden_size=H,
        num_layers=layers,
        attention=attention,
        dropout=dropout,
        embedding_dropout=embedding_dropout,
    )


def batch():
    torch.manual_seed(1)
    source, ids = torch.randint(4, 7 + 9 + 2, (6, 4)), torch.randint(9, (5, 4))
    source[1:4, 1] = torch.tensor([7 + 9 + 1, 7 + 3, 7 + 4])  # a mark, and what begins there,
    ids[:3, 1] = torch.tensor([8, 3, 4])  # is written
    return source, torch.tensor(SOURCE_LENGTHS), ids, torch.tensor(LENGTHS)


def torch_layers(cell, ours):
    """torch's own layers with the very parameters of ours."""
    theirs = TORCH[cell](ours.input_size, ours.hidden_size, bidirectional=ours.bidirectional)
    theirs.to(ours.weight_ih_l0.dtype)
    for name, parameter in ours.named_parameters():
        setattr(theirs, name, parameter)
    return theirs


def looped(net, cell, source, ids):
    """The scores of one row, without padding, one step at a time."""
    embedding = net.embedding.weight * net.embedding.embedding_dim**0.5
    outputs, final = torch_layers(cell, net.encoder[0])(embedding[source])
    for layer in net.encoder[1:]:
        added, final = torch_layers(cell, layer)(outputs)
        outputs = outputs + added
    h_final = final[0] if cell == "lstm" else final
    summary = torch.cat([h_final[0], h_final[1]])
    numbers = torch.tanh(net.initial_state(summary))
    states = numbers.view(-1, len(net.decoder), net.decoder[0].hidden_size)  # h, and c of an LSTM
    layers = [torch_layers(cell, layer) for layer in net.decoder]

    def stepped(layer, x, state):
        _, state = layer(x[None], tuple(state) if cell == "lstm" else state[0])
        state = torch.stack(state) if cell == "lstm" else state[None]
        return state[0, -1], state

    states = [state.contiguous() for state in states.split(1, dim=1)]
    found = []
    for t, token in enumerate(ids):
        h, states[0] = stepped(layers[0], embedding[SOURCE_IDS + token], states[0])
        c = summary
        if net.attention is not None:
            alpha = torch.stack([h @ net.attention.weight @ m for m in outputs]).softmax(0)
            c = sum(a * m for a, m in zip(alpha, outputs, strict=True))
        for number, layer in enumerate(layers[1:], start=1):
            added, states[number] = stepped(layer, torch.cat([h, c]), states[number])
            h = h + added
        scores = net.embedding.weight[SOURCE_IDS:-2] @ torch.tanh(net.combine(torch.cat([h, c]))) + net.bias
        probs = scores.softmax(0)
        if net.pointer is not None:
            probs = with_copies(net.pointer, probs, h, c, outputs, source - SOURCE_IDS, ids[: t + 1])
        found.append(probs.log())
    return torch.stack(found)


def with_copies(pointer, probs, h, c, outputs, read, written):
    """What is probable, with what stands in the source and may be copied."""
    read = [min(token, 8) for token in read.tolist()]
    positions = [s for s, token in enumerate(read) if 0 <= token < 8]
    if not positions:
        return probs
    agrees = torch.zeros(len(read), 4, dtype=probs.dtype)
    for s in positions:
        for n in range(1, min(4, s, len(written)) + 1):
            agrees[s, n - 1] = float(read[s - n] == written[-n])
    scores = torch.stack([h @ pointer.weight @ outputs[s] + agrees[s] @ pointer.agreement for s in positions])
    weights = scores.softmax(0)
    gate = torch.sigmoid(pointer.gate(torch.cat([h, c, weights @ agrees[positions]])))[0]
    probs = probs * (1 - gate)
    for weight, s in zip(weights, positions, strict=True):
        probs = probs + gate * weight * torch.nn.functional.one_hot(torch.tensor(read[s]), 9)
    return probs


def by_row(packed, lengths):
    """Real steps, as `forward` gives them, row by row."""
    real = torch.arange(max(lengths))[:, None] < torch.tensor(lengths)
    padded = packed.new_zeros(*real.shape, packed.shape[-1]).masked_scatter(real[..., None], packed)
    return [padded[:length, row] for row, length in enumerate(lengths)]


@cells
@layers
@attending
def test_scores_and_gradients_are_those_of_loops(cell, layers, attention):
    net = network(cell, layers=layers, attention=attention).double()
    source, source_lengths, ids, lengths = batch()
    found = by_row(net(source, source_lengths, ids, lengths)[0], LENGTHS)
    expected = [
        looped(net, cell, source[: SOURCE_LENGTHS[row], row], ids[: LENGTHS[row], row]) for row in range(4)
    ]
    torch.testing.assert_close(found, expected, **TOLERANCE[torch.float64])
    said = [torch.randn_like(logits) for logits in found]
    names, parameters = zip(*net.named_parameters(), strict=True)
    gradients = [torch.autograd.grad(rows, parameters, said) for rows in (found, expected)]
    for name, ours, theirs in zip(names, *gradients, strict=True):
        torch.testing.assert_close(
            ours, theirs, **TOLERANCE[torch.float64], msg=lambda told, n=name: f"{n}: {told}"
        )


@cells
@attending
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_a_row_is_the_same_alone_and_in_company(cell, attention, dtype):
    net = network(cell, attention=attention).to(dtype)
    source, source_lengths, ids, lengths = batch()
    memory = net.encode(source, source_lengths)
    logits, final, weights = net.decode(memory, ids, lengths)
    for row, (S, T) in enumerate(zip(SOURCE_LENGTHS, LENGTHS, strict=True)):
        alone = net.encode(source[:S, [row]], source_lengths[[row]])
        logits_alone, final_alone, weights_alone = net.decode(alone, ids[:T, [row]])
        torch.testing.assert_close(logits[:T, [row]], logits_alone, **TOLERANCE[dtype])
        final_of_row = final.take(torch.tensor([row])).layers
        torch.testing.assert_close(final_of_row, final_alone.layers, **TOLERANCE[dtype])
        if attention:
            torch.testing.assert_close(weights[:T, [row], :S], weights_alone, **TOLERANCE[dtype])


def test_what_stands_in_the_padding_is_not_read():
    net = network()
    source, source_lengths, ids, lengths = batch()
    expected, _ = net(source, source_lengths, ids, lengths)
    source[torch.arange(6)[:, None] >= source_lengths] = 0
    ids[torch.arange(5)[:, None] >= lengths] = 0
    assert torch.equal(net(source, source_lengths, ids, lengths)[0], expected)


@cells
@layers
@attending
def test_step_by_step_is_as_at_once(cell, layers, attention):
    net = network(cell, layers=layers, attention=attention)
    source, source_lengths, ids, _ = batch()
    memory = net.encode(source, source_lengths)
    whole, end, weights = net.decode(memory, ids)
    state, steps, weighed = None, [], []
    for step in ids:
        logits, state, alpha = net.decode(memory, step[None], state=state)
        steps.append(logits)
        weighed.append(alpha)
    torch.testing.assert_close(torch.cat(steps), whole)
    torch.testing.assert_close(state.layers, end.layers)
    assert torch.equal(state.written, end.written)
    if attention:
        torch.testing.assert_close(torch.cat(weighed), weights)


@cells
@attending
def test_every_weight_gets_a_gradient(cell, attention):
    net = network(cell, attention=attention)
    net(*batch())[0].square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())


@cells
@attending
def test_rows_of_a_memory_go_where_they_are_taken(cell, attention):
    net = network(cell, attention=attention)
    source, source_lengths, ids, _ = batch()
    rows = torch.tensor([2, 2, 0])
    taken = net.encode(source, source_lengths).take(rows)
    again = net.encode(source[:, rows], source_lengths[rows])
    torch.testing.assert_close(net.decode(taken, ids[:, :3])[0], net.decode(again, ids[:, :3])[0])


@cells
@pytest.mark.parametrize("H", [1, 3, 8, 17])
def test_shapes(cell, H):
    net = network(cell, layers=3, H=H)
    source, source_lengths, ids, lengths = batch()
    logits, state, weights = net.decode(net.encode(source, source_lengths), ids, lengths)
    assert (logits.shape, weights.shape) == ((5, 4, 9), (5, 4, 6))
    assert [s.shape for s in state.layers] == [(3, 4, H)] * (2 if cell == "lstm" else 1)
    log_probs, weights = net(source, source_lengths, ids, lengths)
    assert (log_probs.shape, weights.shape) == ((sum(LENGTHS), 9), (sum(LENGTHS), 6))


def test_without_attention_there_are_no_weights():
    net = network(attention=False)
    source, source_lengths, ids, _ = batch()
    assert net.decode(net.encode(source, source_lengths), ids)[2] is None


@pytest.mark.parametrize("which", ["dropout", "embedding_dropout"])
def test_dropout_is_for_training_only(which):
    net = network(**{which: 0.5})
    given = batch()
    assert not torch.equal(net(*given)[0], net(*given)[0])
    net.eval()
    assert torch.equal(net(*given)[0], net(*given)[0])


@pytest.mark.parametrize(("layers", "read"), [(1, (3, 3)), (2, (3 + 10, 3 + 15))])
def test_the_numbers_a_step_makes(layers, read):
    made = layers * 2 * 20 + layers * 20
    assert network(layers=layers).numbers_per_step == sum(read) + made + (15 + 3) + 9


def test_a_description_takes_no_memory():
    with torch.device("meta"):
        net = EncoderDecoder(
            2_000_000,
            2_000_000,
            embedding_size=1024,
            cell="lstm",
            hidden_size=32768,
            num_layers=8,
            attention=True,
            dropout=0.0,
            embedding_dropout=0.0,
        )
    assert sum(p.numel() for p in net.parameters()) > 10**11
