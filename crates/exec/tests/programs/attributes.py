class Proxy:
    def __init__(self, target):
        object.__setattr__(self, "_target", target)
        object.__setattr__(self, "_log", [])

    def __getattribute__(self, name):
        if name.startswith("_"):
            return object.__getattribute__(self, name)
        self._log.append(("get", name))
        return getattr(self._target, name)

    def __setattr__(self, name, value):
        self._log.append(("set", name, value))
        setattr(self._target, name, value)

    def __delattr__(self, name):
        self._log.append(("del", name))
        delattr(self._target, name)

    def __dir__(self):
        return ["z", "a", "m"]


class Target:
    cls_attr = [1]

    def __init__(self):
        self.x = 1

    def method(self, *a, **k):
        return self.x, a, k


p = Proxy(Target())
p.y = 5
print(p.x, p.y, p.method(1, k=2))
del p.x
try:
    p.x
except AttributeError as e:
    print(e, "|", e.name, type(e.obj).__name__)
print(p._log, dir(p))
print(hasattr(p, "nope"), getattr(p, "nope", "dflt"), p.cls_attr)


class Fallback:
    present = 1

    def __getattr__(self, name):
        if name == "boom":
            raise KeyError(name)
        if name == "missing":
            raise AttributeError(f"custom message for {name}")
        return name * 2


f = Fallback()
print(f.present, f.abc, getattr(f, "q"), hasattr(f, "missing"))
try:
    hasattr(f, "boom")
except KeyError as e:
    print("KeyError", e)
try:
    f.missing
except AttributeError as e:
    print(e)


class WithProp:
    @property
    def broken(self):
        return self.undefined_thing

    @property
    def ro(self):
        return 1


w = WithProp()
for action in ["w.broken", "set ro", "del ro", "w.rp"]:
    try:
        if action == "w.broken": w.broken
        elif action == "set ro": w.ro = 1
        elif action == "del ro": del w.ro
        else: w.rp
    except AttributeError as e:
        print(action, "->", e)
print(vars(w), w.__dict__, w.__class__, w.__module__, WithProp.__doc__, WithProp.__qualname__)
w.__dict__["inserted"] = 3
print(w.inserted, vars(w))
w.__class__ = Target
print(type(w).__name__, w.cls_attr)
try:
    w.__class__ = int
except TypeError as e:
    print(e)
try:
    (5).x = 1
except AttributeError as e:
    print(e)
try:
    int.x = 1
except TypeError as e:
    print(e)
try:
    del Target.nothing
except AttributeError as e:
    print(e)
Target.extra = property(lambda self: "extra!")
print(w.extra)


class Slots:
    __slots__ = ["a", "b"]


class SubSlots(Slots):
    __slots__ = "c",

    def __init__(self):
        self.a = self.b = self.c = 0


s = SubSlots()
s.a = 10
print(s.a, s.b, s.c, [n for n in dir(s) if not n.startswith("_")])
for bad in ("d", "__dict__"):
    try:
        if bad == "d": s.d = 1
        else: s.__dict__
    except AttributeError as e:
        print(e)
try:
    class Conflict(Slots):
        __slots__ = ("a", "x")
        x = 1
except ValueError as e:
    print(e)
