"""Marshals the standard library of this interpreter and the folders named, and judges what comes back.

Run by `cargo xtask corpus marshal` under CPython 2.7 and 3.6 to 3.15. For each module that compiles it writes to
stdout the size (32 bits, little-endian) and the bytes of marshal.dumps of its code, then the same of what dumps makes
of it after it was loaded, twice. It reads from stdin the size and bytes of another form of the first; size 0 means
none. It answers one byte: `=` if that loads to an equal object, `!` if not, `-` if there was none. A size of 0 on
stdout ends the run, followed by the count of files that did not compile, in 32 bits.
"""

import marshal
import os
import struct
import sys
import sysconfig
import types
import warnings

PY3 = sys.version_info[0] >= 3
READ = sys.stdin.buffer if PY3 else sys.stdin
WRITE = sys.stdout.buffer if PY3 else sys.stdout
SKIPPED = {"site-packages", "dist-packages", "__pycache__"}


def sources():
    for root in [sysconfig.get_paths()["stdlib"]] + sys.argv[1:]:
        for folder, folders, files in os.walk(root):
            folders[:] = sorted(set(folders) - SKIPPED)
            for file in sorted(files):
                path = os.path.join(folder, file)
                if file.endswith(".py") and os.path.isfile(path):
                    yield path


def is_same(one, other):
    """Equality, but a NaN is the same as another, and 0.0 is not -0.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, types.CodeType):
        names = [name for name in dir(one) if name.startswith("co_") and name != "co_consts"]
        values = [name for name in names if not callable(getattr(one, name)) and name != "co_lnotab"]
        return all(getattr(one, name) == getattr(other, name) for name in values) and is_same(
            one.co_consts, other.co_consts
        )
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, (float, complex)):
        return repr(one) == repr(other)
    return one == other


def write(data):
    WRITE.write(struct.pack("<I", len(data)) + data)


def main():
    warnings.simplefilter("ignore")
    refused = 0
    for path in sources():
        with open(path, "rb") as source:
            try:
                code = compile(source.read(), os.path.basename(path), "exec", 0, True)
            except (SyntaxError, ValueError, TypeError, MemoryError, RuntimeError):
                refused += 1
                continue
        data = marshal.dumps(code)
        settled = marshal.dumps(marshal.loads(marshal.dumps(marshal.loads(data))))
        write(data)
        write(settled)
        WRITE.flush()
        (size,) = struct.unpack("<I", READ.read(4))
        other = READ.read(size)
        verdict = b"-" if not size else b"=" if is_same(code, marshal.loads(other)) else b"!"
        WRITE.write(verdict)
    WRITE.write(struct.pack("<II", 0, refused))
    WRITE.flush()


main()
