import subprocess
import sys

USE = """
import sys
import ostinato.data.forecasting
from ostinato.data import StreamDecoder, learn_tokenizer
for kind in ("characters", "words", "subwords"):
    tokenizer = learn_tokenizer(kind, ["hello"])
    StreamDecoder(tokenizer).push(int(tokenizer.encode("hello")[0]))
print(sorted({"torch", "pandas", "polars", "sklearn", "scipy"} & set(sys.modules)))
"""


def test_data_works_without_torch():
    done = subprocess.run([sys.executable, "-c", USE], capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"
