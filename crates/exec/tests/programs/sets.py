# Sets: every way to make one shows in the order of iteration.
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
class S(set): pass
class F(frozenset): pass
class D(dict): pass
# sets
seed=1
def rnd(n):
    global seed
    seed=(seed*1103515245+12345)%2147483648
    return (seed>>8)%n
def mk(n,m,kind=0):
    if kind==0: return {rnd(m) for _ in range(n)}
    if kind==1: return {rnd(m)*64 for _ in range(n)}
    s=set()
    for _ in range(n): s.add(rnd(m)); s.discard(rnd(m))
    return s
for n in (0,1,3,8,20,60):
  for m in (5,200):
    for kind in (0,1,2):
      a=mk(n,m,kind); b=mk(rnd(2*n+1),m,kind); fb=frozenset(b); l=list(b)+[rnd(m)]
      print(n,m,kind,a,b,fb)
      print(a|b,a&b,a-b,a^b,b|a,b-a,b&a,b^a)
      print(a|fb,fb|a,a-fb,fb-a)
      print(a.union(l),a.intersection(l),a.difference(l),a.symmetric_difference(l),a.union(),a.copy(),a.intersection(),a.difference())
      print(a.union(l,b),a.intersection(l,b),a.difference(l,b), a.union(dict.fromkeys(l)), a.difference(dict.fromkeys(l)), a.intersection(dict.fromkeys(l)), a.symmetric_difference(dict.fromkeys(l)))
      print(a<b,a<=b,a==b,a>b,a.isdisjoint(b),a.issubset(l),a.issuperset(l),a.isdisjoint(l),(a&b)<=a,a>=(a-b))
      c=set(a); c|=b; print(c); c=set(a); c&=b; print(c); c=set(a); c-=b; print(c); c=set(a); c^=b; print(c)
      c=set(a); c.update(l,b); print(c); c=set(a); c.difference_update(l); print(c); c=set(a); c.symmetric_difference_update(l); print(c); c.intersection_update(l); print(c)
      c=a.copy(); o=[]
      while len(c)>n//2: o.append(c.pop())
      c.add(1); c.add(77); print(o,c, set(c), frozenset(c))
      print(hash(fb), hash(frozenset(list(b)[::-1])), len(fb))
      print(dict.fromkeys(a).keys()&b, dict.fromkeys(a).keys()-b, dict.fromkeys(a).keys()|b, dict.fromkeys(a).keys()^b, b&dict.fromkeys(a).keys(), dict.fromkeys(a).keys()&dict.fromkeys(l).keys())
t(200, lambda: type(S().copy())); t(201, lambda: type(S()|S())); t(202, lambda:type(S()-S())); t(203, lambda: type(F().copy())); t(204, lambda: type(F()|set())); t(205, lambda: type(set()|F())); t(206, lambda: type(frozenset()&set())); t(207, lambda: S([1])); t(208, lambda: F([1])); t(209, lambda: S()); t(210, lambda: F()); t(211, lambda: set()); t(212, lambda: frozenset()); t(213, lambda: frozenset([1])); t(214, lambda: {frozenset([1])}); t(215, lambda: {1} in {frozenset([1])}); t(216, lambda: {frozenset([1])}.remove({2}))
def f():
    s=set(); s|=[1]
t(220, f)
def f():
    s={frozenset([1])}; s.discard({1}); return s
t(221, f)
t(230, lambda: set(1)); t(231, lambda: set(1,2)); t(232, lambda: set(a=1)); t(233, lambda: frozenset(1,2)); t(234, lambda: S(a=1)); t(235, lambda: F(a=1)); t(236, lambda: set().pop()); t(237, lambda: set().remove([])); t(238, lambda: set().remove(1)); t(239, lambda: [] in set()); t(240, lambda: {1}<[1]); t(241, lambda: set().isdisjoint(1)); t(242, lambda: set().union(1)); t(243, lambda: {1}.issubset(1)); t(244, lambda: set()|1); t(246, lambda: {1}.add()); t(247, lambda: frozenset().add(1)); t(248, lambda: {1}.union(a=1))
