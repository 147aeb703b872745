"""Records what each CPython says of thousands of numeric cases, for tests/it/numeric.

    record.py OUT_DIR SEED SCALE MINOR=PYTHON...

One line a case: releases ("*" for all), operation, arguments, result, tab-separated. Ints are in hex, floats the 16 hex
digits of their bits, strs in unicode_escape; a result that starts with "!" is an exception. The committed files were made
with seed 1, scale 0.5; another seed and a larger scale make a fresh comparison:
PYCO_NUMERIC_CASES=OUT_DIR cargo test -p pyco-exec.
"""
import math
import random
import struct
import subprocess
import sys

# Encoding, common to both sides.


def bits(x):
    return "nan" if x != x else struct.pack(">d", x).hex()


def unbits(s):
    return math.nan if s == "nan" else struct.unpack(">d", bytes.fromhex(s))[0]


def esc(s):
    return s.encode("unicode_escape").decode("ascii")


def unesc(s):
    return s.encode("ascii").decode("unicode_escape")


def show(value):
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int):
        return hex(value)
    if isinstance(value, float):
        return bits(value)
    if isinstance(value, complex):
        return bits(value.real) + "," + bits(value.imag)
    if isinstance(value, str):
        return esc(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return ",".join(map(show, value))
    return repr(value)


# Operations: argument kinds (i int, f float, s str, b bytes, c complex) and what to ask.

OPS = {
    "add": ("ii", lambda a, b: a + b),
    "mul": ("ii", lambda a, b: a * b),
    "floordiv": ("ii", lambda a, b: a // b),
    "mod": ("ii", lambda a, b: a % b),
    "divmod": ("ii", divmod),
    "truediv": ("ii", lambda a, b: a / b),
    "pow": ("ii", lambda a, b: a**b),
    "modpow": ("iii", pow),
    "shl": ("ii", lambda a, b: a << b),
    "shr": ("ii", lambda a, b: a >> b),
    "and": ("ii", lambda a, b: a & b),
    "or": ("ii", lambda a, b: a | b),
    "xor": ("ii", lambda a, b: a ^ b),
    "invert": ("i", lambda a: ~a),
    "bit_length": ("i", lambda a: a.bit_length()),
    "bit_count": ("i", lambda a: a.bit_count()),
    "int_float": ("i", float),
    "int_cmp_float": ("if", lambda a, b: (a > b) - (a < b) if b == b else 9),
    "isqrt": ("i", math.isqrt),
    "int_round": ("ii", round),
    "gcd": ("ii", math.gcd),
    "int_hash": ("i", hash),
    "int_str": ("i", str),
    "to_bytes": ("iisi", lambda a, n, o, s: a.to_bytes(n, o, signed=bool(s))),
    "from_bytes": ("bsi", lambda b, o, s: int.from_bytes(b, o, signed=bool(s))),
    "marshal": ("i", lambda a: marshal_long(a)),
    "parse_int": ("si", int),
    "parse_float": ("s", float),
    "parse_complex": ("s", complex),
    "float_repr": ("f", repr),
    "float_hash": ("f", lambda a: hash(a) if a == a else a),
    "float_hex": ("f", lambda a: a.hex()),
    "fromhex": ("s", float.fromhex),
    "float_ratio": ("f", lambda a: a.as_integer_ratio()),
    "is_integer": ("f", lambda a: a.is_integer()),
    "ffloordiv": ("ff", lambda a, b: a // b),
    "fmod": ("ff", lambda a, b: a % b),
    "fdivmod": ("ff", divmod),
    "ftruediv": ("ff", lambda a, b: a / b),
    "fpow": ("ff", lambda a, b: float_pow(a, b)),
    "fround": ("fi", round),
    "fround_int": ("f", round),
    "ftrunc": ("f", int),
    "ffloor": ("f", math.floor),
    "fceil": ("f", math.ceil),
    "complex_repr": ("c", repr),
    "complex_hash": ("c", lambda a: hash(a) if a == a else math.nan),
    "complex_abs": ("c", abs),
    "cc+": ("cc", lambda a, b: a + b),
    "cc-": ("cc", lambda a, b: a - b),
    "cc*": ("cc", lambda a, b: a * b),
    "cc/": ("cc", lambda a, b: a / b),
    "cc**": ("cc", lambda a, b: a**b),
    "cf+": ("cf", lambda a, b: a + b),
    "cf-": ("cf", lambda a, b: a - b),
    "cf*": ("cf", lambda a, b: a * b),
    "cf/": ("cf", lambda a, b: a / b),
    "cf**": ("cf", lambda a, b: a**b),
    "fc+": ("fc", lambda a, b: a + b),
    "fc-": ("fc", lambda a, b: a - b),
    "fc*": ("fc", lambda a, b: a * b),
    "fc/": ("fc", lambda a, b: a / b),
    "fc**": ("fc", lambda a, b: a**b),
    "format_int": ("is", format),
    "format_float": ("fs", format),
    "format_complex": ("cs", format),
    "format_str": ("ss", format),
    "percent_int": ("si", lambda f, a: f % (a,)),
    "percent_float": ("sf", lambda f, a: f % (a,)),
    "percent_str": ("ss", lambda f, a: f % (a,)),
    "percent_int_key": ("si", lambda f, a: f % {"k": a}),
    "percent_bytes_int": ("bi", lambda f, a: f % (a,)),
    "percent_bytes_bytes": ("bb", lambda f, a: f % (a,)),
    "percent_star": ("siii", lambda f, a, b, c: f % (a, b, c)),
    "field": ("s", lambda f: template(f)),
    "str_format": ("s", lambda f: f.format(Probe("0"), Probe("1"), Probe("2"), a=Probe("a"), w=Probe("w"))),
}


def marshal_long(value):
    import marshal

    data = marshal.dumps(value << 40 if -(1 << 31) <= value < 1 << 31 else value)
    return data[1:]


def float_pow(a, b):
    root = a < 0 and math.isfinite(a) and math.isfinite(b) and b != math.floor(b)
    return "complex" if root else a**b


def template(text):
    """A template as str.format's own parser sees it, or the error that it raises on the way."""
    import _string

    out = []
    for literal, name, spec, conversion in _string.formatter_parser(text):
        out.append("L" + literal)
        if name is not None:
            first, rest = _string.formatter_field_name_split(name)
            out.append("F" + ascii(first))
            for is_attribute, key in rest:
                out.append(("A" if is_attribute else "I") + ascii(key))
            out.append("S" + spec)
            out.append("C" + (conversion or ""))
    return "|".join(out)


class Shown(str):
    def __format__(self, spec):
        return f"{self}|{spec}" if spec else str(self)


class Probe:
    """Says what str.format did with it."""

    def __init__(self, path):
        self.path = path

    def __getattr__(self, name):
        return Probe(f"{self.path}.{name}")

    def __getitem__(self, key):
        return Probe(f"{self.path}[{key!a}]")

    def __str__(self):
        return Shown(f"str({self.path})")

    def __repr__(self):
        return Shown(f"repr({self.path})")

    def __format__(self, spec):
        return f"<{self.path}|{spec}>"


DECODE = {"i": lambda s: int(s, 16), "f": unbits, "s": unesc, "b": bytes.fromhex, "c": lambda s: complex(*map(unbits, s.split(",")))}


def work():
    for line in sys.stdin:
        op, *args = line.rstrip("\n").split("\t")
        kinds, ask = OPS[op]
        try:
            print(show(ask(*(DECODE[k](a) for k, a in zip(kinds, args)))))
        except Exception as error:
            text = error.args[-1] if error.args else ""
            if type(error) is KeyError:
                text = ""
            print("!" + type(error).__name__ + ":" + esc(str(text)))


# Cases.


# Group, operation, its other arguments encoded, and the specs or formats that chance seldom makes.
EDGES = [
    ("format", "format_float", [bits(1.5)], "9223372036854775808f .2147483648f .2147483648g .2147483648 \u0661\u0660f .\u0663f ._f .,_ ._, .,, .,n ._n .3_,f ,.,f .,3f .,x .,s # #.3 .0 .1 9\u0663 +020% 020,% 030,.10_f 020.5_f \u2007 ,\x07 \x7f ,\x7f _\ud800 z# z0".split(" ")),
    ("format", "format_float", [bits(0.0)], ".0 .1 .1f z -z +z z.3e 010,".split()),
    ("format", "format_float", [bits(math.inf)], "010, 010 020.5_f ,f F % +010_% #".split()),
    ("format", "format_float", [bits(math.nan)], "010, -f +F 05 =10".split()),
    ("format", "format_float", [bits(1e22)], ", 030, .17 .22 .23 r n ,f _.3e".split()),
    ("format", "format_int", [hex(1 << 80)], "c e .3f , _x #_b 040,d 041, 042, 043, n % 9223372036854775808".split()),
    ("format", "format_int", ["-0x5"], "c 010c +c #c zc .3c 010, 09, 08, 07, x=+10, .,d ._x .3,d z.3d z.1f".split()),
    ("format", "format_int", ["0xd800"], "c 5c <5c ^5c =5c 05c".split()),
    ("format", "format_int", [hex(10**400)], "e % f".split()),
    ("format", "format_complex", [bits(-0.0) + "," + bits(-0.0)], " z z.1f +z .3 _ .8_f n % 05 =9 0<9 d".split(" ")),
    ("format", "format_str", [esc("abc")], "05 <05 0=5 = + - \u0020 #z z #, ,s _ d ,d _x \x7f .2147483648 .9223372036854775808 ., .3_ .0 ^9.2 10.20.30 <<<".split(" ")),
    ("percent", "percent_int", [hex(10**5000)], "%d %x".split()),
    ("percent", "percent_int", ["0x0"], "%.0d %.d %#x %#.0x %#o %+d %.2147483645x %99999999999999999999d %.99999999999999999999d %999999999999999999999*d % d|%% %c".split(" ")),
    ("percent", "percent_int", ["-0xff"], "%#010.5X %-+10d| %010.3d| %-010x| %+#x %c %s %5.2s| %r %.3r %hhd %lld %Ld %5( %5- %.-3d %(k)s".split()),
]


class Cases:
    def __init__(self, seed, scale):
        self.random = random.Random(seed)
        self.scale = scale

    def pick(self, options):
        return options[self.random.randrange(len(options))]

    def integer(self, most=300):
        kind = self.random.randrange(8)
        if kind == 0:
            value = self.random.randrange(-12, 13)
        elif kind == 1:
            value = (1 << self.random.randrange(most)) + self.random.randrange(-2, 3)
        elif kind == 2:
            value = self.random.getrandbits(64)
        elif kind == 3:
            value = 10 ** self.random.randrange(most // 4) + self.random.randrange(-1, 2)
        else:
            value = self.random.getrandbits(self.random.randrange(1, most))
        return value if self.random.random() < 0.6 else -value

    def float(self):
        kind = self.random.randrange(12)
        if kind == 0:
            return self.pick([0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 5e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 0.5, 1e16, 1e22, 1e23, 9007199254740992.0, 123456789.0, 1e-5, 1e-4])
        if kind in (1, 2):
            return self.random.randrange(-1000, 1000) / self.pick([1, 2, 4, 8, 10, 100, 1000])
        if kind == 3:
            return float(self.random.randrange(-100, 100))
        if kind in (4, 5):
            return self.random.uniform(-1, 1) * 10.0 ** self.random.randrange(-20, 21)
        if kind == 6:
            return float(self.integer(1000))
        if kind == 7:
            return (self.random.randrange(1, 10**6) + 0.5) / 10 ** self.random.randrange(8)
        return unbits("%016x" % self.random.getrandbits(64))

    def complex(self):
        return complex(self.float(), self.float()) if self.random.random() < 0.7 else complex(self.random.randrange(-5, 6), self.random.randrange(-5, 6))

    def spec(self):
        r = self.random.random
        s = ""
        if r() < 0.5:
            if r() < 0.5:
                s += self.pick(["*", "0", "x", "\u00e9", "\U0001f600", "\ud800", "<", " ", "=", "{"])
            s += self.pick("<>=^")
        if r() < 0.4:
            s += self.pick("+- ")
        if r() < 0.1:
            s += "z"
        if r() < 0.2:
            s += "#"
        if r() < 0.3:
            s += "0"
        if r() < 0.5:
            s += str(self.random.randrange(0, 40))
        if r() < 0.3:
            s += self.pick([",", "_", ",", "_", ",_", "_,"])
        if r() < 0.4:
            s += "." + self.pick(["", "0", "1", "2", "3", "5", "10", "17", "20", "2", "3"])
            if r() < 0.15:
                s += self.pick(",_")
        if r() < 0.85:
            s += self.pick("bcdeEfFgGnosxX%dfg")
        if r() < 0.03:
            s += self.pick(["d", "y", "\u00e9", " ", "\ud800", ",", "\u0663"])
        return s

    def percent(self, conversions):
        r = self.random.random
        s = self.pick(["", "", "a ", "%% ", "\u00e9", "\U0001f600"]) + "%"
        while r() < 0.4:
            s += self.pick("-+ #0")
        if r() < 0.4:
            s += str(self.random.randrange(0, 40))
        if r() < 0.4:
            s += "." + self.pick(["", "0", "1", "3", "12", "25"])
        if r() < 0.05:
            s += self.pick("hlLq")
        s += self.pick(conversions) if r() < 0.97 else self.pick(["", "z", "\u00e9", "%", "\u1234", "\ud800", "!"])
        return s + self.pick(["", "", "|", " %%", "%"] if r() < 0.1 else ["", "|"])

    def mutate(self, text, alphabet, most=2):
        for _ in range(self.random.randrange(most + 1)):
            at = self.random.randrange(len(text) + 1)
            if self.random.random() < 0.5:
                text = text[:at] + self.pick(alphabet) + text[at:]
            else:
                text = text[:at] + text[at + 1 :]
        return text

    def int_text(self):
        base = self.pick([10, 10, 10, 0, 0, 2, 8, 16, 36, 3, 7, 1, 37, -1])
        value = self.integer(self.pick([20, 300]))
        shown = self.pick([str, hex, oct, bin])(value)
        if self.random.random() < 0.1:
            shown = "".join(chr(0x660 + int(c)) if c.isdigit() else c for c in shown)
        if self.random.random() < 0.2:
            shown = " \t\u3000"[self.random.randrange(3)] + shown + self.pick(" \n\x1f")
        return self.mutate(shown, list("__0019azxXobB+- .\u0663\u00a0\ud800\x00")), base

    def float_text(self):
        value = self.float()
        shown = self.pick([repr(value), "%.*e" % (self.random.randrange(30), value), "%.*f" % (self.random.randrange(5), value)])
        if self.random.random() < 0.2:
            shown = self.pick(["inf", "-Inf", "nan", "Infinity", "+NaN", "infinit", "1e400", "-1e-400", ".5", "5.", ".", "e5", "1e", "1_000.0_1", "0x1p3"])
        if self.random.random() < 0.1:
            shown = " " + shown + self.pick(" \u2003\n")
        return self.mutate(shown, list("__05e.E+-n\u0664 \u00e9"), 1)

    def complex_text(self):
        shown = self.pick([repr(self.complex()), "%rj" % self.float(), repr(self.float()), self.pick(["j", "-j", "1+j", "1-J", "infj", "nan-infj", "(1)", "( 1j )", "()", "1e5+2e-3j", "1_0+2_0j"])])
        return self.mutate(shown, list("_05e.+-j() \u0664"), 1)

    def hex_text(self):
        value = self.float()
        shown = value.hex()
        if self.random.random() < 0.4:
            digits = "".join(self.pick("0123456789abcdefABCDEF01") for _ in range(self.random.randrange(1, 25)))
            at = self.random.randrange(len(digits) + 1)
            shown = self.pick(["", "0x", "-0X", "+"]) + digits[:at] + self.pick(["", "."]) + digits[at:] + self.pick(["", "p0", "P-3", "p+1000", "p-1070", "p-1080", "p1023", "p99999999999999999999"])
        return self.mutate(shown, list("0f.px+- "), 1)

    def template(self):
        out = ""
        for _ in range(self.random.randrange(1, 4)):
            out += self.pick(["", "a", "{{", "}}", "\u00e9"])
            out += self.pick(["{}", "{0}", "{a}", "{0.b}", "{0[1]}", "{a[x y].c}", "{!r}", "{0!s:>5}", "{:{}}", "{:{w}.{p}}", "{:{w}{a}}", "{!s:{:{}}}", "{1}", "{}", "{a!a:{0}}", "{a!\u00e9}", "{!z}", "{0!\x07}", "{:\u00e9}", "{[}]}", "{0[a:b]!r:x}", "{00012}", "{99999999999999999999}", "{0.a[99999999999999999999]}", "{-1}", "{ 0}", "{\u0663}"])
        return self.mutate(out, list("{{}}[].!:0ar "), 2)

    def all(self):
        out = {}

        def some(group, count, make):
            lines = out.setdefault(group, [])
            for _ in range(int(count * self.scale)):
                op, *args = make()
                lines.append("\t".join([op] + [hex(a) if isinstance(a, int) else a if isinstance(a, str) else show(a) for a in args]))

        i, f, c = self.integer, self.float, self.complex
        related = lambda a: a if self.random.random() < 0.1 else self.integer()
        some("int", 400, lambda: (self.pick(["add", "mul", "floordiv", "mod", "divmod", "and", "or", "xor", "gcd"]), i(), i()))
        some("int", 60, lambda: ("int_round", i(80), self.random.randrange(-27, 2)))
        some("int", 150, lambda: ("truediv", i(self.pick([60, 300, 1500])), i(self.pick([60, 300, 1500]))))
        some("int", 60, lambda: ("pow", i(60), self.random.randrange(0, 12)))
        some("int", 80, lambda: ("modpow", i(), i(100), i()))
        some("int", 80, lambda: (self.pick(["shl", "shr"]), i(), self.random.randrange(-1, 200)))
        some("int", 10, lambda: ("shr", self.random.randrange(-1, 1), 1 << self.random.randrange(200)))
        some("int", 10, lambda: ("shl", self.random.randrange(0, 2), 1 << self.random.randrange(68, 100)))
        some("int", 150, lambda: (self.pick(["invert", "bit_length", "bit_count", "int_hash", "int_str", "marshal", "isqrt"]), i()))
        some("int", 120, lambda: ("int_float", i(self.pick([60, 70, 300, 1100]))))
        some("int", 40, lambda: ("int_float", (self.random.getrandbits(54) << 1 | 1) << self.random.randrange(1, 980)))
        some("int", 100, lambda: self.int_cmp_float())
        some("int", 100, lambda: ("to_bytes", i(70), self.random.randrange(-1, 11), self.pick(["little", "big"]), self.random.randrange(2)))
        some("int", 60, lambda: ("from_bytes", bytes(self.random.getrandbits(8) for _ in range(self.random.randrange(20))).hex(), self.pick(["little", "big"]), self.random.randrange(2)))
        some("parse", 500, lambda: ("parse_int", esc((t := self.int_text())[0]), t[1]))
        some("parse", 6, lambda: ("parse_int", esc(self.mutate("1" * self.random.randrange(4295, 4306), "_x1 ", 3)), self.pick([10, 16, 3])))
        some("parse", 400, lambda: ("parse_float", esc(self.float_text())))
        some("parse", 300, lambda: ("parse_complex", esc(self.complex_text())))
        some("parse", 250, lambda: ("fromhex", esc(self.hex_text())))
        some("float", 400, lambda: ("float_repr", f()))
        some("float", 300, lambda: (self.pick(["float_hash", "float_hex", "float_ratio", "is_integer", "fround_int", "ftrunc", "ffloor", "fceil"]), f()))
        some("float", 400, lambda: (self.pick(["ffloordiv", "fmod", "fdivmod", "ftruediv", "fpow"]), f(), f()))
        some("float", 300, lambda: ("fround", f(), self.random.randrange(-25, 25)))
        some("float", 30, lambda: ("fround", f(), self.random.randrange(-330, 330)))
        some("complex", 150, lambda: (self.pick(["complex_repr", "complex_hash", "complex_abs"]), c()))
        some("complex", 500, lambda: ("cc" + self.pick(["+", "-", "*", "/", "/", "**", "**"]), c(), c()))
        some("complex", 100, lambda: ("cc**", c(), complex(self.random.randrange(-110, 110), 0)))
        some("complex", 250, lambda: ("cf" + self.pick(["+", "-", "*", "/", "**"]), c(), f()))
        some("complex", 250, lambda: ("fc" + self.pick(["+", "-", "*", "/", "**"]), f(), c()))
        some("format", 800, lambda: ("format_int", i(self.pick([20, 20, 120])), esc(self.spec())))
        some("format", 1200, lambda: ("format_float", f(), esc(self.spec())))
        some("format", 400, lambda: ("format_complex", c(), esc(self.spec())))
        some("format", 250, lambda: ("format_str", esc(self.pick(["", "abc", "h\u00e9llo w\u00f6rld", "\ud800x"])), esc(self.spec())))
        some("percent", 500, lambda: ("percent_int", esc(self.percent("dixXoucsre")), i(self.pick([20, 20, 120]))))
        some("percent", 500, lambda: ("percent_float", esc(self.percent("eEfFgGfgdxi")), f()))
        some("percent", 150, lambda: ("percent_str", esc(self.percent("srac")), esc(self.pick(["", "a", "\u00e9", "abc", "h\u00e9llo"]))))
        some("percent", 60, lambda: ("percent_int_key", esc(self.mutate(self.percent("dxs").replace("%", "%(k)"), "()%k", 1)), i(20)))
        some("percent", 100, lambda: ("percent_bytes_int", self.percent_bytes("dixXoucsb").hex(), i(20)))
        some("percent", 60, lambda: ("percent_bytes_bytes", self.percent_bytes("sbcd").hex(), self.pick([b"", b"a", b"abc\xff"]).hex()))
        some("percent", 60, lambda: ("percent_star", esc("%*.*" + self.pick("dxfs")), self.random.randrange(-20, 20), self.random.randrange(-5, 20), i(20)))
        some("field", 400, lambda: ("field", esc(self.template())))
        some("field", 600, lambda: ("str_format", esc(self.template())))
        some("percent", 40, lambda: ("percent_int_key", esc(self.pick(["%s ", "%(k)s ", "%% ", "%d", "%*d", "%z"]) + self.pick(["%(k)s", "%s", "%*d", "%", "%(k)", "%(k", "%(k)*d", "%(k).*d", "%(z)s"])), i(20)))
        for group, op, args, texts in EDGES:
            lines = out[group]
            lines += ["\t".join([op, *args, esc(text)] if op.startswith("format") else [op, esc(text), *args]) for text in texts]
        return out

    def percent_bytes(self, conversions):
        return self.percent(conversions).encode("latin-1", "replace")

    def int_cmp_float(self):
        x = self.float()
        if x - x == 0 and self.random.random() < 0.6:
            return "int_cmp_float", int(x) + self.random.randrange(-1, 2), x
        return "int_cmp_float", self.integer(), x


def main():
    out_dir, seed, scale, *pythons = sys.argv[1:]
    pythons = dict(p.split("=") for p in pythons)
    for group, lines in Cases(int(seed), float(scale)).all().items():
        lines = list(dict.fromkeys(lines))
        answers = {}
        for minor, python in pythons.items():
            done = subprocess.run([python, "-B", __file__], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
            answers[minor] = done.stdout.split("\n")[:-1]
            assert len(answers[minor]) == len(lines), (group, minor, len(lines), len(answers[minor]), done.stderr)
        with open(f"{out_dir}/{group}.txt", "w") as out:
            for at, line in enumerate(lines):
                by_answer = {}
                for minor in pythons:
                    by_answer.setdefault(answers[minor][at], []).append(minor)
                for answer, minors in by_answer.items():
                    out.write(f"{'*' if len(by_answer) == 1 else ','.join(minors)}\t{line}\t{answer}\n")


if len(sys.argv) > 1:
    main()
else:
    work()
