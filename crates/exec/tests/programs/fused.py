"""Instructions fused with their operands: the same results when types change, jumps lead into the middle, and guesses fail."""


def arithmetic(a, b):
    c = a + b
    d = a - 1
    e = a * b - 2 * c
    f = (a + 3) * (b - 4)
    a += b
    a -= 1
    a *= 2
    return a, c, d, e, f


def divided(a, b):
    return a // b, a % b, a / b, a ** 2, a & 7, a | 8, a ^ 5, a << 3, a >> 2


def floats(x, y):
    z = x * y
    w = x / 2.0 - y
    z += x
    return z, w, x ** 2, x ** 0.5, x * 3, 2 - y


def compared(a, b):
    found = []
    if a < b:
        found.append("<")
    if a <= 5:
        found.append("<=5")
    if a == b:
        found.append("==")
    if a != 3:
        found.append("!=3")
    while a > b:
        found.append(">")
        break
    if not a >= b:
        found.append("not >=")
    return found


def items(sequence, i):
    return sequence[i], sequence[0], sequence[-1], sequence[i - 1]


class A:
    kind = "a"

    def __init__(self, x):
        self.x = x
        self.y = None

    def __repr__(self):
        return type(self).__name__

    def get(self):
        return self.x

    def set(self, x):
        self.x = x
        self.y = x


class B(A):
    def __init__(self, x):
        self.z = 0
        super().__init__(x)


class C(A):
    @property
    def x(self):
        return "property"

    @x.setter
    def x(self, value):
        self.stored = value


class D(A):
    def __getattr__(self, name):
        return name

    def get(self):
        return "own"


class S:
    __slots__ = "x", "y"
    get = A.get
    set = A.set

    def __init__(self, x):
        self.x = x


def attributes(thing, value):
    thing.set(value)
    before = thing.get()
    thing.x = before
    return before, thing.x, thing.y


def jump_into_the_middle(n, flag):
    # The right operand of + comes from two places.
    total = 0
    for i in range(n):
        total = total + (i if flag else n)
        total = (total if i % 2 else -total) + i
    return total


def nothing(x):
    if x is None:
        return "none"
    if x:
        return x
    while x is not None:
        x = None
    return "falsy"


def built(pieces):
    text = ""
    kept = []
    for piece in pieces:
        text += piece
        if len(text) % 3 == 0:
            kept.append(text)
    return text, kept


def built_two(n):
    a = b = "xy"
    for i in range(n):
        a += "z"
        b = b + a
    return a, b


class Loud:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return self.name

    def __del__(self):
        print("gone:", self.name)


def finalizers():
    holder = A(Loud("first"))
    for i in range(4):
        holder.x = Loud(f"stored {i}")
    items = [Loud("item")]
    items[0] = None
    loud = Loud("local")
    loud = 1 + 2
    for loud in [Loud("loop 1"), Loud("loop 2")]:
        pass
    return loud


def defaults(a, b=2, *, c=3):
    return a, b, c


def more_defaults(a, b=[], c="c"):
    b.append(a)
    return len(b), c


def sorted_keys(values):
    return sorted(values, key=lambda v: (v[1], -v[0])), sorted(values), sorted(values, reverse=True)


def overflow(n):
    total = 1
    for i in range(n):
        total = total * 3 + i
        total = total - 1
    return total


def main():
    for _ in range(3):
        for a, b in [(1, 2), (7, -3), (1.5, 2), (2, 0.25), (True, 3), (1 << 47, 1 << 47), (-(1 << 48), 5)]:
            print(arithmetic(a, b))
        for a, b in [(7, 3), (-7, 3), (7, -3), (1 << 40, 7), (5, 1 << 20), (1 << 60, 3), (True, 2)]:
            print(divided(a, b))
        for x, y in [(1.5, 2.0), (2.0, 4), (3, 0.5), (float("inf"), 1.0), (0.0, -0.0), (1e100, 1e100)]:
            print(floats(x, y))
        for a, b in [(1, 2), (3, 3), (9, 4), (1.0, 2), (float("nan"), 1), (2, 2.5)]:
            print(compared(a, b))
        for sequence, i in [([1, 2, 3], 1), ((4, 5, 6), 2), ("abc", 0), ([1], 0), (range(5), 3), ({0: 1, -1: 2, 1: 3}, 1)]:
            print(items(sequence, i))
        for thing in [A(1), B(2), C(3), D(4), S(5), A(6), S(7), D(8)]:
            print(attributes(thing, "v"), attributes(thing, 2))
        print(jump_into_the_middle(9, True), jump_into_the_middle(9, False))
        print([nothing(x) for x in (None, 0, 1, "", "x", [], [0], 0.0, 2.5, (), {}, A(0))])
        print(built(["a", "bc", "\xe9", "", "def", "\u20ac", "gh"] * 2), built_two(6))
        print(finalizers())
        print(defaults(1), defaults(1, 5), defaults(1, c=0), more_defaults(1), more_defaults(2, [], "d"))
        print(sorted_keys([(3, "b"), (1, "a"), (2, "b"), (2, "a")]))
        print(sorted([(1, 2.5), (1, 2), (0.5, 9), (1,)]), sorted([(2, "x"), (1, None)]))
        print(overflow(8), overflow(60), overflow(40) == overflow(40))
    for wrong in [
        lambda: divided(1, 0), lambda: divided(1.5, 2), lambda: floats(0.0, "x"), lambda: items([1], 4),
        lambda: items((), 0), lambda: compared("a", 1), lambda: defaults(), lambda: more_defaults(),
        lambda: floats(-1.5, 2.0)[3], lambda: arithmetic("a", 1), lambda: sorted([(1, "a"), (1, 2)]), lambda: 1 << -1,
    ]:
        try:
            print(wrong())
        except Exception as error:
            print(type(error).__name__, error)


main()
