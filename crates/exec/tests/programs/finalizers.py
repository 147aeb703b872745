class Tracked:
    alive = 0

    def __init__(self, name):
        self.name = name
        Tracked.alive += 1
        print("+", name)

    def __del__(self):
        Tracked.alive -= 1
        print("-", self.name)


def scope():
    a = Tracked("local a")
    b = Tracked("local b")
    print("in scope", Tracked.alive)
    del a
    print("after del")
    return b.name


print(scope(), Tracked.alive)
x = Tracked("x1")
x = Tracked("x2")
lst = [Tracked(f"item{i}") for i in range(3)]
lst.pop(0)
del lst[:]
print("list emptied")
d = {"k": Tracked("dict value")}
d["k"] = None
Tracked("temporary")
print("---")


def gen():
    t = Tracked("in generator")
    try:
        yield 1
    finally:
        print("gen finally")


g = gen()
next(g)
g = None
print("generator gone")
try:
    t = Tracked("in try")
    raise ValueError("boom")
except ValueError as e:
    err = e
    del t
print("caught")


def raiser():
    local = Tracked("kept by traceback")
    raise KeyError("held")


try:
    raiser()
except KeyError as e:
    saved = e
print("still alive:", Tracked.alive)
saved = None
print("released:", Tracked.alive)


class Node:
    def __init__(self, n): self.n, self.other = n, None
    def __del__(self): print("node", self.n)


a, b = Node(1), Node(2)
a.other, b.other = b, a
del a, b
print("cycle dropped")
c = Node(3)
c.self = c
c.self = None
del c


class Resurrect:
    saved = []
    def __del__(self):
        print("resurrecting")
        Resurrect.saved.append(self)


r = Resurrect()
del r
print(len(Resurrect.saved))
Resurrect.saved.clear()
print("cleared")


class BadDel:
    def __del__(self):
        raise RuntimeError("in del")


print("before bad")
b = BadDel()
del b
print("after bad")


def closure():
    t = Tracked("in closure")
    return lambda: t.name


f = closure()
print(f())
f = None
print(Tracked.alive)


class Pool:
    def __init__(self): self.items = [Tracked("pooled1"), Tracked("pooled2")]
    def __del__(self): print("pool gone")


p = Pool()
p = None
for i in range(2):
    t = Tracked(f"loop{i}")
print("end of loop")
with_default = lambda t=Tracked("default"): t.name
print(with_default())
del with_default
del x, t, Node.__del__
print("end of program", Tracked.alive)
