"""What the scripts say of what they have looked at: `ok` and a name, or what came instead, and an end with 1."""

import sys

_wrong = 0


def same(name, got, expected):
    """Says whether `got` is `expected`, and of its type."""
    global _wrong
    if got == expected and type(got) is type(expected):
        print("ok", name, flush=True)
    else:
        _wrong += 1
        print(f"WRONG {name}: {got!r} instead of {expected!r}", flush=True)


def fails(name, expected, action, *arguments):
    """Says whether `action` raises `expected`; the error, for who wants to look at it."""
    try:
        got = action(*arguments)
    except expected as error:
        print("ok", name, flush=True)
        return error
    same(name, got, expected)
    return None


def end():
    """Ends the script."""
    sys.exit(1 if _wrong else 0)
