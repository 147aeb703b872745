"""Attributes of instances, classes, slots and properties: loaded and stored."""


class Plain:
    limit = 5

    def __init__(self):
        self.a = 1
        self.b = 2

    @property
    def both(self):
        return self.a + self.b


class Slotted:
    __slots__ = "a", "b"

    def __init__(self):
        self.a = 1
        self.b = 2


def main():
    plain, slotted = Plain(), Slotted()
    total = 0
    for i in range(1000000):
        plain.a = i
        slotted.b = plain.a
        total += plain.b + slotted.a + slotted.b + plain.limit + Plain.limit
        plain.b += 1
        total += plain.both
    print(total)


main()
