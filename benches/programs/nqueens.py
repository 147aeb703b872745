"""Queens on a chess board, by permutations from a generator: generators, sets, tuples, comprehensions."""


def permutations(items):
    pool = tuple(items)
    n = len(pool)
    indices = list(range(n))
    cycles = list(range(n, 0, -1))
    yield pool
    while n:
        for i in range(n - 1, -1, -1):
            cycles[i] -= 1
            if cycles[i] == 0:
                indices[i:] = indices[i + 1:] + indices[i:i + 1]
                cycles[i] = n - i
            else:
                j = cycles[i]
                indices[i], indices[-j] = indices[-j], indices[i]
                yield tuple([pool[k] for k in indices])
                break
        else:
            return


def queens(n):
    columns = range(n)
    for board in permutations(columns):
        if n == len(set(board[i] + i for i in columns)) == len(set(board[i] - i for i in columns)):
            yield board


def main():
    found = list(queens(9))
    print(len(found), sum(x * (i + 1) for board in found for i, x in enumerate(board)))


main()
