"""Loops over ranges, enumerate, zip, while: small ints and comparisons."""


def main():
    total = 0
    for i in range(1000000):
        if i % 3 == 0:
            total += i
        elif i > 500 and i != 777:
            total -= 1
    n = 1000000
    while n > 0:
        n -= 1
        total += n & 3
        if n == 17 or n < 5:
            continue
        total ^= n
    items = list(range(300))
    for _ in range(600):
        for i, item in enumerate(items):
            total += i * item
        for a, b in zip(items, items):
            total -= a * b
    print(total)


main()
