"""A parser that misbehaves as it is told to, for the isolated process."""

import json
import os
import time


def parse(document: bytes, do: str) -> bytes:
    match do:
        case "hang":
            time.sleep(600)
        case "crash":
            os.abort()
        case "raise":
            raise ValueError("odd")
        case "recurse":
            return parse(document, do)
        case "print":
            print("noise")
    return json.dumps({"length": len(document), "pid": os.getpid()}).encode()
