"""Methods in Python that instructions call, and generators that built-in functions run: each place often enough to be specialised."""


class Vector:
    def __init__(self, x, y=0):
        self.x = x
        self.y = y

    def __repr__(self):
        return f"Vector({self.x}, {self.y})"

    def __add__(self, other):
        if not isinstance(other, Vector):
            return NotImplemented
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, factor):
        if isinstance(factor, str):
            raise ValueError(f"no {factor}")
        return Vector(self.x * factor, self.y * factor)

    def __eq__(self, other):
        if not isinstance(other, Vector):
            return NotImplemented
        return self.x == other.x and self.y == other.y

    def __lt__(self, other):
        return [self.x, other.x]

    def __getitem__(self, key):
        if key == "bad":
            raise KeyError(key)
        return (self.x, self.y)[key]

    def __setitem__(self, key, value):
        self.log = key, value

    def __contains__(self, item):
        return item and (self.x, self.y).count(item)

    def __hash__(self):
        return self.x


class Derived(Vector):
    def __radd__(self, other):
        return "derived has the say", other.x


class Adder:
    def __radd__(self, other):
        return "added from the right"


class Growing:
    def __init__(self):
        self.seen = []

    def __iadd__(self, other):
        self.seen.append(other)
        return self

    def __add__(self, other):
        return "not this one"


class Lazy:
    """Its operator is a generator function."""

    def __add__(self, other):
        yield self
        yield other

    def __getitem__(self, key):
        yield key


def add(a, b):
    return a + b


def times(a, b):
    return a * b


def equal(a, b):
    return a == b


def unequal(a, b):
    return a != b


def less(a, b):
    return bool(a < b), a < b


def item(a, key):
    return a[key]


def store(a, key, value):
    a[key] = value
    return a.log


def member(a, value):
    return value in a, value not in a


def grow(a, b):
    a += b
    return a


def attempt(function, *args):
    try:
        return function(*args)
    except Exception as error:
        depth = 0
        traceback = error.__traceback__
        while traceback is not None:
            depth += 1
            traceback = traceback.tb_next
        return type(error).__name__, str(error), depth


def operators():
    v, w = Vector(1, 2), Vector(3)
    for _ in range(4):
        print(add(v, w), times(v, 3), equal(v, Vector(1, 2)), unequal(v, w), less(v, w))
        print(item(v, 1), store(v, "k", 5), member(v, 2))
    # The same places, with what they are not made for, or what the method will not do.
    for _ in range(3):
        print(attempt(add, v, Derived(5)), attempt(add, v, Adder()), attempt(add, v, 1), attempt(add, v, "text"))
        print(attempt(times, v, "text"), attempt(times, 2, 3), attempt(times, v, 2.5))
        print(equal(v, 1), equal(v, v), equal(1, 1), unequal(v, "x"), equal(v, Derived(1, 2)))
        print(attempt(less, v, 1), attempt(item, v, "bad"), attempt(item, v, 7), item("text", 2), item([4], 0))
        print(member(v, 9), member(v, 0), member([1], 1), attempt(store, [1], 0, 1))
    growing = Growing()
    for n in range(4):
        grow(growing, n)
    print(growing.seen, grow(v, w), attempt(grow, v, 1))
    for _ in range(3):
        print(list(add(Lazy(), 2))[1], list(item(Lazy(), "key")))
    print(sum([v, w, v], Vector(0)))


class Deep:
    def __init__(self, depth):
        self.depth = depth

    def __add__(self, other):
        return other if self.depth == 0 else Deep(self.depth - 1) + other

    def __eq__(self, other):
        return self == other


def depths():
    print(Deep(200) + "bottom")
    print(attempt(lambda: Deep(10**9) + 1)[:2])
    try:
        Deep(1) == Deep(2)
    except RecursionError:
        print("equality without an end")


class Changing:
    """Its method takes itself away."""

    def __add__(self, other):
        if other == 3:
            del Changing.__add__
        return other


def changing():
    for n in range(5):
        print(attempt(add, Changing(), n))


# Generators run by native code.


def count(n, log):
    try:
        for i in range(n):
            yield i
    finally:
        log.append("closed")


class Meddler:
    """Its hash takes an item from the generator that the set is made of."""

    def __init__(self, n, source):
        self.n = n
        self.source = source

    def __hash__(self):
        taken.append(next(self.source[0], None))
        return self.n

    def __eq__(self, other):
        return self is other


taken = []


def meddled(n, source):
    for i in range(n):
        yield Meddler(i, source)


class Stopping:
    def __init__(self, error):
        self.error = error

    def __bool__(self):
        raise self.error

    def __add__(self, other):
        raise self.error

    __radd__ = __add__


def driven():
    for _ in range(3):
        log = []
        g = count(10, log)
        print(any(n == 3 for n in g), next(g), all(n < 7 for n in g), next(g), sum(g), log)
    print(sum(count(5, [])), sum(n / 2 for n in range(5)), sum((Vector(n) for n in range(3)), Vector(10)))
    print(sum([n] for n in range(0)), attempt(lambda: sum([n] for n in range(2))))
    print(sum(2**62 + n for n in range(3)), sum(n if n < 2 else n * 0.5 for n in range(5)))
    print(max(n * 7 % 5 for n in range(9)), min((n for n in range(5)), key=lambda n: -n), max((n for n in ()), default="none"))
    print(tuple(n * n for n in range(6)), sorted(-n for n in range(4)), set(n % 3 for n in range(10)))
    print(dict((n, n * n) for n in range(4)), ",".join(str(n) for n in range(5)), [*(n for n in range(3))])
    source = []
    source.append(meddled(6, source))
    print(len(set(source[0])), [m and m.n for m in taken])
    log = []
    g = count(5, log)
    print(attempt(any, (Stopping(StopIteration("mine")) for _ in g)), log)
    print(attempt(sum, (Stopping(StopIteration("sum's")) for _ in count(5, log))), log)
    print(attempt(list, failing(3)), attempt(set, ([] for _ in range(2))))

    def itself():
        yield 1
        yield sum(g)

    g = itself()
    print(attempt(sum, g))

    def ended():
        yield 1
        return 5

    print(list(ended()), sum(ended()))


def failing(n):
    yield from range(n)
    raise LookupError("no more")


def loops():
    """Loop variables that are stored and loaded at once."""
    rows = ([1, 2, 3], (4, 5), range(6, 9))
    for row in rows:
        print([x * x for x in row], {x: x + 1 for x in row}, [(x, x) for x in row if x > 1])
    total = 0
    for row in rows:
        for x in row:
            x += total
            total = x
    print(total, [list(range(9))[a:b:c] for a in (None, 2, -3) for b in (None, 5) for c in (None, 2, -1)])
    print(attempt(lambda: [1, 2][::0]), [[1, 2, 3][slice(n)] for n in (1, True, 10**30)])


def closures():
    """New functions of the same code, called where the last one was."""

    def make(n):
        def inner(x, y=10):
            return x + y + n

        return inner

    for n in range(5):
        inner = make(n)
        print(inner(1, 2), inner(1), end=" ")
        if n == 3:
            inner.__code__ = (lambda x, y=0: "another").__code__ if False else inner.__code__.replace(co_name="renamed")
            inner.__defaults__ = (100,)
            print(inner(1, 2), inner(1), inner.__code__.co_name, end=" ")
    print()


operators()
depths()
changing()
driven()
loops()
closures()
