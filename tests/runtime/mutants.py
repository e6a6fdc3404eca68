"""What may have become of a file: a few bytes or a few JSON values are others."""

import json
import random
from copy import deepcopy

VALUES = [
    None,
    True,
    False,
    0,
    -1,
    1,
    2,
    7,
    1 << 31,
    1 << 63,
    10**40,
    0.5,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "x",
    "\ud800",
    "é" * 300,
    [],
    [[]],
    [0] * 50,
    {},
    {"kind": "text"},
]


def mutated_bytes(content: bytes, chance: random.Random) -> bytes:
    """Cut short, lengthened, or with some bytes changed."""
    data = bytearray(content)
    kind = chance.randrange(6)
    if kind == 0:
        return bytes(data[: chance.randrange(len(data) + 1)])
    if kind == 1:
        return bytes(data) + chance.randbytes(chance.randrange(1, 40))
    if kind == 2:
        place = chance.randrange(len(data) + 1)
        return bytes(data[:place]) + chance.randbytes(chance.randrange(1, 9)) + bytes(data[place:])
    for _ in range(chance.choice([1, 1, 2, 8])):
        if data:  # most often at the beginning, where a header is
            place = chance.randrange(min(len(data), chance.choice([8, 80, 1 << 30])))
            data[place] = chance.choice([0, 1, 255, 127, 128, ord("9"), ord("-"), chance.randrange(256)])
    return bytes(data)


def mutated_json(value, chance: random.Random):
    """The same with one or two values replaced, removed, repeated or exchanged."""
    value = deepcopy(value)
    for _ in range(chance.choice([1, 1, 2])):
        places = list(_places(value))
        if not places:
            return chance.choice(VALUES)
        parent, key = chance.choice(places)
        kind = chance.randrange(6)
        if kind == 0:
            del parent[key]
        elif kind == 1 and isinstance(parent, list):
            parent.insert(key, deepcopy(parent[key]))
        elif kind == 2:
            parent[key] = _near(parent[key], chance)
        elif kind == 3:
            other, place = chance.choice(places)
            parent[key] = deepcopy(other[place])
        else:
            parent[key] = deepcopy(chance.choice(VALUES))
    return value


def dumped(value) -> bytes:
    """As JSON, a lone surrogate escaped."""
    return json.dumps(value).encode()


def _near(value, chance):
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return [value]
    if isinstance(value, str):
        return value + chance.choice(["", " ", "a", "\x00"]) if chance.random() < 0.5 else value[1:]
    return value + chance.choice([-1, 1, 0.5]) if chance.random() < 0.7 else value * -1


def _places(value):
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))[:200]
    else:
        return
    for key, child in items:
        yield value, key
        yield from _places(child)
