"""The digits of pi by a streaming algorithm: big ints."""


def digits(count):
    q, r, t, k, n, l = 1, 0, 1, 1, 3, 3
    found = []
    while len(found) < count:
        if 4 * q + r - t < n * t:
            found.append(n)
            r, n = 10 * (r - n * t), 10 * (3 * q + r) // t - 10 * n
            q *= 10
        else:
            r, n = (2 * q + r) * l, (q * (7 * k) + 2 + r * l) // (t * l)
            q *= k
            t *= l
            l += 2
            k += 1
    return found


def main():
    found = digits(2200)
    for at in range(0, 100, 50):
        print("".join(map(str, found[at:at + 50])))
    print(sum(found), len(str(3 ** 6000)), pow(7, 12345, 10 ** 40))


main()
