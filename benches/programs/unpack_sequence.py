"""Sequences unpacked into names, swapped and packed: tuples, lists, starred targets."""


def tuples(rounds, items):
    total = 0
    for _ in range(rounds):
        a, b, c, d = items
        d, c = c, d
        a, b = b, a
        e, (f, g), h = a, (b, c), d
        total += e + f * 2 + g * 3 + h * 4
    return total


def lists(rounds, items):
    total = 0
    for _ in range(rounds):
        a, b, c, d, e = items
        a, b, c, d, e = e, d, c, b, a
        items[0], items[4] = items[4], items[0]
        total += a - b + c - d + e
    return total


def pairs(rounds, items):
    total = 0
    for _ in range(rounds):
        for key, (low, high) in items:
            total += low * key + high
        for i, (key, bounds) in enumerate(items):
            total -= i + key
    return total


def starred(rounds, items):
    total = 0
    for _ in range(rounds):
        first, *middle, last = items
        total += first + last + len(middle)
    return total


def main():
    print(tuples(800000, (1, 2, 3, 4)))
    print(lists(700000, [1, 2, 3, 4, 5]))
    print(pairs(40000, [(i, (i + 1, i + 2)) for i in range(10)]))
    print(starred(200000, tuple(range(8))))


main()
