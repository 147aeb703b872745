class Registry(type):
    classes = {}

    @classmethod
    def __prepare__(mcs, name, bases, **kw):
        print("prepare", name, [b.__name__ for b in bases], kw)
        return {"injected": len(name)}

    def __new__(mcs, name, bases, ns, *, tag=None, **kw):
        cls = super().__new__(mcs, name, bases, dict(ns), **kw)
        cls.tag = tag
        mcs.classes[name] = cls
        return cls

    def __init__(cls, name, bases, ns, **kw):
        super().__init__(name, bases, ns)
        print("init", cls, sorted(k for k in ns if not k.startswith("__")))

    def __call__(cls, *args, **kwargs):
        print("call", cls.__name__, args, kwargs)
        obj = super().__call__(*args, **kwargs)
        obj.created = True
        return obj

    def __iter__(cls):
        return iter(cls.classes)

    def __len__(cls):
        return len(cls.classes)

    def __getitem__(cls, name):
        return cls.classes[name]

    def __contains__(cls, name):
        return name in cls.classes

    def __instancecheck__(cls, obj):
        return getattr(obj, "fake", False) or super().__instancecheck__(obj)

    def __subclasscheck__(cls, sub):
        return sub is int or super().__subclasscheck__(sub)

    @property
    def upper(cls):
        return cls.__name__.upper()

    def __repr__(cls):
        return f"<R {cls.__qualname__}>"


class Base(metaclass=Registry, tag="base"):
    def __init__(self, x=0):
        self.x = x


class Child(Base, tag="child"):
    y = 2

    class Inner:
        pass


class Plugin:
    plugins = []

    def __init_subclass__(cls, /, name=None, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.plugin_name = name or cls.__name__.lower()
        Plugin.plugins.append(cls)


class A(Plugin, name="alpha"):
    pass


class B(A):
    pass


c = Child(x=5)
print(c.x, c.created, c.injected, Child.tag, Base.tag, Child.upper)
print(list(Child), len(Base), Base["Child"], "Nope" in Base)


class Fake:
    fake = True


print(isinstance(Fake(), Base), isinstance(3, Base), issubclass(int, Base), issubclass(str, Base), issubclass(Child, Base))
print(Plugin.plugins, [p.plugin_name for p in Plugin.plugins])
try:
    class C(Plugin, bogus=1):
        pass
except TypeError as e:
    print(e)
T = type("T", (Base,), {"z": 1, "f": lambda self: self.z})
print(T, T().f(), T.__mro__, T.__bases__, T.__name__, T.__module__)
print(type(T), type(type(T)), T.__class__, T.__dict__["z"])
for bad in [lambda: type("X", (int, str), {}), lambda: type("X", (Base, object, Base), {}), lambda: type("X", (bool,), {}),
            lambda: type("X", (object, Base), {}), lambda: type(1, (), {}), lambda: type("X", 3, {}), lambda: type("X", (3,), {}),
            lambda: type(), lambda: type("a", ())]:
    try:
        bad()
    except TypeError as e:
        print("TypeError:", e)


class M1(type): pass
class M2(type): pass
class X1(metaclass=M1): pass
class X2(metaclass=M2): pass


try:
    class X3(X1, X2): pass
except TypeError as e:
    print(e)
try:
    class X4(metaclass=lambda *a: 42): pass
    print(X4)
    class X5(Base, tag=1, other=2): pass
except TypeError as e:
    print(e)
try:
    class X6(Base, tag=1, tag2=2):
        __slots__ = ("q",)
        q = 1
except Exception as e:
    print(type(e), e)
