"""Calls of Python functions: positional, with defaults, with keywords, starred, recursive."""


def three(a, b, c):
    return a + b + c


def optional(a, b=2, c=3):
    return a - b + c


def gathered(*args):
    return args


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def main():
    total = fibonacci(26)
    args = 1, 2, 3
    for i in range(500000):
        total += three(i, 1, 2)
        total += optional(i)
        total += optional(i, c=4)
        total += three(*args)
        total += gathered(i, i)[0]
    print(total)


main()
