# Containers that change while they are looked at, and subclasses that lie.
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
# containers that change while an element compares
class Evil:
    def __init__(s, f): s.f=f
    def __eq__(s, o): s.f(); return False
    def __hash__(s): return 7
def f():
    a=[]; a.extend([Evil(lambda: a.clear()), 2, 3]); return (5 in a, a)
t('in', f)
def f():
    a=[]; a.extend([1, Evil(lambda: a.clear()), 2, 3]); return a.count(9), a
t('count', f)
def f():
    a=[]; a.extend([1, Evil(lambda: a.clear()), 2, 3]); return a.index(9)
t('index', f)
def f():
    a=[]; a.extend([1, Evil(lambda: a.clear()), 2, 3]); return a == [1,2,3,4], a
t('eq', f)
def f():
    a=[]; e=Evil(lambda: a.clear()); e.__class__.__eq__=lambda s,o: (s.f(), True)[1]; a.extend([1, e, 2, 3]); a.remove(9); return a
t('remove', f)
class Evil2:
    def __init__(s, f): s.f=f
    def __eq__(s, o): s.f(); return s is o
    def __hash__(s): return 7
def f():
    d={}; n=[0]
    def g():
        if n[0]<3: n[0]+=1; d[n[0]]=1; d.pop(n[0],0)
    d[Evil2(g)]=1; d[Evil2(g)]=2; return len(d), d.get(Evil2(g)), Evil2(g) in d
t('dict', f)
def f():
    d={}
    d[Evil2(lambda: d.clear())]=1; d[Evil2(lambda: d.clear())]=2; return len(d)
t('dictclear', f)
def f():
    s=set()
    s.add(Evil2(lambda: s.clear())); s.add(Evil2(lambda: s.clear())); return len(s)
t('setclear', f)
def f():
    s={1,2,3}; e=Evil2(lambda: s.clear()); s.add(e); return len(s & {1,2,Evil2(lambda: s.clear())})
t('setand', f)
class R:
    def __init__(s, f): s.f=f
    def __repr__(s): s.f(); return 'R'
def f():
    a=[]; a.extend([R(lambda: a.clear()), 2, 3]); return repr(a) if 0 else a.__repr__()
t('repr', f)
def f():
    a=[]; a.extend([R(lambda: a.append(1) if len(a)<6 else 0), 2, 3]); return a.__repr__()
t('repr', f)
def f():
    d={}; d[1]=R(lambda: d.clear()); d[2]=3; return d.__repr__()
t('repr', f)
def f():
    d={}; d[1]=R(lambda: 1//0); d[2]=3
    try: d.__repr__()
    except ZeroDivisionError: pass
    d[1]=5; return d
t('repr', f)
class Idx:
    def __init__(s, f): s.f=f
    def __index__(s): s.f(); return 1
def f():
    a=[1,2,3]; return a[Idx(a.clear)]
t('idx', f)
def f():
    a=[1,2,3]; return a[Idx(a.clear):]
t('idx', f)
def f():
    a=[1,2,3]; a[Idx(a.clear)]=3
t('idx', f)
def f():
    a=[1,2,3]; del a[Idx(a.clear):]; return a
t('idx', f)
def f():
    a=[1,2,3]; a[Idx(a.clear):2]=[5,6]; return a
t('idx', f)
def f():
    a=[1,2,3]; return a.pop(Idx(a.clear))
t('idx', f)
def f():
    a=[1,2,3]; a.insert(Idx(a.clear), 5); return a
t('idx', f)
def f():
    a=[1,2,3]; return a*Idx(a.clear)
t('idx', f)
def f():
    a=[1,2,3]
    def g():
        a.clear(); yield 1; yield 2
    a[1:2]=g(); return a
t('asg', f)
def f():
    a=[1,2,3]
    def g():
        yield 1; a.append(9); yield 2
    a.extend(g()); a += (x for x in (7,8)); return a
t('ext', f)
def f():
    a=[3,1,2]
    class C:
        def __init__(s,v): s.v=v
        def __lt__(s,o): a.append(5); return s.v<o.v
    a[:]=[C(3),C(1),C(2)]
    try: a.sort()
    except ValueError as e: return str(e.args[0]), len(a)
t('sortmod', f)
def f():
    x=[]
    for i in range(100000): x=[x]
    return x.__repr__()
def g():
    try: f()
    except RecursionError as e: return 'RecursionError'
t('deep', g)
def f():
    a=[]; a.append(a); b=[]; b.append(b)
    try: return a==b
    except RecursionError as e: return e.args
t('deepeq', f)
def f():
    x=()
    for i in range(100000): x=(x,)
    try: return x.__hash__()
    except RecursionError as e: return 'RecursionError'
    return 1
t('kw', lambda: [].append(x=1)); t('kw', lambda: {}.get(x=1)); t('kw', lambda: {1}.union(a=1)); t('kw', lambda: frozenset().union(a=1)); t('kw', lambda: {}.pop(k=1)); t('kw', lambda: (1,).index(x=1)); t('kw', lambda: range(3).index(x=1))
class L(list):
    def __getitem__(s,i): return 'L'
    def __iter__(s): return [9,9].__iter__()
    def __len__(s): return 42
t('sub', lambda: (L('ab')[0], list(L('ab')), tuple(L('ab')), L('ab')+[1], [1]+L('ab'), L('ab')==['a','b'], [*L('ab')], L('abc')[:] , len(L())))
class D(dict):
    def __getitem__(s,k): return 'D'
    def keys(s): return ['x','y']
    def __iter__(s): return ['p','q'].__iter__()
t('sub', lambda: (dict(D(a=1)), {**D(a=1)}, D(a=1), list(D(a=1)), D(a=1)|{}, {}|D(a=1), {'z':1}==D(z=1)))
class D2(dict):
    def __setitem__(s,k,v): print('set',k); dict.__setitem__(s,k,v)
t('sub', lambda: (D2(a=1), D2.fromkeys('ab')))
t('attrs', lambda: [].foo); 
def f(): [].foo=1
t('attrs', f)
t('cmp', lambda: ((1,2)==[1,2], [1]!=(1,), {}=={1}, set()==frozenset(), {1:1}=={1.0:True}, [1,[2,(3,)]]==[1,[2,(3,)]]))
t('big', lambda: [0]*(2**40)); t('big', lambda: (0,)*(2**40)); t('big', lambda: len([[]]*1000))
t('multi', lambda: [*range(3), *'ab', *{1:2}])
def f():
    a,*b=range(5); (c,d),e='ab','c'; return a,b,c,d,e
t('unp', f)
t('hash', lambda: ((1,2.5,None is None).__hash__(), ((),((),)).__hash__(), frozenset([1,2,3]).__hash__(), frozenset([frozenset(),frozenset([1])]).__hash__(), frozenset(range(1000)).__hash__(), slice(1,2,3).__hash__(), range(0,10,2).__hash__()))
