"""Compiles the standard library of the running CPython, tests included.

Writes to stdout one frame after another, each a line `NAME LENGTH` and then that many bytes:
`file` a path, `code` its marshalled code object.
"""
import marshal
import os
import sys
import warnings

sys.path[0:1] = []

warnings.simplefilter("ignore")
OUT = sys.stdout.buffer


def frame(name, data):
    OUT.write(b"%s %d\n" % (name, len(data)))
    OUT.write(data)


def main():
    sys.setrecursionlimit(10000)
    root = os.path.dirname(os.__file__)
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - {"site-packages", "dist-packages", "__pycache__"})
        for name in sorted(files):
            if not name.endswith(".py"):
                continue
            path = os.path.join(folder, name)
            try:
                with open(path, "rb") as file:
                    source = file.read()
                code = compile(source, path, "exec", dont_inherit=True)
            except (OSError, SyntaxError, ValueError, RecursionError):
                # A dangling link, or a test of what does not compile.
                continue
            frame(b"file", path.encode())
            frame(b"code", marshal.dumps(code))


main()
