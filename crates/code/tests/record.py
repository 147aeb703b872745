"""Compiles tests/fixtures/*.py with the running CPython and records what its `dis` says.

Run once with each version, 2.7 and 3.6 to 3.15, from this folder; writes `fixtures/X.Y/NAME.marshal`, the
marshalled code object, and `fixtures/X.Y/NAME.OPTIONS.txt`, the text of `dis.dis` (addresses replaced by
`0x...`); from 3.14 on also `fixtures/X.Y/NAME.branches.txt`, a line for each code object: its qualified name and what
`co_branches` yields.
"""
import dis
import io
import marshal
import os
import re
import sys

VERSION = sys.version_info[:2]
NAMES = ["common"] + ["later"] * (VERSION >= (3, 6)) + ["newest"] * (VERSION >= (3, 11))
OPTIONS = ["plain"]
if VERSION >= (3, 11):
    ALL = ["adaptive", "show_caches"]
    ALL += ["show_offsets"] * (VERSION >= (3, 13)) + ["show_positions"] * (VERSION >= (3, 14))
    OPTIONS.append("+".join(ALL))


def nested(code, show, out):
    """What `dis.dis` does from 3.7 on."""
    show(code)
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            out.write("\nDisassembly of %r:\n" % (constant,))
            nested(constant, show, out)


def text(code, options):
    if VERSION == (2, 7):
        import StringIO
        stdout, sys.stdout = sys.stdout, StringIO.StringIO()
        try:
            nested(code, dis.dis, sys.stdout)
            return sys.stdout.getvalue()
        finally:
            sys.stdout = stdout
    out = io.StringIO()
    if VERSION == (3, 6):
        nested(code, lambda code: dis.dis(code, file=out), out)
    else:
        dis.dis(code, file=out, **{name: True for name in options.split("+") if name != "plain"})
    return out.getvalue().encode("utf-8")


def branches(code):
    yield code.co_qualname + "".join(" %d,%d,%d" % branch for branch in code.co_branches()) + "\n"
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            for line in branches(constant):
                yield line


def main():
    folder = "fixtures/%d.%d" % VERSION
    if not os.path.isdir(folder):
        os.makedirs(folder)
    for name in NAMES:
        with io.open("fixtures/%s.py" % name, "rb") as file:
            code = compile(file.read(), name + ".py", "exec", dont_inherit=True)
        data = marshal.dumps(code)
        with io.open("%s/%s.marshal" % (folder, name), "wb") as file:
            file.write(data)
        if VERSION >= (3, 14):
            with io.open("%s/%s.branches.txt" % (folder, name), "w") as file:
                file.write("".join(branches(marshal.loads(data))))
        for options in OPTIONS:
            found = text(marshal.loads(data), options)
            found = re.sub(b" at 0x[0-9a-fA-F]+, file ", b" at 0x..., file ", found)
            with io.open("%s/%s.%s.txt" % (folder, name, options), "wb") as file:
                file.write(found)


main()
