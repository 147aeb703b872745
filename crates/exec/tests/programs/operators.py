class Vec:
    def __init__(self, *c):
        self.c = c

    def __repr__(self):
        return "Vec(%s)" % ", ".join(map(repr, self.c))

    def __add__(self, o):
        if isinstance(o, Vec):
            return Vec(*(a + b for a, b in zip(self.c, o.c, strict=True)))
        return NotImplemented

    def __mul__(self, k):
        return Vec(*[x * k for x in self.c]) if isinstance(k, (int, float)) else NotImplemented

    __rmul__ = __mul__

    def __matmul__(self, o):
        return sum(a * b for a, b in zip(self.c, o.c))

    def __neg__(self): return self * -1
    def __pos__(self): return Vec(*self.c)
    def __invert__(self): return Vec(*self.c[::-1])
    def __abs__(self): return (self @ self) ** 0.5
    def __bool__(self): return any(self.c)
    def __len__(self): return len(self.c)
    def __getitem__(self, i): return Vec(*self.c[i]) if isinstance(i, slice) else self.c[i]
    def __eq__(self, o): return isinstance(o, Vec) and self.c == o.c
    def __round__(self, n=None): return Vec(*(round(x, n) for x in self.c))
    def __complex__(self): return complex(*self.c[:2])
    def __index__(self): return len(self.c)
    def __truediv__(self, k): return Vec(*(x / k for x in self.c))
    def __floordiv__(self, k): return Vec(*(x // k for x in self.c))
    def __mod__(self, k): return Vec(*(x % k for x in self.c))
    def __divmod__(self, k): return self // k, self % k
    def __pow__(self, k, m=None): return f"pow {k} {m}"
    def __rpow__(self, k): return f"rpow {k}"
    def __lshift__(self, k): return Vec(*self.c[k:], *self.c[:k])
    def __rrshift__(self, k): return f"rrshift {k}"
    def __rsub__(self, k): return f"{k} - {self}"
    def __and__(self, o): return "and"
    def __ror__(self, o): return "ror"
    def __xor__(self, o): return NotImplemented


class Acc:
    def __init__(self): self.log = []
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return f"attr:{name}"


for op in "add sub mul truediv floordiv mod pow lshift rshift and or xor matmul".split():
    def method(self, other, op=op):
        self.log.append((op, other))
        return self
    setattr(Acc, f"__i{op}__", method)

v, w = Vec(1, 2, 3), Vec(4, 5, 6)
print(v + w, v * 2, 2 * v, v @ w, -v, +v, ~v, abs(v), bool(Vec(0, 0)), v[1:], v[-1])
print(v == Vec(1, 2, 3), v != w, round(Vec(1.256, 2.5), 1), complex(v), [10, 20, 30, 40][v], hex(v))
print(w / 2, w // 2, w % 4, divmod(w, 4), v ** 2, pow(v, 2, 5), 2 ** v, v << 1, 5 >> v, 10 - v, v & 1, 1 | v)
print(*v, list(reversed(v)), 2 in v, max(v), sorted(v, reverse=True), v and "truthy")
for expr in ["v ^ w", "v + 1", "1 + v", "v * v", "v - 1", "v < w", "'a' * v", "v()", "v ** w", "v @ 1", "del_", "[] + v", "v.x", "-Acc()", "v >> 2", "Vec(1) + Vec(1, 2)"]:
    try:
        match expr:
            case "v ^ w": v ^ w
            case "v + 1": v + 1
            case "1 + v": 1 + v
            case "v * v": v * v
            case "v - 1": v - 1
            case "v < w": v < w
            case "'a' * v": print('a' * v)
            case "v()": v()
            case "v ** w": print(v ** w)
            case "v @ 1": v @ 1
            case "del_": del v[0]
            case "[] + v": [] + v
            case "v.x": v.x
            case "-Acc()": -Acc()
            case "v >> 2": v >> 2
            case "Vec(1) + Vec(1, 2)": Vec(1) + Vec(1, 2)
    except Exception as e:
        print(expr, "->", type(e).__name__, e)
a = Acc()
b = a
a += 1; a -= 2; a *= 3; a /= 4; a //= 5; a %= 6; a **= 7; a <<= 8; a >>= 9; a &= 10; a |= 11; a ^= 12; a @= 13
print(a is b, a.log, a.foo)


class R(int):
    def __radd__(self, o): return f"R.radd({o})"
    def __add__(self, o): return f"R.add({o})"
    def __lt__(self, o): return "lt"
    def __gt__(self, o): return "gt"


print(1 + R(2), R(2) + 1, 1 < R(2), R(1) < R(2), R(3) * 2, type(R(3) * 2), -R(3))


class Ordered:
    def __init__(self, v): self.v = v
    def __lt__(self, o): print("lt"); return self.v < o.v
    def __gt__(self, o): print("gt"); return self.v > o.v
    def __le__(self, o): return NotImplemented


o, p = Ordered(1), Ordered(2)
print(o < p, o > p, min(o, p).v, sorted([p, o])[0].v)
try:
    o <= p
except TypeError as e:
    print(e)
print(1 < 2 < 3 > 2 != 5 == 5, 1 < 3 < 2, not 1 == 1.0, 1 if v else 0, 3 if not v else 4)
