class Stack[T]:
    """A generic stack."""

    def __init__(self, *items: T) -> None:
        self._items: list[T] = list(items)

    def push(self, item: T) -> "Stack[T]":
        self._items.append(item)
        return self

    def pop(self) -> T | None:
        return self._items.pop() if self._items else None

    def map[U](self, f: "Callable[[T], U]") -> "Stack[U]":
        return Stack(*map(f, self._items))

    def __class_getitem__(cls, item):
        print("class_getitem", item)
        return super().__class_getitem__(item)


class Pair[A, B: (int, str) = int]:
    left: A
    right: B

    def __init__(self, left: A, right: B):
        self.left, self.right = left, right

    def swap(self) -> "Pair[B, A]":
        return Pair(self.right, self.left)


type Number = int | float
type Tree[T] = T | list[Tree[T]]
type Callback[**P, R] = "Callable[P, R]"


def first[T](xs: list[T], default: T | None = None) -> T | None:
    return xs[0] if xs else default


def total(xs: list[int | float]) -> Number:
    return sum(xs)


def apply[*Ts](f, *args: *Ts) -> tuple[*Ts]:
    return f(*args)


s = Stack[int](1, 2)
print(s.push(3).pop(), s.map(str)._items, s.__orig_class__, Stack.__doc__)
print(Stack.__type_params__, Stack.__parameters__, Stack.__orig_bases__, [c.__name__ for c in Stack.__mro__])
print(Pair.__annotations__, Pair.__init__.__annotations__, Pair(1, 2).swap().left)
print(Pair[str], Pair[str, int], Pair.__type_params__[1].__constraints__, Pair.__type_params__[1].__default__)
print(Number, Number.__value__, Tree.__type_params__, Tree[int], Callback.__type_params__, type(Number).__name__)
print(first.__type_params__, first.__annotations__, total.__annotations__, apply.__annotations__)
print(first([]), first([1, 2]), total([1, 2.5]), apply(lambda *a: a, 1, "x"))


def check(value, hint):
    match hint:
        case None:
            return value is None
        case type():
            return isinstance(value, hint)
    origin = getattr(hint, "__origin__", None)
    args = getattr(hint, "__args__", ())
    if origin is list:
        return isinstance(value, list) and all(check(v, args[0]) for v in value)
    if origin is dict:
        return isinstance(value, dict) and all(check(k, args[0]) and check(v, args[1]) for k, v in value.items())
    if origin is tuple:
        if args and args[-1] is ...:
            return isinstance(value, tuple) and all(check(v, args[0]) for v in value)
        return isinstance(value, tuple) and len(value) == len(args) and all(map(check, value, args))
    if type(hint) is type(int | str):
        return any(check(value, a) for a in args)
    raise TypeError(f"unknown hint {hint!r}")


def typechecked(fn):
    hints = fn.__annotations__
    names = fn.__code__.co_varnames[:fn.__code__.co_argcount]

    def wrapper(*args, **kwargs):
        for name, value in [*zip(names, args), *kwargs.items()]:
            if name in hints and not check(value, hints[name]):
                raise TypeError(f"{fn.__qualname__}: {name}={value!r} is not {hints[name]}")
        result = fn(*args, **kwargs)
        if "return" in hints and not check(result, hints["return"]):
            raise TypeError(f"{fn.__qualname__} returned {result!r}, not {hints['return']}")
        return result
    return wrapper


@typechecked
def join(parts: list[str | int], sep: str = ",", *, table: dict[str, tuple[int, ...]] | None = None) -> str:
    if sep == "bad":
        return 5
    return sep.join(map(str, parts)) + (repr(table) if table else "")


print(join(["a", 1]), join(["x"], table={"k": (1, 2)}))
for args, kw in [((["a", None],), {}), (("notalist",), {}), ((["a"], 5), {}), ((["a"], "bad"), {}), ((["a"],), {"table": {"k": (1, "2")}})]:
    try:
        print(join(*args, **kw))
    except TypeError as e:
        print(e)
print(isinstance(3, int | str), isinstance("x", (int, str | None)), issubclass(bool, int | float), isinstance(None, int | None))
print(int | str | int, (int | None).__args__, list[int] | None, dict[str, list[int]].__args__, tuple[int, ...].__args__, type[int])
print({list[int]: 1, int | str: 2}[str | int], list[int] == list[int], list[int] != list[str], list[int]((1, 2)), dict[str, int](a=1))
for bad in [lambda: int | 3, lambda: list[int] | "x", lambda: isinstance([], list[int]), lambda: Pair[int, str, float], lambda: (int | str)(), lambda: int[str], lambda: Number[int]]:
    try:
        print(bad())
    except TypeError as e:
        print("TypeError", e)
x: int | None = None
y: "forward.ref" = 3
print(__annotations__)


class Node[K](dict[K, "Node"]):
    def __missing__(self, key: K):
        self[key] = node = type(self)()
        return node


n = Node()
n["a"]["b"]["c"]
print(n, Node.__mro__[1:], Node[str].__args__)
