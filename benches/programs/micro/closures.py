"""Closures: made, called, with shared variables."""


def adder(n):
    def add(x):
        return x + n
    return add


def counter():
    count = 0

    def step():
        nonlocal count
        count += 1
        return count
    return step


def main():
    add = adder(3)
    step = counter()
    total = 0
    for i in range(900000):
        total = add(total)
        total += step()
        if i % 4 == 0:
            total -= adder(i)(1)
            total += (lambda x: x + i)(2)
    print(total)


main()
