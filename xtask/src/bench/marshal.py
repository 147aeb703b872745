"""The CPython half of `cargo xtask bench marshal`, run under 3.13.

Compiles and marshals the standard library into the file named by the argument, each module with its size in 32 bits
before it, and prints how many there are. Then, for each line on stdin that names a pass, runs that pass over all
modules once and prints the processor time that it took in nanoseconds.
"""

import marshal
import os
import struct
import sys
import sysconfig
import time
import warnings


def modules():
    for folder, folders, files in os.walk(sysconfig.get_paths()["stdlib"]):
        folders[:] = sorted(set(folders) - {"site-packages", "dist-packages", "__pycache__"})
        for file in sorted(files):
            path = os.path.join(folder, file)
            if not file.endswith(".py") or not os.path.isfile(path):
                continue
            with open(path, "rb") as source:
                try:
                    code = compile(source.read(), file, "exec", dont_inherit=True)
                except (SyntaxError, ValueError, RecursionError):
                    continue
            yield marshal.dumps(code)


def loads(dumped, codes):
    for data in dumped:
        marshal.loads(data)


def dumps(dumped, codes):
    for code in codes:
        marshal.dumps(code)


def rewrite(dumped, codes):
    for data in dumped:
        marshal.dumps(marshal.loads(data))


def main():
    warnings.simplefilter("ignore")
    dumped = list(modules())
    # Made when first needed, as the Rust half does.
    codes = []
    with open(sys.argv[1], "wb") as out:
        for data in dumped:
            out.write(struct.pack("<I", len(data)) + data)
    print(len(dumped), flush=True)
    passes = {"loads": loads, "dumps": dumps, "rewrite": rewrite}
    for line in sys.stdin:
        run = passes[line.strip()]
        if run is dumps and not codes:
            codes = [marshal.loads(data) for data in dumped]
        start = time.thread_time_ns()
        run(dumped, codes)
        print(time.thread_time_ns() - start, flush=True)


main()
