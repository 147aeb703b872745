def counter(start=0, *, step=1):
    count = start

    def inc(by=None):
        nonlocal count
        count += step if by is None else by
        return count

    def get():
        return count

    def reset(to=start):
        nonlocal count
        count, old = to, count
        return old
    inc.get, inc.reset = get, reset
    return inc


c = counter(10, step=5)
print(c(), c(), c(by=100), c.get(), c.reset(), c.get())
print([cell.cell_contents for cell in c.__closure__], c.__code__.co_freevars, counter.__code__.co_cellvars)
fs = [lambda: i for i in range(3)]
gs = [lambda i=i: i for i in range(3)]
print([f() for f in fs], [g() for g in gs])


def outer():
    def show():
        return x
    try:
        show()
    except NameError as e:
        print(type(e).__name__, e)
    x = 1
    print(show())
    del x
    try:
        show()
    except NameError as e:
        print(e)
    try:
        print(x)
    except UnboundLocalError as e:
        print(e)


outer()
total = 0


def add(n):
    global total, fresh
    total += n
    fresh = n * 2
    return total


add(5), add(6)
print(total, fresh)


def shadow():
    print(total)
    try:
        bad()
    except UnboundLocalError as e:
        print(e)


def bad():
    total += 1


shadow()


def make_adders():
    return {f"add{n}": (lambda x, n=n: x + n) for n in range(3)}


adders = make_adders()
print({k: f(10) for k, f in adders.items()})


def compose(*fns):
    def composed(x):
        for f in reversed(fns):
            x = f(x)
        return x
    return composed


print(compose(str, lambda x: x * 2, abs)(-21), compose()(3))


def params(a, b=2, /, c=3, *args, d, e=5, **kw):
    return a, b, c, args, d, e, kw


print(params(1, d=4), params(1, 2, 3, 4, 5, d=6, f=7), params(1, **{"d": 1, "c": 2, "a": 9}))
print(params.__defaults__, params.__kwdefaults__, params.__code__.co_varnames, params.__code__.co_argcount)
for call in [lambda: params(), lambda: params(1), lambda: params(1, 2, 3, c=4, d=1), lambda: params(*[1, 2], **{"d": 1}, **{"d": 2}),
             lambda: params(d=1), lambda: counter(1, 2), lambda: counter(stepp=1), lambda: counter(1, start=2),
             lambda: params(*5), lambda: params(**5), lambda: params(**{1: 2}), lambda: compose(1, x=2), lambda: (lambda a, b, c: 0)(1),
             lambda: (lambda *, k1, k2: 0)(), lambda: (lambda a, b=1: 0)(1, 2, 3), lambda: (lambda: 0)(1)]:
    try:
        print(call())
    except TypeError as e:
        print(e)


def deco(*dargs, **dkw):
    def wrap(fn):
        def inner(*a, **k):
            print(f"-> {fn.__name__}{a}{k or ''} with {dargs}{dkw}")
            return fn(*a, **k)
        return inner
    return wrap


@deco("outer", level=1)
@deco("inner")
def target(x, y=2):
    return x * y


print(target(3), target(3, y=4))
print((lambda *a, **k: (a, k))(*range(3), *"ab", x=1, **{"y": 2}))
x = 10
y = (lambda: (z := x * 2) + z)()
print(y, [w := 5, w ** 2], w)
print([[n for n in range(k)] for k in range(4)], {(a, b) for a in "ab" for b in "a"} == {("a", "a"), ("b", "a")})


class Scope:
    x = 1
    y = [x for _ in range(2)]
    z = (lambda: x)()

    def f(self):
        return x


print(Scope.y, Scope.z, Scope().f())
print(outer.__name__, counter().__qualname__, fs[0].__qualname__, adders["add0"].__qualname__)
counter.__name__ = "renamed"
counter.__defaults__ = (7,)
print(counter().get(), counter.__name__)
