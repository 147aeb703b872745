"""Pancake flips over all permutations: list slices, subscripts, small ints."""


def prepared(n):
    total = [0, 0]
    for size in range(4, n + 1):
        checksum, most = fannkuch(size)
        total[0] += checksum
        total[1] += most
    return total


def fannkuch(n):
    """Every permutation by rotation of prefixes."""
    permutation = list(range(n))
    rotations = [0] * n
    most = checksum = 0
    odd = False
    while True:
        first = permutation[0]
        flips = 0
        if first:
            work = permutation[:]
            while first:
                work[: first + 1] = work[first::-1]
                flips += 1
                first = work[0]
            if flips > most:
                most = flips
        checksum += -flips if odd else flips
        odd = not odd
        i = 1
        while i < n:
            head = permutation[0]
            for j in range(i):
                permutation[j] = permutation[j + 1]
            permutation[i] = head
            rotations[i] += 1
            if rotations[i] <= i:
                break
            rotations[i] = 0
            i += 1
        if i == n:
            return checksum, most


def main():
    print(*prepared(8), *fannkuch(9)[1:])


main()
