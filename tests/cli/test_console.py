import io

import pytest

from ostinato.cli._console import write


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("kind", [Terminal, io.StringIO], ids=["terminal", "file"])
@pytest.mark.parametrize(
    ("text", "on_a_terminal"),
    [
        ("a\tb\n한", "a\tb\n한"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("a\x1b[2Jb\x9bc\x7f\x00", "a\ufffd[2Jb\ufffdc\ufffd\ufffd"),
    ],
    ids=["text", "windows", "controls"],
)
def test_only_a_terminal_is_not_sent_what_it_would_obey(monkeypatch, kind, text, on_a_terminal):
    stdout = kind()
    monkeypatch.setattr("sys.stdout", stdout)
    write(text)
    assert stdout.getvalue() == (on_a_terminal if stdout.isatty() else text)
