"""The CPython half of `cargo xtask bench linetable`, run under 3.12 or later.

Compiles the standard library, writes each code object's co_firstlineno and co_linetable to the file named by the
argument, and prints how many there are. Then, for each line on stdin that names a pass, runs that pass over all code
objects once and prints what it took in nanoseconds of processor time.
"""

import collections
import os
import sys
import sysconfig
import time
import types
import warnings


def code_objects():
    for folder, folders, files in os.walk(sysconfig.get_paths()["stdlib"]):
        folders[:] = sorted(set(folders) - {"site-packages", "dist-packages", "__pycache__"})
        for file in sorted(files):
            path = os.path.join(folder, file)
            if not file.endswith(".py") or not os.path.isfile(path):
                continue
            with open(path, "rb") as source:
                try:
                    todo = [compile(source.read(), file, "exec", dont_inherit=True)]
                except (SyntaxError, ValueError, RecursionError):
                    continue
            while todo:
                code = todo.pop()
                yield code
                todo.extend(const for const in code.co_consts if isinstance(const, types.CodeType))


def positions(codes):
    # A deque of length 0 is the fastest consumer that CPython has.
    for code in codes:
        collections.deque(code.co_positions(), maxlen=0)


def lines(codes):
    for code in codes:
        collections.deque(code.co_lines(), maxlen=0)


def main():
    warnings.simplefilter("ignore")
    codes = list(code_objects())
    with open(sys.argv[1], "w") as tables:
        for code in codes:
            tables.write("%d %s\n" % (code.co_firstlineno, code.co_linetable.hex()))
    print(len(codes), flush=True)
    passes = {"positions": positions, "lines": lines}
    for name in sys.stdin:
        run = passes[name.strip()]
        start = time.thread_time_ns()
        run(codes)
        print(time.thread_time_ns() - start, flush=True)


main()
