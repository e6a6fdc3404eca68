"""The one error type a user is meant to read.

It sits below every room of the house: `kernels`, `data`, `nn`, … raise it; `cli` turns it into one line
and exit code 2.
"""


class InputError(ValueError):
    """Something the user can mend: a bad argument, file, row or value.

    The message is one line: what is wrong (with the offending value) and what to do about it.
    """


class ParameterError(InputError):
    """A parameter whose value will not do.

    Attributes:
        parameter: its name, which the command line replaces by the option's.
        complaint: the rest of the message.
    """

    def __init__(self, parameter: str, complaint: str) -> None:
        super().__init__(parameter, complaint)
        self.parameter = parameter
        self.complaint = complaint

    def __str__(self) -> str:
        return f"{self.parameter} {self.complaint}"


def one_line(error: BaseException) -> str:
    """The first line of an error's message, for quoting a library's complaint inside ours."""
    return str(error).strip().partition("\n")[0] or type(error).__name__
