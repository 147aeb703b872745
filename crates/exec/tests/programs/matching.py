class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __repr__(self):
        return f"Point({self.x}, {self.y})"


class Circle:
    __match_args__ = ("center", "r")

    def __init__(self, center, r):
        self.center, self.r = center, r


class Color:
    RED = "red"
    GREEN = "green"


def describe(v):
    match v:
        case None | True | False:
            return f"singleton {v}"
        case 0:
            return "zero"
        case -1 | -2.5 | 3 + 4j:
            return "odd number"
        case int(n) if n > 1000:
            return f"big {n}"
        case int() | float():
            return f"number {v}"
        case Color.RED:
            return "RED!"
        case "a" | "b" as letter:
            return f"letter {letter}"
        case str(s):
            return f"str of {len(s)}"
        case b"bytes":
            return "bytes"
        case []:
            return "empty seq"
        case [x]:
            return f"one {x}"
        case [Point(x=0, y=0), *_]:
            return "starts at origin"
        case [first, *middle, last] if first == last:
            return f"bookends {first} around {middle}"
        case (a, (b, [c, *d])):
            return f"nested {a} {b} {c} {d}"
        case [_, _, *rest]:
            return f"rest {rest}"
        case {"type": "circle", "r": r, **kw}:
            return f"circle dict {r} {kw}"
        case {"type": str() as t}:
            return f"type {t}"
        case {}:
            return "some mapping"
        case Point(x, y) if x == y:
            return f"diagonal {x}"
        case Point(x=px, y=0):
            return f"on axis {px}"
        case Circle(Point(cx, cy), r) | Circle(center=(cx, cy), r=r):
            return f"circle {cx},{cy} r={r}"
        case Point():
            return "some point"
        case _:
            return f"unknown {type(v).__name__}"


for v in [None, True, 0, False, -1, -2.5, 3 + 4j, 5000, 12, 2.5, "red", "a", "hello", b"bytes", b"x", [], (), [1],
          [Point(0, 0), 3, 4], [1, 2, 3, 1], (1, (2, [3, 4, 5])), [1, 2, 3], {"type": "circle", "r": 2, "z": 3},
          {"type": "sq"}, {"q": 1}, {}, Point(2, 2), Point(7, 0), Circle(Point(1, 2), 3), Circle((4, 5), 6), Point(1, 2),
          {1}, range(3), range(1), object]:
    print(f"{v!r:.40} -> {describe(v)}" if not isinstance(v, Circle) else describe(v))


def http(status):
    match status:
        case {"code": 200 | 201, "body": {"items": [{"id": first_id}, *_]}}:
            return f"first {first_id}"
        case {"code": code} if 400 <= code < 500:
            return f"client error {code}"
    return None


print(http({"code": 201, "body": {"items": [{"id": 9}, 1]}}), http({"code": 404}), http({"code": 500}))


class Bad:
    __match_args__ = ["x"]


class Bad2:
    __match_args__ = (1,)


class Few:
    pass


for obj, pat in [(Bad(), 1), (Bad2(), 2), (Few(), 3), (Point(1, 2), 4), (5, 5)]:
    try:
        match obj:
            case Bad(1): print("no")
            case Bad2(1): print("no")
            case Few(1): print("no")
            case Point(1, 2, 3): print("no")
            case int(1, 2): print("no")
    except TypeError as e:
        print(e)
try:
    match Point(1, 2):
        case Point(1, x=1): pass
except TypeError as e:
    print(e)
try:
    match 1:
        case http(): pass
except TypeError as e:
    print(e)
match {"a": 1, "b": 2, "c": 3}:
    case {"a": 1, **rest}:
        print(rest)
match [1, [2, [3, [4]]]]:
    case [a, [b, [c, [d]]]]:
        print(a + b + c + d)
match x := (1, 2):
    case [*all]:
        print(all, x)
match 1, 2:
    case 1, y:
        print(y)
