# Dicts, their views and mapping proxies.
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
class M(dict):
    def __missing__(self, k): return ('missing', k)
t(0, lambda: type(D().copy())); t(1, lambda: type(D()|{})); t(2, lambda: type({}|D())); t(3, lambda: D.fromkeys([1])); t(4, lambda: dict(1)); t(5, lambda: dict([1])); t(6, lambda: dict([(1,2,3)])); t(7, lambda:dict(1,2)); t(8, lambda: dict(['ab',[]]))
t(9, lambda: {}.fromkeys()); t(10, lambda: {}.pop(1)); t(11, lambda: {}.pop()); t(12, lambda: {}.popitem()); t(13, lambda: {}.update(1,2)); t(14, lambda: {}.update(1)); t(15, lambda: {}|1); t(16, lambda: {}.get()); t(17, lambda: {}.setdefault()); t(18, lambda:{}.clear(1))
t(19, lambda: M(a=1)['b']); t(20, lambda: M(a=1)['a']); t(21, lambda: M(a=1).get('b')); t(22, lambda: D(a=1)['b']); t(23, lambda: dict({'a':1}, b=2, **{'c d':3})); t(24, lambda: dict([['a',1],('b',2)])); t(25, lambda: dict(zip('ab',range(5)))); t(26, lambda: {1:2,3:4}=={3:4,1:2}); t(27, lambda: {1:2}!={1:3}); t(28, lambda: {1:2}<{}); t(29, lambda: {1:2,True:3,1.0:4}); t(30, lambda: {1:2}|{1:3,2:4}); t(31, lambda: dict.fromkeys('abc', 0)); t(32, lambda: dict.fromkeys({3,1,2})); t(33, lambda: dict.fromkeys({'x':1}))
def f():
    d={}; d|=1
t('ior', f)
def f():
    d={}; d|=[(1,2)]; return d
t('ior', f)
def f():
    d={1:2}; d.update([(3,4)],x=5); d.update({7:8}); d.update(x=9); e=d.copy(); d.clear(); return d, e, e.popitem(), e.pop(1), e.pop(99,'def'), e.setdefault(3,1), e.setdefault(33), e, list(reversed(e)), len(e), 3 in e, 4 in e
t('ops', f)
class Mp:
    def keys(self): return ['a','b']
    def __getitem__(self,k): return k*2
t('map', lambda: dict(Mp(), c=1))
for what in ('k','v','i'):
    for change in range(3):
        def f():
            d={i:i for i in range(5)}
            for x in d.keys() if what=='k' else d.values() if what=='v' else d.items():
                print(x)
                if change==0: d['new']=1
                if change==1: del d[4]
        t(what, f)
def f():
    d={i:i for i in range(5)}
    it=iter(d); next(it); print(it.__length_hint__()); d[9]=1
    try: next(it)
    except RuntimeError as e: print(e.args)
    del d[9]
    try: next(it)
    except RuntimeError as e: print(e.args)
    return it.__length_hint__()
t('sticky', f)
def f():
    s={1,2,3}
    for x in s: s.add(x+10)
t('set', f)
def f():
    d={i:i for i in range(100)}
    for i in range(0,100,3): del d[i]
    for i in range(0,100,9): d[i]=-i
    return d, list(reversed(d.items())), list(d.values())
t('del', f)
d={'a':1,'b':2,'c':3}
k=d.keys(); i=d.items(); v=d.values()
t(40, lambda: k&{'a','z'}); t(41, lambda: k|['z']); t(42, lambda: k-'ab'); t(43, lambda: k^{'a'}); t(44, lambda: {'a'}|k); t(45, lambda: {'a','q'}-k); t(46, lambda: i&[('a',1),('b',9)]); t(47, lambda: i^{'a':1,'b':5}.items()); t(48, lambda: k=={'a','b','c'}); t(49, lambda: k<={'a','b','c','d'}); t(50, lambda: k>{'a'}); t(51, lambda: k.isdisjoint('xyz')); t(52, lambda: i.isdisjoint([('a',1)])); t(53, lambda: 'a' in k); t(54, lambda: ('a',1) in i); t(55, lambda: ('a',2) in i); t(56, lambda: 1 in v); t(57, lambda: len(v)); t(58, lambda: list(reversed(v))); t(59, lambda: v==v); t(60, lambda: v==d.values()); t(61, lambda: k.mapping); t(62, lambda: k<[]); t(63, lambda: k&1); t(64, lambda: 1|k); t(66, lambda: type(k)()); t(67, lambda: [1]|k); t(68, lambda: k-1); t(69, lambda: k); t(70, lambda: i); t(71, lambda: v); t(72, lambda: i<=i); t(73, lambda: k==k)
def f():
    d={}; d['v']=d.values(); d['i']=d.items(); return d
t('viewrec', f)
t(80, lambda: {[]}); t(81, lambda: {{}:1}); t(82, lambda: {}[[]]); t(83, lambda: [] in {}); t(84, lambda: {}[(1,2)]); t(85, lambda: {1:2}['x'])
P=type(int.__dict__)
t(100, lambda: P(1)); t(101, lambda: P([1])); t(102, lambda: P()); t(103, lambda: P({1:2})); t(104, lambda: str(P({1:2})));t(105, lambda: hash(P({1:2}))); t(106, lambda: P({1:2})|{3:4}); t(107, lambda: P({1:2})==({1:2}))
m=P({1:2})
def f():
    global m
    m|={}
t(108, f)
t(109, lambda: m.get()); t(110, lambda: m.get(1,2,3)); t(111, lambda: m.copy()); t(112, lambda: list(reversed(m))); t(113, lambda: m['a']); t(114, lambda: (m[1], len(m), 1 in m, list(m), list(m.items()), m.get(5), m.get(5,6)))
class E:
    def __init__(s, v): s.v=v
    def __hash__(s): return 1
    def __eq__(s, o): return s.v==o.v
    def __repr__(s): return 'E'+str(s.v)
d={E(i%3):i for i in range(9)}
t('E', lambda: (d, d[E(2)], E(5) in d, d.pop(E(1)), d))
t('Es', lambda: ({E(i%3) for i in range(9)}))
