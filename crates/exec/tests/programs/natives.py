"""What native functions, descriptors and classes say of themselves, and how they refuse arguments."""


def show(f):
    try:
        print(repr(f()))
    except Exception as e:
        print(type(e).__name__, e)


class S(bytes):
    __slots__ = ()


class Slots:
    __slots__ = ("a",)


for thing in [str.join, int.__add__, (1).__add__, len, [].append, dict.__dict__["fromkeys"], dict.fromkeys,
              object.__new__, complex.real, int.real, Slots.a, ImportError.name]:
    names = ("__name__", "__qualname__", "__objclass__", "__module__", "__text_signature__")
    print(type(thing).__name__, [getattr(thing, name, "-") for name in names])
print(type(complex.real) is type(Slots.a), len == len, [].append == [].append, (1).__add__ == (1).__add__)
for f in [
    lambda: True.__ceil__(1), lambda: S.fromhex(), lambda: "a".encode(encodin=1), lambda: "a".encode("a", encoding=1),
    lambda: "a".encode("a", "b", "c"), lambda: "a".replace("a"), lambda: "a".replace("a", "b", old=1),
    lambda: [].sort(1), lambda: [].sort(key=1, reverse=1, x=2), lambda: sum(foo=1), lambda: sum([], start=1, x=2),
    lambda: int.from_bytes(foo=1), lambda: int.from_bytes(b"", "big", 3), lambda: round(), lambda: pow(1),
    lambda: "".__mul__(), lambda: iter([]).__setstate__("a"), lambda: dict().pop([], 5), lambda: True.__pow__(2, 5),
    lambda: b"%i" % "a", lambda: pow(3, 1.5, "a"), lambda: int(bytearray(b"0x1")), lambda: dict.__dict__["fromkeys"](int),
    lambda: dict.__dict__["fromkeys"](5), lambda: Slots().a, lambda: delattr(Slots(), "a"),
    lambda: setattr(1j, "real", 2), lambda: format((), None), lambda: bytearray().extend("a"),
]:
    show(f)
for ty in [int, bool, str, list, dict, type, Slots, S, type("P", (), {}), type("Q", (list,), {})]:
    print(ty.__name__, ty.__basicsize__, ty.__itemsize__, ty.__dictoffset__, ty.__weakrefoffset__,
          bool(ty.__flags__ & 1 << 9), ty.__text_signature__)
print(type.__module__, int.__module__, "__doc__" in int.__dict__)
