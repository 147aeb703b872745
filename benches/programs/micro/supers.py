"""super(): methods and __init__ along a chain of classes."""


class A:
    def __init__(self, x):
        self.x = x

    def area(self):
        return self.x


class B(A):
    def __init__(self, x):
        super().__init__(x)
        self.y = x

    def area(self):
        return super().area() + self.y


class C(B):
    def __init__(self, x):
        super().__init__(x + 1)

    def area(self):
        return super().area() * 2


def main():
    total = 0
    for i in range(350000):
        c = C(i)
        total += c.area()
        total += c.area()
    print(total)


main()
