"""The command line: argument parsing and printing, nothing else."""

from ostinato.cli._main import main

__all__ = ["main"]
