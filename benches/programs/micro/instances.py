"""Instances: made with and without __init__, compared, in sets, with operators; isinstance."""


class Pair:
    def __init__(self, a, b):
        self.a = a
        self.b = b

    def __add__(self, other):
        return Pair(self.a + other.a, self.b + other.b)

    def __eq__(self, other):
        return isinstance(other, Pair) and self.a == other.a and self.b == other.b

    def __hash__(self):
        return self.a * 31 + self.b

    def __lt__(self, other):
        return self.a < other.a

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return self.b if index else self.a


class Bare:
    pass


def main():
    total = 0
    one = Pair(1, 1)
    seen = set()
    for i in range(250000):
        pair = Pair(i & 63, 2) + one
        if pair == one or pair < one:
            total += 1
        seen.add(pair)
        total += len(pair) + pair[0]
        bare = Bare()
        bare.x = i
        if isinstance(bare, Bare) and type(pair) is Pair:
            total += bare.x & 1
    print(total, len(seen))


main()
