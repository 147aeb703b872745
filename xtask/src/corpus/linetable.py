"""Writes what this interpreter says of the location tables of its standard library.

Run by `cargo xtask corpus linetable` under CPython 2.7 and 3.6 to 3.15; the form of the records is described
in crates/linetable/src/properties/oracle.rs. Arguments: the files to compile; without any, every module of the
standard library, tests included, and a last line that says how many could not be compiled, as some tests cannot.
"""

import binascii
import ctypes
import dis
import itertools
import os
import sys
import sysconfig
import types
import warnings

PY3 = sys.version_info[0] >= 3
HAS_LINETABLE = sys.version_info >= (3, 10)
HAS_LOCATIONS = sys.version_info >= (3, 11)
HAS_LNOTAB = sys.version_info < (3, 15)

# Single look-ups are linear in the table: so many for each code object.
LOOKUP_COUNT = 24

addr2line = ctypes.pythonapi.PyCode_Addr2Line
addr2location = getattr(ctypes.pythonapi, "PyCode_Addr2Location", None)
PARTS = [ctypes.c_int() for _ in range(4)]
REFERENCES = [ctypes.byref(part) for part in PARTS]


def text_of(value):
    return "-" if value is None else str(value)


def known(value):
    """A C line or column: -1 stands for None."""
    return "-" if value == -1 else str(value)


def hex_of(data):
    return binascii.hexlify(data).decode("ascii") or "-"


def positions_of(code):
    words = []
    for position, group in itertools.groupby(code.co_positions()):
        words.append("%d*%s" % (len(list(group)), ",".join(map(text_of, position))))
    return " ".join(words)


def lookups_of(code, starts):
    """Offsets at the edges of line ranges, spread over the code, and one past its end."""
    length = len(code.co_code)
    offsets = {0, length}
    for offset in starts:
        offsets.update((offset, offset + 1, offset - 1))
    offsets = sorted(offset for offset in offsets if 0 <= offset <= length)
    step = max(1, len(offsets) // LOOKUP_COUNT)
    return offsets[::step] + [length]


def location_at(code, offset):
    addr2location(ctypes.py_object(code), offset, *REFERENCES)
    line, column, end_line, end_column = (known(part.value) for part in PARTS)
    return "%d:%s,%s,%s,%s" % (offset, line, end_line, column, end_column)


def write_record(out, code, name):
    length = len(code.co_code)
    out.write("code %d %d %s\n" % (code.co_firstlineno, length, name))
    out.write("table %s\n" % hex_of(code.co_linetable if HAS_LINETABLE else code.co_lnotab))
    if HAS_LINETABLE:
        ranges = ("%d:%d:%s" % (start, end, text_of(line)) for start, end, line in code.co_lines())
        out.write("lines %s\n" % " ".join(ranges))
        if HAS_LNOTAB:
            out.write("lnotab %s\n" % hex_of(code.co_lnotab))
    if HAS_LOCATIONS:
        out.write("positions %s\n" % positions_of(code))
    starts = list(dis.findlinestarts(code))
    out.write("starts %s\n" % " ".join("%d:%s" % (offset, text_of(line)) for offset, line in starts))
    lookups = lookups_of(code, [offset for offset, _ in starts])
    found = ("%d:%s" % (at, known(addr2line(ctypes.py_object(code), at))) for at in lookups)
    out.write("addr2line %s\n" % " ".join(found))
    if addr2location is not None:
        # Past the end of the table PyCode_Addr2Location leaves what it found last: so not there.
        found = (location_at(code, at) for at in lookups if at < length)
        out.write("addr2location %s\n" % " ".join(found))
    out.write("end\n")


def walk(code, name):
    todo = [(code, name)]
    while todo:
        code, name = todo.pop()
        yield code, name
        for const in code.co_consts:
            if isinstance(const, types.CodeType):
                todo.append((const, name + "." + const.co_name))


def sources(arguments):
    if arguments:
        return arguments
    found = []
    for folder, folders, files in os.walk(sysconfig.get_paths()["stdlib"]):
        folders[:] = sorted(set(folders) - {"site-packages", "dist-packages", "__pycache__"})
        paths = (os.path.join(folder, file) for file in sorted(files) if file.endswith(".py"))
        found.extend(path for path in paths if os.path.isfile(path))
    return found


def main():
    warnings.simplefilter("ignore")
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    if PY3:
        out = open(sys.stdout.fileno(), "w", encoding="utf-8", errors="backslashreplace", newline="\n")
    else:
        out = sys.stdout
    refused = 0
    for path in sources(sys.argv[1:]):
        with open(path, "rb") as file:
            source = file.read()
        name = os.path.basename(path)
        try:
            module = compile(source, name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError if PY3 else RuntimeError):
            refused += 1
            continue
        for code, qualified in walk(module, name):
            write_record(out, code, qualified)
    if not sys.argv[1:]:
        out.write("refused %d\n" % refused)
    out.flush()


main()
