"""The child of `isolation.py`: reads documents on its standard input, answers on its standard output, ends with either.

Wire, both ways: two little-endian 32-bit numbers, then bytes. In: lengths of the options (JSON) and of the document.
Out: a status (0 fine, 1 the parser raised) and the length of the answer. One byte is sent first, when it is ready.
"""

import contextlib
import importlib
import json
import logging
import os
import struct
import sys

_HEADER = struct.Struct("<II")
_MEMORY = 2 * 1024**3  # bytes of address space: a document that needs more is not an article


def main() -> None:
    """Serve `module:function`, named by the first argument, until the input ends."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limit, macOS refuses it
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    source = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get among the answers
    logging.disable()
    module, _, name = sys.argv[1].partition(":")
    function = getattr(importlib.import_module(module), name)
    answers.write(b"\n")
    answers.flush()
    while len(header := source.read(_HEADER.size)) == _HEADER.size:
        options_size, size = _HEADER.unpack(header)
        options = json.loads(source.read(options_size))
        try:
            status, answer = 0, function(source.read(size), **options)
        except Exception as error:  # noqa: BLE001 - whatever a hostile document does to a parser is an answer, too
            status, answer = 1, f"{type(error).__name__}: {error}"[:500].encode(errors="replace")
        answers.write(_HEADER.pack(status, len(answer)) + answer)
        answers.flush()


if __name__ == "__main__":
    main()
