class Countdown:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.n <= 0:
            raise StopIteration
        self.n -= 1
        return self.n + 1
    def __length_hint__(self): return self.n


class Seq:
    def __init__(self, *items): self.items = items
    def __getitem__(self, i):
        print("get", i, end=";")
        return self.items[i]


class Chain:
    def __init__(self, *its): self.its = its
    def __iter__(self):
        for it in self.its:
            yield from it


def take(n, it):
    return [x for _, x in zip(range(n), it)]


def count(start=0, step=1):
    while True:
        yield start
        start += step


def cycle(it):
    saved = list(it)
    while saved:
        yield from saved


def groupby(it, key):
    groups = {}
    for x in it:
        groups.setdefault(key(x), []).append(x)
    yield from groups.items()


def pairwise(it):
    it = iter(it)
    prev = next(it, None)
    for x in it:
        yield prev, x
        prev = x


print(list(Countdown(3)), [*Countdown(2)], max(Countdown(4)), sum(Countdown(5)), 3 in Countdown(5), tuple(map(str, Countdown(2))))
a, *b, c = Countdown(5)
print(a, b, c)
print(list(Seq(1, 2, 3)), 2 in Seq(1, 2, 3))
print(list(reversed([1, 2, 3])), list(zip("abc", count())), dict(enumerate("xy", start=5)))
print(take(5, cycle("ab")), take(3, count(10, -3)), list(Chain([1], (2, 3), {4: 5}, "x")))
print(list(groupby(range(10), lambda x: x % 3)), list(pairwise("abcd")))
it = iter([1, 2, 3])
print(next(it), next(it), next(it), next(it, "end"))
try:
    next(it)
except StopIteration as e:
    print("stop", e.args)
for bad in [lambda: iter(5), lambda: next([]), lambda: list(5), lambda: [*None], lambda: (lambda a, b: 0)(*3), lambda: dict([1]), lambda: dict([(1, 2, 3)]),
            lambda: zip(1), lambda: enumerate(2), lambda: map(1), lambda: list(map(1, [1])), lambda: sorted([1, "a"]), lambda: max([]), lambda: min(1), lambda: sum(["a"]),
            lambda: {}[[]], lambda: {[]}, lambda: reversed({1}), lambda: list(zip([1], [1, 2], strict=True)), lambda: iter(int, 0, 1)]:
    try:
        print(bad())
    except Exception as e:
        print(type(e).__name__, e)
for code in ["a, b = 1", "a, b = [1]", "a, b = 1, 2, 3", "a, *b, c = [1]", "[a, b] = {}", "a, b = None", "(a, b), c = 1, 2"]:
    try:
        match code[0:6]:
            case "a, b =" if code.endswith("= 1"): a, b = 1
            case "a, b =" if code.endswith("[1]"): a, b = [1]
            case "a, b =" if code.endswith("3"): a, b = 1, 2, 3
            case "a, *b,": a, *b, c = [1]
            case "[a, b]": [a, b] = {}
            case "a, b =": a, b = None
            case _: (a, b), c = 1, 2
    except (TypeError, ValueError) as e:
        print(code, "->", e)
print(list(iter(lambda c=iter("stop here"): next(c), " ")))
print([x for x in range(20) if x % 2 if x % 3], [(x, y) for x in range(3) for y in range(x, 3) if x != y])
print({k: v for k, v in zip("abc", range(3))}, {x % 3 for x in range(10)}, sum(x * x for x in range(10)))
matrix = [[1, 2, 3], [4, 5, 6]]
print([list(r) for r in zip(*matrix)], [x for row in matrix for x in row], *map(lambda *a: sum(a), *matrix))
print(any(x > 3 for x in range(5)), all([]), all(x for x in [1, 0]), [*range(3), *"ab"], {**{"a": 1}, "b": 2, **{"a": 3}})
d = {"a": 1, "b": 2}
try:
    for k in d:
        d[k + "x"] = 0
except RuntimeError as e:
    print(e)
try:
    for x in (s := {1, 2}):
        s.add(x + 10)
except RuntimeError as e:
    print(e)
l = [1, 2, 3]
for x in l:
    if x < 3:
        l.append(x + 10)
print(l)
r = range(10, 0, -3)
print(list(r), len(r), r[1], r[-1], r[1:], 4 in r, r.index(4), r == range(10, -1, -3), hash(r) == hash(range(10, -1, -3)), range(0))
for i, (x, (y, z)) in enumerate([(1, (2, 3)), (4, (5, 6))]):
    print(i, x, y, z, end=" / ")
else:
    print("done")
i = 10
while i:
    i -= 3
    if i < 0:
        break
else:
    print("zero")
print(i)


class Broken:
    def __iter__(self): return 5


class Broken2:
    def __iter__(self): raise ValueError("no iter")
    def __len__(self): return -1


for b in (Broken, Broken2):
    try:
        list(b())
    except Exception as e:
        print(type(e).__name__, e)
try:
    len(Broken2())
except ValueError as e:
    print(e)
