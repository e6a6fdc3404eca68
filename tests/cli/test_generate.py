import pytest


def written(ostinato, model, *options):
    ran = ostinato("generate", model, "--json", "--length", 40, *options)
    assert ran.code == 0
    return ran.json["text"]


@pytest.mark.parametrize("length", [0, 1, 30])
def test_prompt_then_as_many_characters_as_asked_for(ostinato, model, length):
    ran = ostinato("generate", model, "--prompt", "The ", "--length", length)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("The ")
    assert len(ran.out) == 4 + length + 1
    assert ran.out.endswith("\n")


@pytest.mark.parametrize(
    "options", [[], ["--temperature", 0.5], ["--top-k", 5], ["--top-p", 0.5]], ids=lambda o: str(o[:1])
)
def test_same_seed_same_text(ostinato, model, options):
    first, again, other = (written(ostinato, model, "--seed", seed, *options) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_without_a_seed_it_says_which_it_took(ostinato, model):
    ran = ostinato("generate", model, "--length", 20, "--json").json
    assert ran.keys() == {"prompt", "text", "seed"}
    assert ostinato("generate", model, "--length", 20, "--json", "--seed", ran["seed"]).json == ran


@pytest.mark.parametrize(
    "options", [["--temperature", 0], ["--top-k", 1], ["--top-p", "1e-9"], ["--temperature", "1e-300"]]
)
def test_ways_to_write_the_likeliest(ostinato, model, options):
    texts = {written(ostinato, model, "--seed", seed, *options) for seed in range(3)}
    assert texts == {written(ostinato, model, "--temperature", 0)}


@pytest.mark.parametrize("prompt", ["한국", "👩‍👩‍👧", "\u1112\u1161\u11ab"], ids=["korean", "emoji", "jamo"])
def test_an_unseen_prompt_is_a_warning_and_still_written(ostinato, model, prompt):
    with pytest.warns(UserWarning, match="the model has never seen .*: left out of what it reads") as caught:
        ran = ostinato("generate", model, "--prompt", prompt, "--length", 5)
    assert ran.code == 0
    assert ran.out.startswith(prompt)
    assert len(caught) == 1


def test_a_file_of_pieces_with_escapes_is_not_a_danger_to_a_terminal(monkeypatch, capsys):
    import sys

    from ostinato.cli._console import write

    write("a\x1b[2J\tb\n")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    write("a\x1b[2J\x9b\tb\n")
    assert capsys.readouterr().out == "a\x1b[2J\tb\na\ufffd[2J\ufffd\tb\n"
