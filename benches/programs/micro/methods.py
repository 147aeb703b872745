"""Method calls: Python methods, bound methods, class and static methods, inherited ones, of several classes in turn."""


class Base:
    def get(self):
        return 1

    def add(self, x):
        return x + self.get()

    @classmethod
    def make(cls):
        return 3

    @staticmethod
    def double(x):
        return x * 2


class Derived(Base):
    def get(self):
        return 2


def main():
    base, derived = Base(), Derived()
    bound = base.add
    shapes = [base, derived]
    total = 0
    for i in range(700000):
        total += base.get()
        total += derived.add(i)
        total += bound(1)
        total += Base.double(2) + derived.make()
        total += shapes[i & 1].get()
    print(total)


main()
