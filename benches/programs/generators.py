"""A tree walked by recursive generators, and pipelines of them: resumption, yield from."""


class Tree:
    def __init__(self, left, value, right):
        self.left = left
        self.value = value
        self.right = right

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value
        if self.right:
            yield from self.right

    def walk(self):
        if self.left is not None:
            for value in self.left.walk():
                yield value
        yield self.value
        if self.right is not None:
            for value in self.right.walk():
                yield value


def tree(values):
    n = len(values)
    if n == 0:
        return None
    middle = n // 2
    return Tree(tree(values[:middle]), values[middle], tree(values[middle + 1:]))


def counted(limit):
    n = 0
    while n < limit:
        yield n
        n += 1


def odd(values):
    for value in values:
        if value & 1:
            yield value


def averages():
    total = count = 0
    average = None
    while True:
        value = yield average
        total += value
        count += 1
        average = total // count


def main():
    root = tree(range(10000))
    total = 0
    for _ in range(24):
        for value in root:
            total += value
        for value in root.walk():
            total -= value // 2
    total += sum(x * x for x in odd(counted(900000)))
    running = averages()
    next(running)
    for value in counted(300000):
        last = running.send(value)
    print(total, last)


main()
