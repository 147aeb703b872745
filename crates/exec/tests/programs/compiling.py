"""compile(), eval() and exec() of source text; compiling.json has what CPython's compiler says of SOURCES."""

# Text, file name, mode, flags; the rest of the program only uses what stands here.
SOURCES = [
    ("a + b", "<string>", "eval", 0),
    ("x = a * 2\ndef f(y):\n    return x + y\n", "<string>", "exec", 0),
    ("1 + 1", "<stdin>", "single", 0),
    ("x = = 1\n", "bad.py", "exec", 0),
    ("def f(:\n  pass", "<string>", "exec", 0),
    ("  1", "<string>", "exec", 0),
    ("(", "<string>", "eval", 0),
    ("local = 5; total = local + outer", "<string>", "exec", 0),
    ("outer + 1", "<string>", "eval", 0),
    ("def g(x: int) -> str: return x\n", "future.py", "exec", 0x1000000),
    ("lambda: free", "<string>", "eval", 0),
    ("raise ValueError('inside')", "raising.py", "exec", 0),
    ("'\u00e9' '\U0001f600'", "\u00e9.py", "eval", 0),
    ("missing_name", "<string>", "eval", 0),
    ("for i in range(3): squares.append(i * i)", "<string>", "exec", 0),
    ("__import__('builtins').len('abc')", "<string>", "eval", 0),
    ("if True:\nx = 1", "indent.py", "exec", 0),
    ("await x", "<string>", "eval", 0),
]


def show(function):
    try:
        print(repr(function()))
    except SyntaxError as error:
        print(type(error).__name__, error.msg, error.args)
        print("   ", error.filename, error.lineno, error.offset, repr(error.text), error.end_lineno, error.end_offset, error)
    except Exception as error:
        print(type(error).__name__, error)


a, b = 20, 3
print(eval(SOURCES[0][0]), eval("  \t" + SOURCES[0][0]), eval(SOURCES[0][0].encode()), eval(bytearray(SOURCES[0][0].encode())))
print(eval(SOURCES[0][0], {"a": 1, "b": 2}), eval(SOURCES[0][0], {"a": 1}, {"b": 5}))


class Mapping:
    def __getitem__(self, key):
        if key in "ab":
            return key * 3
        raise KeyError(key)


print(eval(SOURCES[0][0], {}, Mapping()))
space = {"a": 21}
print(exec(SOURCES[1][0], space), space["x"], space["f"](8), "__builtins__" in space)
print(compile(*SOURCES[1][:3]).co_names, compile(*SOURCES[1][:3]).co_filename)
single = compile(*SOURCES[2][:3])
print(single.co_filename, single.co_name)
for row in SOURCES[3:7]:
    show(lambda: compile(*row[:3]))
show(lambda: exec(SOURCES[4][0]))
show(lambda: eval(SOURCES[6][0]))
show(lambda: compile(*SOURCES[16][:3]))
show(lambda: compile(*SOURCES[17][:3]))


def function(outer):
    exec(SOURCES[7][0])
    print(sorted(locals()), eval(SOURCES[8][0]))
    names = {}
    exec(SOURCES[7][0], globals() | {"outer": 1}, names)
    print(names)


function(10)
code = compile(*SOURCES[9][:3], flags=SOURCES[9][3])
exec(code)
print(g.__annotations__, g.__code__.co_filename, g.__module__)
show(lambda: eval(SOURCES[10][0])())
show(lambda: exec(compile(*SOURCES[11][:3])))
print(eval(compile(*SOURCES[12][:3])), compile(*SOURCES[12][:3]).co_filename)
show(lambda: eval(SOURCES[13][0]))
squares = []
exec(SOURCES[14][0])
print(squares, i)
print(eval(SOURCES[15][0], {}))
show(lambda: eval(SOURCES[15][0], {"__builtins__": {}}))

for args in [
    (1, "f", "exec"),
    ("1", 1, "exec"),
    ("1", "f", 1),
    ("1", "f", "other"),
    ("1", "f", "func_type"),
    ("1", "f\0", "exec"),
    ("1\0", "f", "exec"),
    (b"1\0", "f", "exec"),
    ("\ud800", "f", "exec"),
    ("1", "f", "exec", 1 << 30),
    ("1", "f", "exec", 1 << 40),
    ("1", "f", "exec", 0, 0, 7),
    ("1",),
    ("1", "f", "exec", "x"),
]:
    show(lambda: compile(*args))
show(lambda: eval(1))
show(lambda: exec(None))
show(lambda: eval("1", 1))
show(lambda: exec("1", 1))
show(lambda: exec("1", {}, 1))
show(lambda: exec("1", closure=()))
show(lambda: eval("\0"))
