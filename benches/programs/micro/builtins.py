"""Built-in functions: len, sum, min, max, map, filter, any, all, abs, divmod, ord, int, str, sets."""


def main():
    values = [(i * 37) % 101 - 50 for i in range(200)]
    total = 0
    for i in range(3000):
        total += sum(values) + min(values) + max(values) + len(values)
        total += sum(map(abs, values)) + len(list(filter(None, values)))
        total += any(v > 49 for v in values) + all(v < 60 for v in values)
        for v in values[:60]:
            total += abs(v) + max(v, 3) + min(v, i, 5)
            q, r = divmod(v, 7)
            total += q * r + ord("a") + int("12") + len(str(v)) + round(v / 3)
        evens = {v for v in values if v % 2 == 0}
        total += len(evens | {1, 3}) + (4 in evens) + len(set(values) - evens)
    print(total)


main()
