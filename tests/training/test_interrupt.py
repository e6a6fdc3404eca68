import os
import signal
import threading

import pytest

from ostinato.training._interrupt import stop_on_signal

SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])


@pytest.fixture(autouse=True)
def heard():
    """Handlers that take note, so that a signal let through by mistake does not end the tests."""
    taken: list[int] = []
    before = {n: signal.signal(n, lambda n, _: taken.append(n)) for n in (signal.SIGINT, signal.SIGTERM)}
    yield taken
    for number, handler in before.items():
        signal.signal(number, handler)


def test_nobody_asked():
    with stop_on_signal() as stop:
        assert not stop.requested


@SIGNALS
def test_the_first_signal_asks_and_the_second_acts_as_before(number, heard):
    with stop_on_signal() as stop:
        os.kill(os.getpid(), number)
        assert stop.requested
        assert heard == []
        os.kill(os.getpid(), number)
        assert heard == [number]


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_the_handlers_are_as_before(asked, error):
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    try:
        with stop_on_signal():
            if asked:
                os.kill(os.getpid(), signal.SIGINT)
            if error:
                raise error
    except BaseException as raised:  # noqa: BLE001
        assert type(raised) is error
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == before


@SIGNALS
def test_an_ignored_signal_stays_ignored(number):
    signal.signal(number, signal.SIG_IGN)
    with stop_on_signal() as stop:
        os.kill(os.getpid(), number)
        assert not stop.requested
        assert signal.getsignal(number) is signal.SIG_IGN


def test_in_another_thread_it_is_harmless():
    requests = []

    def work():
        with stop_on_signal() as stop:
            requests.append(stop.requested)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert requests == [False]
