"""The CPython half of `cargo xtask bench code`, run under 3.13.

Compiles and marshals the standard library into the file named by the first argument, each module with its size in
32 bits before it, and prints how many there are. Then, for each line on stdin that names a pass, runs that pass
once, `loads` over all modules and the rest over one module in sixteen, and prints the processor time that it took in nanoseconds and how
many instructions those were; `0` for a pass that needs a package which the folder of the second argument lacks.
"""

import dis
import io
import marshal
import os
import sys
import sysconfig
import time
import warnings

from marshal import loads as marshal_loads

SAMPLE = 16


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

def walk(code):
    yield code
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            yield from walk(constant)


def loads(dumped, codes):
    for data in dumped:
        marshal_loads(data)


def get_instructions(dumped, codes):
    for code in codes:
        for _ in dis.get_instructions(code):
            pass


def text(dumped, codes):
    for code in codes:
        dis.dis(code, depth=0, file=io.StringIO())


def xdis_instructions(dumped, codes):
    from xdis.std import get_instructions
    for code in codes:
        for _ in get_instructions(code):
            pass


def bytecode_edit(dumped, codes):
    from bytecode import Bytecode
    for code in codes:
        Bytecode.from_code(code).to_code()


PASSES = {
    "loads": loads,
    "get_instructions": get_instructions,
    "text": text,
    "xdis": xdis_instructions,
    "bytecode": bytecode_edit,
}


def main():
    warnings.simplefilter("ignore")
    dumped = list(modules())
    with open(sys.argv[1], "wb") as out:
        for data in dumped:
            out.write(len(data).to_bytes(4, "little") + data)
    print(len(dumped), flush=True)
    sys.path[1:1] = sys.argv[2:]
    codes = [code for data in dumped[::SAMPLE] for code in walk(marshal.loads(data))]
    count = sum(1 for code in codes for _ in dis.get_instructions(code))
    for line in sys.stdin:
        start = time.thread_time_ns()
        try:
            PASSES[line.strip()](dumped, codes)
        except ImportError:
            print(0, flush=True)
            continue
        print(time.thread_time_ns() - start, count, flush=True)


main()
