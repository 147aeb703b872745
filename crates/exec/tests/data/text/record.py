"""Records what this interpreter's str, bytes and codecs answer, for tests/it/text.rs.

Usage: python3.13 record.py methods|bytes|codecs COUNT [SEED] > FILE.txt   (recorded with 40, 25 and 70)
       python3.1x record.py unicode > unicode_3.1x.txt
       PYTHONHASHSEED=n python3.13 record.py hash > hash_n.txt   (n = 0, 1, 42, 4294967295)

A line is `name|argument|...|=|result`. Values: s: a str, its code points but for safe ASCII as `\\hex;`; b: bytes in hex; i: an
int; N, T, F; l: a list, its items separated by commas; e: an error.
"""

import codecs
import random
import sys
import unicodedata

ALPHABETS = [
    "ab", "ab", "aAbB1_ ", "ab \t\n", "a\r\n\x0b\x0c\x1c\x1d\x1e\x1f\x85 b", "a'\"\\\x00\x7f~\n\r\t", "+-0123",
    "aé", "a\xa0\xad\xff", "aß\xb5ÿ\xaa", "\xb2\xbc1\xd7",
    "aā", "ā\u0101\u0201\u0102", "ΣσςaΑ'.\xad ", "ǄǅǆŉΐßﬁİıIi", "\u1680\u2000\u2028\u2029\u3000 x", "a\ud800\udc00\udc80\udfff",
    "٠१௧Ⅷ½一", "ᾳᾼᏸꭰᲀ\u0345ʰ", "\u200d\ufeff\u0378\ue000", "a€é",
    "a😀", "\U00010400\U00010428\U0001e900a", "\U000e0001\U0010ffff\U0001d7ce", "a\xe9\u20ac\U0001f600\ud83d",
]


class Source(random.Random):
    def text(self, longest=12, alphabet=None):
        # Now and then one that is longer than the blocks in which loops work.
        longest *= 25 if self.random() < 0.01 else 1
        return "".join(self.choices(alphabet or self.choice(ALPHABETS), k=self.randrange(longest + 1)))

    def mixed(self, longest=12):
        """Text of one or two alphabets."""
        text = self.text(longest)
        return text + self.text(longest) if self.random() < 0.3 else text

    def part(self, text, longest=3):
        """Something that often occurs in the text."""
        if text and self.random() < 0.8:
            start = self.randrange(len(text))
            return text[start:start + self.randrange(longest + 1)]
        return text[:0] + (self.text(longest) if isinstance(text, str) else self.data(longest))

    def data(self, longest=12):
        alphabet = self.choice([b"ab", b"ab", b"aAbB1 ", b"a\t\n\r\x0b\x0c\x1c ", b"+-01", b"a'\"\\\x00\x7f\xff\x80"])
        longest *= 25 if self.random() < 0.01 else 1
        return bytes(self.choices(alphabet, k=self.randrange(longest + 1)))

    def index(self):
        return self.choice([None, None, 0, 1, 2, 3, 5, 11, 100, sys.maxsize, -1, -2, -4, -30, -sys.maxsize - 1])


def show(value):
    if value is None:
        return "N"
    if value is True or value is False:
        return "T" if value else "F"
    if isinstance(value, int):
        return f"i:{value}"
    if isinstance(value, str):
        safe = lambda c: " " <= c <= "~" and c not in "\\|,"
        return "s:" + "".join(c if safe(c) else f"\\{ord(c):x};" for c in value)
    if isinstance(value, (bytes, bytearray)):
        return "b:" + bytes(value).hex()
    if isinstance(value, (list, tuple)):
        return "l:" + ",".join(map(show, value))
    raise TypeError(value)


def emit(name, *args, function):
    try:
        result = show(function(*args))
    except UnicodeError as e:
        result = "e:" + show((e.encoding, e.start, e.end, e.reason, str(e)))[2:]
    except (ValueError, TypeError) as e:
        result = "e:" + show(str(e))
    print("|".join([name, *map(show, args), "=", result]))


def method(name):
    return lambda self, *args: getattr(self, name)(*args)


TABLE = {ord("a"): "b", ord("b"): None, ord("A"): 0x20AC, ord("é"): "ab", ord("1"): "", 0x1F600: 97, ord(" "): ord("_")}
STR_CLASSES = ["alpha", "decimal", "digit", "numeric", "alnum", "space", "upper", "lower", "title", "identifier",
               "printable", "ascii"]
BYTES_CLASSES = ["alpha", "digit", "alnum", "space", "upper", "lower", "title"]


def both(r, make, fill, count):
    """What str and bytes have in common."""
    for _ in range(count):
        text = make()
        part, other = r.part(text), r.part(text)
        for name in ("find", "rfind", "count", "startswith", "endswith"):
            emit(name, text, part, r.index(), r.index(), function=method(name))
        emit("contains", text, part, function=lambda text, part: part in text)
        emit("replace", text, part, other, r.choice([-1, -1, 0, 1, 2]), function=method("replace"))
        for name in ("split", "rsplit"):
            emit(name, text, r.choice([None, part]), r.choice([-1, -1, 0, 1, 2]), function=method(name))
        for name in ("partition", "rpartition"):
            emit(name, text, part, function=method(name))
        emit("splitlines", text, r.random() < 0.5, function=method("splitlines"))
        for name in ("strip", "lstrip", "rstrip"):
            emit(name, text, r.choice([None, part, other]), function=method(name))
        for name in ("removeprefix", "removesuffix"):
            emit(name, text, part, function=method(name))
        emit("join", part, [make() for _ in range(r.randrange(4))], function=method("join"))
        emit("add", text, other, function=lambda a, b: a + b)
        emit("mul", part, r.choice([-1, 0, 1, 2, 7]), function=lambda a, n: a * n)
        emit("slice", text, r.index(), r.index(), r.choice([1, 1, 2, 3, -1, -2, sys.maxsize, -sys.maxsize]),
             function=lambda text, *args: text[slice(*args)])
        for name in ("center", "ljust", "rjust"):
            emit(name, text, r.randrange(-1, 20), fill(), function=method(name))
        emit("zfill", text, r.randrange(20), function=method("zfill"))
        emit("expandtabs", text, r.choice([8, 4, 1, 0, -1]), function=method("expandtabs"))
        for name in ("upper", "lower", "capitalize", "title", "swapcase"):
            emit(name, text, function=method(name))
        emit("repr", text, function=repr)
        emit("compare", text, other, function=lambda a, b: [a < b, a == b, a > b])


def methods(r, count):
    both(r, r.mixed, lambda: r.choice(r.choice(ALPHABETS)), count)
    for _ in range(count):
        text = r.mixed()
        emit("casefold", text, function=method("casefold"))
        emit("ascii", text, function=ascii)
        emit("is", text, function=lambda text: [getattr(text, "is" + name)() for name in STR_CLASSES])
        emit("translate", text, function=lambda text: text.translate(TABLE))
        emit("sigma", r.text(9, "ΣA.'\xad 1"), function=str.lower)


def bytes_methods(r, count):
    both(r, r.data, lambda: bytes([r.choice(b" *\xff")]), count)
    for _ in range(count):
        data = r.data()
        emit("bytearray", data, function=lambda data: repr(bytearray(data)))
        emit("is", data, function=lambda data: [getattr(data, "is" + name)() for name in BYTES_CLASSES])
        emit("translate", data, r.choice([None, bytes(range(255, -1, -1))]), r.data(2),
             function=lambda data, table, delete: data.translate(table, delete))
        emit("hex", data, ":", r.randrange(-4, 5), function=method("hex"))
        emit("hex", data, function=method("hex"))
        emit("fromhex", r.text(8, r.choice(["0aF", "0aF ", "1 g\n", "1é€"])), function=bytes.fromhex)


CODECS = ["utf-8", "ascii", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
HANDLERS = ["strict", "strict", "ignore", "replace", "surrogateescape", "surrogatepass", "backslashreplace",
            "xmlcharrefreplace"]


def broken(r):
    """Bytes that are nearly the encoding of something."""
    codec = r.choice(CODECS[3:])
    if r.random() < 0.5:
        leads = b"\xc0\xc1\xc2\xdf\xe0\xe1\xed\xef\xf0\xf1\xf4\xf5\xff\x80\x8f\x90\x9f\xa0\xbf\x80\xbfa"
        return r.choice(["utf-8", "utf-8", "utf-8", "ascii", "latin-1"]), bytes(r.choices(leads, k=r.randrange(9)))
    data = bytearray(r.mixed(4).encode(codec, "surrogatepass"))
    for _ in range(r.randrange(2)):
        if data:
            data[r.randrange(len(data))] = r.choice(b"\x00\x11\xd8\xdc\xff")
    return codec, bytes(data[:len(data) - r.randrange(3)])


def codec_cases(r, count):
    for _ in range(count):
        for codec in CODECS:
            emit("encode", r.mixed(), codec, r.choice(HANDLERS), function=method("encode"))
        for _ in range(6):
            codec, data = broken(r)
            emit("decode", data, codec, r.choice(HANDLERS), function=method("decode"))
            decoder = getattr(codecs, codec.replace("-", "_") + "_decode")
            if codec not in ("ascii", "latin-1"):
                emit("partial", data, codec, r.choice(HANDLERS), function=lambda d, c, h: decoder(d, h, False))


def fnv(values):
    digest = 0xCBF29CE484222325
    for value in values:
        digest = (digest ^ value) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{digest:016x}"


def unicode_digests():
    """One digest a property and plane: of the places where an answer changes, or of what is mapped elsewhere."""
    print("version|" + unicodedata.unidata_version)
    classes = {name: method("is" + name) for name in STR_CLASSES if name != "ascii"}
    classes["linebreak"] = lambda c: len(("a" + c + "a").splitlines()) > 1
    classes["continues"] = lambda c: ("a" + c).isidentifier()
    classes["cased"] = lambda c: (c + "a").title()[-1] == "a"
    classes["final"] = lambda c: (c + "Σ").lower()[-1] == "ς"
    classes["transparent"] = lambda c: ("A" + c + "Σ").lower()[-1] == "ς"
    classes["stops"] = lambda c: ("AΣ" + c).lower()[1] == "σ"
    classes["stripped"] = lambda c: not c.strip()
    classes["printed"] = lambda c: len(repr(c)) == 3
    for name, function in classes.items():
        digests = []
        for plane in range(17):
            answers = [function(chr(c)) for c in range(plane << 16, plane + 1 << 16)]
            digests.append(fnv(i for i in range(65536) if answers[i] != (i > 0 and answers[i - 1])))
        print("is " + name, *digests, sep="|")
    maps = {name: method(name) for name in ("upper", "lower", "title", "casefold", "swapcase", "capitalize")}
    maps["decimal"] = lambda c: chr(unicodedata.decimal(c)) if c.isdecimal() else c
    maps["digit"] = lambda c: chr(unicodedata.digit(c)) if c.isdigit() else c
    for name, function in maps.items():
        digests = []
        for plane in range(17):
            values = []
            for c in map(chr, range(plane << 16, plane + 1 << 16)):
                mapped = function(c)
                if mapped != c:
                    values += [ord(c), *map(ord, mapped)]
            digests.append(fnv(values))
        print("to " + name, *digests, sep="|")


def hashes(r):
    for _ in range(40):
        emit("hash", r.mixed(40), function=hash)
        emit("hash", r.data(40), function=hash)


def main(topic, count="1", seed="1"):
    r = Source(int(seed))
    if topic == "methods":
        methods(r, int(count))
    elif topic == "bytes":
        bytes_methods(r, int(count))
    elif topic == "codecs":
        codec_cases(r, int(count))
    elif topic == "hash":
        hashes(r)
    elif topic == "unicode":
        unicode_digests()


if __name__ == "__main__":
    main(*sys.argv[1:])
