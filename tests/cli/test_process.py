"""What only a process of its own can show: the disk, pipes, stdin, exit codes, what is imported."""

import os
import resource
import signal
import subprocess
import sys
import time

import pytest

TINY = ["--embedding=4", "--hidden=8", "--epochs=1", "--window=16", "--batch=8", "--threads=1"]


def start(*arguments, before="", **options):
    code = f"{before}\nfrom ostinato.cli import main\nmain()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=options.pop("stdin", subprocess.DEVNULL),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1", **options.pop("env", {})},
        **options,
    )


def finish(process, sent=None):
    out, err = process.communicate(sent, timeout=60)
    return process.returncode, out.decode(), err.decode()


def finished(*arguments, **options):
    return finish(start(*arguments, **options))


def full_after(size):
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


class TestFullDisk:
    def test_at_once_leaves_nothing(self, text, contents, tmp_path):
        out = tmp_path / "out"
        code, printed, err = finished("train", "lm", text, "-o", out, *TINY, preexec_fn=full_after(1024))
        assert (code, printed) == (2, "")
        assert (
            err == f"error: cannot write {out}/checkpoints/tokens.bin: File too large; nothing was changed\n"
        )
        assert contents(out) is None

    def test_at_the_end_leaves_a_run_that_can_be_resumed(self, text, model, ostinato, contents, tmp_path):
        out = tmp_path / "out"
        largest = max(path.stat().st_size for path in model.iterdir() if path.is_file())
        code, printed, err = finished(
            "train", "lm", text, "-o", out, *TINY, preexec_fn=full_after(largest - 1000)
        )
        assert (code, printed) == (2, "")
        assert err.splitlines()[-1] == (
            f"error: cannot save the model in {out}: File too large; what was there is as it was"
        )
        assert [path.name for path in out.iterdir()] == ["checkpoints"]
        assert ostinato("train", "lm", text, "-o", out, *TINY, "--resume").code == 0
        same = ("model.safetensors", "baseline.safetensors", "tokenizer.json")
        assert [contents(out)[name] for name in same] == [contents(model)[name] for name in same]


class TestPipes:
    def test_generate_into_head(self, model):
        with start("generate", model, "--length", 100_000_000, "--prompt", "Cath") as process:
            assert process.stdout.read(10)[:4] == b"Cath"
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 0

    def test_predict_into_head(self, model):
        with start("predict", model, *["ab"] * 5000) as process:
            assert process.stdout.read(2) == b"ab"
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 0

    def test_predict_answers_a_line_before_the_next_comes(self, model):
        process = start("predict", model, "--top", 1, "-", stdin=subprocess.PIPE)
        process.stdin.write(b"Cath\n")
        process.stdin.flush()
        assert process.stdout.readline() == "Cath …\n".encode()
        assert process.stdout.readline().startswith(b"'")
        code, out, err = finish(process, "한국\n".encode())
        assert (code, out.splitlines()[0]) == (0, "한국 …")
        assert err == "warning: the model has never seen '한' '국': left out of what it reads\n"

    def test_a_classifier_answers_a_line_before_the_next_comes(self, names):
        process = start("predict", names, "-", stdin=subprocess.PIPE)
        process.stdin.write("김치\n".encode())
        process.stdin.flush()
        assert process.stdout.readline().endswith(" 김치\n".encode())
        code, out, err = finish(process, "서울\n".encode())
        assert (code, out.split()[-1], err) == (0, "서울", "")

    def test_stdin_that_is_not_utf8(self, model):
        process = start("predict", model, "-", stdin=subprocess.PIPE)
        code, out, err = finish(process, b"ab\nc\xff\n")
        assert (code, out.splitlines()[0]) == (2, "ab …")
        assert err == "error: stdin: line 2 is not UTF-8 at its byte 1 (0xFF); convert it with iconv\n"

    def test_an_output_that_knows_no_korean(self, model):
        code, out, _ = finished(
            "generate", model, "--length", 0, "--prompt", "é한", env={"PYTHONIOENCODING": "ascii"}
        )
        assert (code, out) == (0, "\\xe9\\ud55c\n")


class TestMissingExtra:
    BLOCK = """
import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Without())
"""

    def test_of_a_command_that_trains(self, text, contents, tmp_path):
        code, out, err = finished("train", "lm", text, "-o", tmp_path / "out", before=self.BLOCK)
        assert (code, out) == (2, "")
        assert err == "error: this command needs torch: pip install '.[train]' in Ostinato's folder\n"
        assert contents(tmp_path / "out") is None

    @pytest.mark.parametrize("line", ["--version", "--help", "train lm --help", "predict --help"])
    def test_does_not_matter_for_help(self, line):
        code, out, err = finished(*line.split(), before=self.BLOCK)
        assert (code, err) == (0, "")
        assert out


def test_interrupted_while_training_says_how_to_go_on(text, tmp_path):
    out = tmp_path / "my out"
    arguments = ["train", "lm", text, "-o", out, *TINY, "--epochs", 100_000, "--patience", 100_000]
    process = start(*arguments, "--overwrite")
    deadline = time.monotonic() + 60
    while not (out / "checkpoints" / "history.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    code, printed, err = finish(process)
    assert (code, printed) == (130, "")
    assert err.splitlines()[-1] == (
        f"interrupted: the run is saved; go on with: ostinato train lm --resume {text} -o '{out}' "
        f"{' '.join(TINY)} --epochs 100000 --patience 100000"
    )


def test_killed_while_training_goes_on_to_the_same_model(ostinato, tables, contents, tmp_path):
    options = [
        "--input=이름",
        "--target=갈래",
        "--hidden=8",
        "--embedding=4",
        "--threads=1",
        "--patience=1000",
    ]
    command = ["train", "classify", tables / "이름.csv", "--epochs=60", *options, "-o"]
    whole, killed = tmp_path / "whole", tmp_path / "한 killed"
    assert ostinato(*command, whole).code == 0
    process = start(*command, killed)
    deadline = time.monotonic() + 60
    while not (killed / "checkpoints" / "history.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    finish(process)
    assert ostinato(*command, killed, "--resume").code == 0
    same = ("model.safetensors", "baseline.safetensors", "inputs.json", "targets.json")
    assert [contents(killed)[name] for name in same] == [contents(whole)[name] for name in same]


def test_a_fault_of_ours_is_one_line_and_exit_code_1(tmp_path):
    bug = "from ostinato.tasks import _load; _load.load_model = None"
    code, out, err = finished("generate", tmp_path, before=bug)
    assert (code, out) == (1, "")
    assert err == (
        "internal error: TypeError: 'NoneType' object is not callable (OSTINATO_DEBUG=1 shows where)\n"
    )
    code, out, err = finished("generate", tmp_path, before=bug, env={"OSTINATO_DEBUG": "1"})
    assert (code, out) == (1, "")
    assert err.startswith("Traceback")
