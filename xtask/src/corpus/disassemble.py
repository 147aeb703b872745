"""Compiles the standard library of the running CPython and disassembles all of it.

Writes to stdout one frame after another, each a line `NAME LENGTH` and then that many bytes:
`file` a path, `code` its marshalled code object, `plain` (or another set of options, joined by `+`)
the text of `dis.dis`, and at the end `seconds`, spent in plain disassembly. With the argument `code`, nothing
is disassembled; with `branches`, there is instead of texts what `co_branches` yields, a line for each code object, and with
`adaptive` `_co_code_adaptive` in hexadecimal, likewise.
"""
import dis
import gc
import io
import marshal
import os
import re
import sys
import time
import warnings

sys.path[0:1] = []

warnings.simplefilter("ignore")
VERSION = sys.version_info[:2]
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+, file ")
OUT = getattr(sys.stdout, "buffer", sys.stdout)
# Each set of options is tried on one file in so many.
EVERY = 6
OPTIONS = {
    (3, 11): ["show_caches", "adaptive", "adaptive+show_caches"],
    (3, 12): ["show_caches", "adaptive", "adaptive+show_caches"],
    (3, 13): ["show_caches", "adaptive+show_caches", "show_offsets", "show_caches+show_offsets"],
}
LATER = OPTIONS[3, 13] + ["show_positions", "show_positions+show_caches+show_offsets"]


def frame(name, data):
    OUT.write(("%s %d\n" % (name, len(data))).encode("ascii"))
    OUT.write(data)


def sources():
    root = os.path.dirname(os.__file__)
    # Tests are compared from 3.11 on.
    skipped = {"site-packages", "dist-packages", "__pycache__", "lib2to3"}
    if VERSION < (3, 11):
        skipped |= {"test", "tests", "idle_test"}
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - skipped)
        for name in sorted(files):
            path = os.path.join(folder, name)
            # Distributions leave links to files that are not installed.
            if name.endswith(".py") and os.path.isfile(path):
                yield path


def compiled(path):
    with io.open(path, "rb") as file:
        source = file.read()
    try:
        return compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError if VERSION > (3, 5) else RuntimeError):
        return None


def text(code, options):
    if VERSION == (2, 7):
        import StringIO
        stdout, sys.stdout = sys.stdout, StringIO.StringIO()
        try:
            nested(code, dis.dis, lambda line: sys.stdout.write(line + "\n"))
            found = sys.stdout.getvalue()
        finally:
            sys.stdout = stdout
        return ADDRESS.sub(" at 0x..., file ", found)
    out = io.StringIO()
    if VERSION == (3, 6):
        nested(code, lambda code: dis.dis(code, file=out), lambda line: print_to(out, line))
    else:
        dis.dis(code, file=out, **dict((name, True) for name in options))
    return ADDRESS.sub(" at 0x..., file ", out.getvalue())


def print_to(out, line):
    out.write(line + "\n")


def nested(code, show, write):
    """What `dis.dis` does from 3.7 on."""
    show(code)
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            write("")
            write("Disassembly of %r:" % (constant,))
            nested(constant, show, write)


def branches(code, lines):
    found = (" %d,%d,%d" % branch for branch in code.co_branches())
    lines.append(code.co_qualname + "".join(found))
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            branches(constant, lines)
    return lines


def adaptive(code, lines):
    lines.append(code._co_code_adaptive.hex())
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            adaptive(constant, lines)
    return lines


def encoded(found):
    return found if isinstance(found, bytes) else found.encode("utf-8", "replace")


def main():
    gc.disable()
    sys.setrecursionlimit(10000)
    spent = 0.0
    options = OPTIONS.get(VERSION, LATER if VERSION > (3, 13) else [])
    for index, path in enumerate(sources()):
        code = compiled(path)
        if code is None:
            continue
        # What was loaded, not what was compiled: it is in that form that constants are shared.
        data = marshal.dumps(code)
        code = marshal.loads(data)
        frame("file", path.encode("utf-8"))
        frame("code", data)
        if sys.argv[1:] == ["code"]:
            continue
        if sys.argv[1:] == ["branches"]:
            frame("branches", encoded("\n".join(branches(code, []))))
            continue
        if sys.argv[1:] == ["adaptive"]:
            frame("adaptive", encoded("\n".join(adaptive(code, []))))
            continue
        start = time.time()
        found = text(code, ())
        spent += time.time() - start
        frame("plain", encoded(found))
        if index % EVERY == 0:
            for names in options:
                frame(names, encoded(text(code, names.split("+"))))
    frame("seconds", ("%f" % spent).encode("ascii"))


main()
