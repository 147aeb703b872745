"""try/except/finally: entered without an exception, and with one."""


class Refused(Exception):
    pass


def check(n):
    if n % 8 == 0:
        raise Refused(n)
    return n


def guarded(n):
    try:
        return check(n)
    except Refused as refused:
        return -refused.args[0]
    finally:
        n += 1


def main():
    total = 0
    table = {i: i for i in range(0, 100, 2)}
    for i in range(900000):
        try:
            total += i
        except ValueError:
            total = 0
        total += guarded(i)
        if i % 4 == 0:
            try:
                total += table[i % 100 + 1]
            except KeyError:
                total += 1
    print(total)


main()
