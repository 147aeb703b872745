"""Records what `_co_code_adaptive` holds: of hand-made bytecode right after creation, and of one instruction as it runs.

Run once with each version, 3.11 to 3.15, from this folder; writes `fixtures/adaptive/X.Y.txt`. Its lines:
`code FLAGS GIVEN ADAPTIVE CO_CODE`, bytecode in hexadecimal; `count WHAT OPCODE:COUNTER...`, an instruction
and the first unit of its cache before each execution and after the last. In `fails` no attempt to specialise succeeds;
in `misses` the instruction was specialised for ints, and then gets nothing but complex numbers.
"""
import dis
import opcode
import os
import random
import sys

VERSION = sys.version_info[:2]
# Read by the interpreter where something else is kept than in the bytecode, or never in bytecode.
ODD = ("INSTRUMENTED_", "ENTER_EXECUTOR", "TRACE_RECORD", "RESERVED", "CACHE", "INTERPRETER_EXIT")


def template():
    pass


def caches(name):
    return sum(opcode._cache_format.get(name, {}).values())


def units(name, number, oparg=1):
    return bytes([number, oparg]) + bytes(2 * caches(name))


def line(flags, given):
    code = template.__code__.replace(co_code=given, co_flags=flags)
    return "code %x %s %s %s" % (flags, given.hex(), code._co_code_adaptive.hex(), code.co_code.hex())


def codes():
    base = sorted((number, name) for name, number in dis.opmap.items() if number < 255 and not name.startswith(ODD))
    for number, name in base:
        yield line(3, units(name, number))
    for name, members in sorted(opcode._specializations.items()):
        for member in members:
            number = (getattr(opcode, "_specialized_opmap", None) or dis._all_opmap)[member]
            yield line(3, units(name, number))
    if VERSION >= (3, 15):
        for flags in (3, 0x83, 0x103, 0x203):
            for oparg in (0, 1, 2, 3):
                yield line(flags, units("GET_ITER", dis.opmap["GET_ITER"], oparg))
    choose = random.Random(311)
    frequent = [(dis.opmap[name], name) for name in ("LOAD_FAST", "LOAD_CONST", "STORE_FAST", "EXTENDED_ARG")]
    for _ in range(100):
        some = [choose.choice(frequent if choose.random() < 0.7 else base) for _ in range(12)]
        yield line(3, b"".join(units(name, number, choose.randrange(3)) for number, name in some))


def fails(a, b):
    return a + b


def misses(a, b):
    return a + b


def unit(function):
    found = (i.offset for i in dis.get_instructions(function) if i.opname == "BINARY_OP")
    at = next(found)
    code = function.__code__._co_code_adaptive
    return "%02x:%04x" % (code[at], int.from_bytes(code[at + 2:at + 4], sys.byteorder))


def counts(function, times):
    seen = [unit(function)]
    for _ in range(times):
        function(1j, 2j)
        seen.append(unit(function))
    return "count %s %s" % (function.__name__, " ".join(seen))


def main():
    # 3.11 makes code adaptive when it has run a few times.
    for _ in range(9 if VERSION == (3, 11) else 0):
        fails(1j, 2j)
    for _ in range(20):
        misses(1, 2)
    os.makedirs("fixtures/adaptive", exist_ok=True)
    with open("fixtures/adaptive/%d.%d.txt" % VERSION, "w") as out:
        for text in codes():
            print(text, file=out)
        print(counts(fails, 700), file=out)
        print(counts(misses, 120), file=out)


main()
