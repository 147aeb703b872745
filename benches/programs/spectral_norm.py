"""The largest singular value of an infinite matrix, by power iteration: float arithmetic, calls, comprehensions."""


def entry(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(vector):
    n = len(vector)
    result = []
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += entry(i, j) * vector[j]
        result.append(total)
    return result


def times_transposed(vector):
    return [sum([entry(j, i) * x for j, x in enumerate(vector)]) for i in range(len(vector))]


def main():
    n = 200
    u = [1.0] * n
    for _ in range(10):
        v = times_transposed(times(u))
        u = times_transposed(times(v))
    uv = vv = 0.0
    for a, b in zip(u, v):
        uv += a * b
        vv += b * b
    print(f"{(uv / vv) ** 0.5:.9f}")


main()
