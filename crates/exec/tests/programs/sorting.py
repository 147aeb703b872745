# list.sort: the comparisons it makes, what it leaves behind.
# What these built-in functions do here, so that the program needs no more than the containers.
def iter(x): return x.__iter__()
def next(x): return x.__next__()
def len(x): return x.__len__()
def hash(x): return x.__hash__()
def isinstance(x, t): return t in type(x).__mro__
def sorted(x, **k):
    l = list(x); l.sort(**k); return l
def t(name, f):
    try: r = f()
    except BaseException as e:
        a = e.args
        print(name, type(e).__name__, a[0] if a else '')
    else: print(name, repr(r))
# sort
import_random = 12345
def rnd(n):
    global import_random
    import_random = (import_random * 1103515245 + 12345) % 2147483648
    return (import_random >> 8) % n
count = 0
class K:
    def __init__(self, v, i): self.v=v; self.i=i
    def __lt__(self, o):
        global count, trace
        count += 1
        trace = (trace * 31 + self.i * 7 + o.i) % 1000000007
        return self.v < o.v
    def __repr__(self): return str(self.v)+':'+str(self.i)
for n in [0, 1, 2, 3, 5, 8, 20, 33, 63, 64, 65, 80, 127, 128, 200, 300, 1000]:
    for m in (2, 5, 100, 100000):
        for shape in range(4):
            count = trace = 0
            v = [rnd(m) for _ in range(n)]
            if shape == 1: v = sorted_ = sorted(v)
            if shape == 2: v = sorted(v, reverse=True)
            if shape == 3: v = sorted(v[:n//2]) + sorted(v[n//2:n*3//4], reverse=True) + sorted(v[n*3//4:])
            k = [K(x, i) for i, x in enumerate(v)]
            k.sort(reverse=(n % 3 == 0))
            h = 0
            for x in k: h = (h * 131 + x.i) % 1000000007
            print(n, m, shape, count, trace, h)
a=[3,1,2]; a.sort(key=lambda x:-x); print(a)
a=['b','A','c','é','ab','']; a.sort(); print(a); a.sort(key=len); print(a); a.sort(key=len, reverse=True); print(a)
a=[2.5,float('nan'),1,3.0,-1.5,float('inf')]; a.sort(); print(a)
a=[2.5,float('nan'),1.0,3.0,-1.5,float('inf')]; a.sort(); print(a)
a=[(2,'b'),(1,'z'),(2,'a'),(1,)]; a.sort(); print(a)
a=[True,0,2,False,10**20,-10**20]; a.sort(); print(a)
def f():
    a=[1,2,3]
    def k(x): a.append(1); return x
    a.sort(key=k)
    pass
t('mod', f)
def f():
    a=[3,2,1]
    seen=[]
    def k(x): seen.append(list(a)); return x
    a.sort(key=k)
    return a, seen
t('mod', f)
def f():
    a=[3,2,1,'x',5]
    a.sort()
    pass
t('err', f)
def f():
    a=[3,2,1]
    a.sort(key=lambda x: 1//(x-2))
    return a
t('err', f)
