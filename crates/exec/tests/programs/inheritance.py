trace = []


class Root:
    def __init__(self, **kw):
        trace.append("Root")
        if kw:
            raise TypeError(f"unexpected {kw}")

    def who(self): return ["Root"]


class A(Root):
    def __init__(self, a=1, **kw):
        trace.append("A")
        self.a = a
        super().__init__(**kw)

    def who(self): return ["A", *super().who()]


class B(Root):
    def __init__(self, b=2, **kw):
        trace.append("B")
        self.b = b
        super().__init__(**kw)

    def who(self): return ["B", *super().who()]


class Mixin:
    def who(self): return ["Mixin", *super().who()]
    def extra(self): return super().__thisclass__.__name__


class C(Mixin, A, B):
    def __init__(self, **kw):
        super().__init__(**kw)
        trace.append("C")

    def who(self):
        s = super()
        return ["C", *s.who(), *super(A, self).who()]

    @classmethod
    def make(cls, *a, **k):
        return cls(*a, **k)

    @classmethod
    def parent(cls): return super().__self_class__.__name__

    @staticmethod
    def util(x): return x * 2


class D(C):
    @classmethod
    def make(cls, *a):
        obj = super().make(**dict(a))
        obj.made = "D.make"
        return obj

    util = staticmethod(lambda x: x * 3)


c = C(a=10, b=20)
print(trace, c.a, c.b, c.who(), c.extra())
print([k.__name__ for k in C.__mro__], C.mro() == list(C.__mro__), C.__base__.__name__, [b.__name__ for b in C.__bases__])
d = D.make(("a", 5))
print(type(d).__name__, d.made, d.a, d.util(2), D.util(3), C.util(3), D.parent())
try:
    C(z=1)
except TypeError as e:
    print(e)
for bases in [(A, Root), (Root, A), (A, B, A), (C, D), (D, C)]:
    try:
        print([k.__name__ for k in type("X", bases, {}).__mro__])
    except TypeError as e:
        print(str(e).replace("\n", " / "))
print(issubclass(D, Root), issubclass(D, (int, B)), isinstance(d, Mixin), Root.__subclasses__(), A.__subclasses__())
print(super(C, d).who(), super(B, d).who())
for bad in [lambda: super(D, c).who(), lambda: super(5, d), lambda: super(), lambda: super(C, d).nothing, lambda: super(C).who]:
    try:
        print(bad())
    except (TypeError, RuntimeError, AttributeError) as e:
        print(type(e).__name__, e)
print(repr(super(C, d))[:35], repr(super(C))[:30])


class Shape:
    registry = {}
    sides = 0

    def __init_subclass__(cls, /, *, sides=None, **kw):
        super().__init_subclass__(**kw)
        if sides is not None:
            cls.sides = sides
        Shape.registry[cls.__name__] = cls

    def __new__(cls, kind=None, *args):
        if cls is Shape and kind:
            cls = Shape.registry[kind]
        return object.__new__(cls)

    def area(self): raise NotImplementedError(f"{type(self).__name__}.area")
    def __str__(self): return f"{type(self).__name__} with {self.sides} sides"
    def __lt__(self, o): return self.sides < o.sides


class Square(Shape, sides=4):
    def __init__(self, kind=None, size=1): self.size = size
    def area(self): return self.size ** 2


class Tri(Shape, sides=3): pass
class Round(Shape): pass


s = Shape("Square", 3)
print(s, s.area(), Shape("Tri"), Shape.registry.keys(), *sorted([Square(), Tri(), Round()]))
try:
    Tri().area()
except NotImplementedError as e:
    print(e)
