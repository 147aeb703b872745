# Lists and tuples: slices, methods, operators, messages.
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
class L(list): pass
class T(tuple): pass
# lists
a = list(range(10))
for s in (-12, -10, -3, 0, 2, 9, 12):
    for e in (-11, -4, 0, 4, None):
        for st in (None, 2, -1, -3):
            x = a[s:e:st]
            y = tuple(a)[s:e:st]
            b = a[:]
            del b[s:e:st]
            print(s, e, st, x, y, b, slice(s, e, st).indices(10), range(10)[s:e:st])
            def g():
                b = a[:]
                b[s:e:st] = [7, 8, 9]
                return b
            t('assign', g)
def f():
    a=[1,2,3]; a[0:1]=5
t('sa', f)
def f():
    a=[1,2,3]; a[::2]=5
t('sa', f)
def f():
    a=[1,2,3]; a['x']=5
t('sa', f)
def f():
    a=[1,2,3]; del a['x']
t('sa', f)
def f():
    a=[1,2,3]; a[5]=1
t('sa', f)
def f():
    a=[1,2,3]; del a[5]
t('sa', f)
def f():
    a=[1,2,3]; a+=5
t('sa', f)
def f():
    a=[1,2,3]; a[1:2]=a; a[:0]=iter('ab'); a[::-1]=a; return a
t('sa', f)
def f():
    a=[1,2,3]; a+='ab'; a*=2; a.insert(-1,'i'); a.insert(100,'e'); a.insert(-100,'s'); return a, a.pop(), a.pop(0), a.pop(-2), a
t('sa', f)
t(1, lambda:[1]*10**30); t(2, lambda:[1]*'a'); t(3, lambda: [1]*2**62); t(4, lambda: []+1); t(5, lambda: ()+1); t(6, lambda: tuple(1)); t(7, lambda: tuple(a=1)); t(8, lambda: list(a=1)); t(9, lambda: list(1,2)); t(10, lambda: tuple(1,2)); t(11, lambda:[1][10**30]); t(12, lambda: (1,).index(3)); t(13, lambda:[].remove(1)); t(14, lambda:[1,2].insert('a',1)); t(15, lambda:[].extend(1))
t(16, lambda: [].sort(1)); t(17, lambda: [1].sort(foo=1)); t(18, lambda: [1,'a'].sort()); t(19, lambda: [1,2].sort(key=1)); t(20, lambda: [].insert(1)); t(21, lambda: [].pop('a')); t(22, lambda: [].index(1,None)); t(23, lambda: [].index()); t(24, lambda: [].pop()); t(25, lambda: [1].pop(3)); t(26, lambda: [1].index(2)); t(27, lambda: [1,2,1].index(1,1)); t(28, lambda: [1,2,1].index(1,-1)); t(29, lambda: [1,2,1].index(1,1,-1)); t(30, lambda: [1,2,1].count(1)); t(31, lambda: (1,2,1).count(1)); t(32, lambda: (1,2,1).index(1,1)); t(33, lambda: [1,2]<[1,3]); t(34, lambda: [1,2]<[1]); t(35, lambda: [1,2]<(1,)); t(36, lambda: [1,2]>=[1,2]); t(37, lambda: (1,2)<=(1,2,3)); t(38, lambda: [1,'a']<[1,2]); t(39, lambda: [1,'a']<[2,2]); t(40, lambda: [float('nan')]*2); n=float('nan'); t(41, lambda: [n]==[n]); t(43, lambda: (n,)==(n,)); t(44, lambda: 3 in [1,2,3]); t(45, lambda: n in (n,)); t(46, lambda: hash((1,2,'a'*0))); t(47, lambda: hash(())); t(48, lambda: hash((1,[]))); t(49, lambda: 2*[1,2]); t(50, lambda: (1,2)*-3); t(51, lambda: list('abc')+['d']); t(52, lambda: [1,2,3].copy()); t(53, lambda: list(reversed([1,2,3]))); t(54, lambda: list(reversed((1,2,3)))); t(55, lambda: L([1,2])+[3]); t(56, lambda: type(L([1,2])+[3])); t(57, lambda: type(L([1,2])[:])); t(58, lambda: type(T([1,2])[:])); t(59, lambda: T((1,2))); t(60, lambda: L('ab')); t(61, lambda: T('ab')==('a','b')); t(62, lambda: [].append()); t(63, lambda: [].append(1,2)); t(64, lambda: list.append(1,2)); t(65, lambda: [].clear(1)); t(66, lambda: [1,2,3].reverse())
def f():
    a=[]; a.append(a); a.append((a,{1:a})); return a
t('rec', f)
def f():
    d={}; d[1]=d; d[2]=[d]; return d
t('rec', f)
def f():
    t=([],); t[0].append(t); return t
t('rec', f)
def f():
    s=slice([],1); s.start.append(s); return s
t('rec', f)
t('1t', lambda: ((1,),(),(1,2)))
