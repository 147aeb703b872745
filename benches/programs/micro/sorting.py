"""sort: ints, strs, tuples, with a key, reversed."""


def numbers(n, seed):
    values = []
    for _ in range(n):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        values.append(seed >> 4)
    return values


def main():
    total = 0
    values = numbers(20000, 5)
    words = [str(v) for v in values[:8000]]
    pairs = [(v % 100, v) for v in values[:8000]]
    for i in range(14):
        total += sorted(values)[i]
        total += sorted(values, key=lambda v: -v)[i]
        total += sorted(values, reverse=True)[i]
        total += len(sorted(words)[i]) + len(sorted(words, key=len)[i])
        total += sorted(pairs)[i][1]
        total += sorted(pairs, key=lambda p: p[1])[i][0]
        total += min(values) + max(pairs, key=lambda p: p[1])[0]
    print(total)


main()
