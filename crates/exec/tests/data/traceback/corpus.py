"""Asks the running CPython how it shows locations in real source files; one JSON object a line on stdout.

usage: python corpus.py COUNT SEED FILE_OR_DIRECTORY...

Each location is one that `co_positions` gives for some instruction of the compiled file that can raise, or, for one
in twenty, a random one. It is put into the location table of a small code object that raises, and `sys.__excepthook__` prints it.
The test `locations_of_a_corpus` reads the result (see there).
"""

import dis
import io
import json
import linecache
import os
import random
import sys
import tokenize
import warnings

warnings.simplefilter("ignore")


CANNOT_RAISE = {dis.opmap.get(name, 0) for name in ("CACHE", "LOAD_CONST", "RETURN_CONST", "BUILD_STRING")}


def varint(value):
    out = []
    while value >= 64:
        out.append(0x40 | value & 63)
        value >>= 6
    out.append(value)
    return bytes(out)


def show(filename, position):
    line, end_line, column, end_column = position
    code = compile("raise E", filename, "exec")
    unit_count = len(code.co_code) // 2
    table = b""
    while unit_count:
        run = min(unit_count, 8)
        unit_count -= run
        if column is None:
            table += bytes([0x80 | 13 << 3 | run - 1]) + varint(0)
        else:
            table += bytes([0x80 | 14 << 3 | run - 1]) + varint(0)
            table += varint(end_line - line) + varint(column + 1) + varint(end_column + 1)
    code = code.replace(co_linetable=table, co_firstlineno=line, co_name="f")
    try:
        exec(code, {"E": ValueError})
    except ValueError as error:
        error.__traceback__ = error.__traceback__.tb_next
        stderr, sys.stderr = sys.stderr, io.StringIO()
        try:
            sys.__excepthook__(ValueError, error, error.__traceback__)
            return sys.stderr.getvalue()
        finally:
            sys.stderr = stderr


def positions(code, found):
    for opcode, position in zip(code.co_code[::2], code.co_positions()):
        # 3.11 and 3.12 fold constants before they look for anchors; what was folded cannot raise.
        if opcode in CANNOT_RAISE:
            continue
        if position[0] is not None and position[1] is not None and position[0] <= position[1] and position[0] > 0:
            found.add(position if None not in position else (*position[:2], None, None))
    for const in code.co_consts:
        if isinstance(const, type(code)):
            positions(const, found)


def files(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, folders, names in os.walk(path):
            folders.sort()
            yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".py"))


def main():
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(seed)
    chosen = list(files(sys.argv[3:]))
    chance.shuffle(chosen)
    left = count
    for index, path in enumerate(chosen):
        share = max(1, left // (len(chosen) - index))
        try:
            with tokenize.open(path) as file:
                source = file.read()
                if file.encoding not in ("utf-8", "utf-8-sig"):
                    continue
            code = compile(source, path, "exec", dont_inherit=True)
        except (OSError, SyntaxError, ValueError, UnicodeError, RecursionError):
            continue
        linecache.clearcache()
        found = set()
        positions(code, found)
        line_count = source.count("\n") + 2
        for position in chance.sample(sorted(found, key=str), min(share, len(found))):
            if chance.random() < 0.05:
                first = chance.randrange(1, line_count + 1)
                column = chance.randrange(80)
                last = first + chance.choice([0, 0, 0, 1, 2, 5, 20])
                position = first, last, column, chance.randrange(column if first == last else 0, 100)
            left -= 1
            print(json.dumps([sys.version_info.minor, path, position, show(path, position)]))


main()
