"""What `import ostinato.runtime` costs, with layers in use, in processes of their own."""

import subprocess
import sys

USE = """
import time
from pathlib import Path
start = time.process_time()
from ostinato.runtime import LSTM
seconds = time.process_time() - start
print(seconds, int(Path('/proc/self/status').read_text().partition('VmRSS:')[2].split()[0]) / 1024)
"""


def measured():
    done = subprocess.run([sys.executable, "-c", USE], capture_output=True, check=True, text=True)
    return tuple(map(float, done.stdout.split()))


def test_importing_is_quick_and_small():
    seconds, megabytes = (min(values) for values in zip(*[measured() for _ in range(2)], strict=True))
    assert seconds < 0.18  # of the processor, who may be busy; below 0.12 where it is not
    assert megabytes < 60
