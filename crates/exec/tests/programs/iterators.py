# Ranges, slices, and the iterators of the built-in containers.
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
B=10**30
t(0, lambda: range()); t(1, lambda: range(1,2,3,4)); t(2, lambda: range(1,2,0)); t(3, lambda: range('a')); t(4, lambda: range(1.0)); t(5, lambda: range(a=1)); t(6, lambda: len(range(10**30))); t(7, lambda: range(10)[20]); t(8, lambda: range(10)['a']); t(9, lambda: range(10**30)[10**40]); t(10, lambda: range(3).index(7)); t(11, lambda: range(3).index('a'))
for r in (range(0), range(5), range(1,10,3), range(10,0,-3), range(B,B+5), range(B,B-7,-2), range(2**45,2**47,2**44), range(-2**63, 2**63, 2**61), range(0,-B,-B//3), range(True,4)):
    t('r', lambda: (r, list(r), list(reversed(r)), bool(r), hash(r)==hash(range(r.start,r.stop,r.step)), r.start, r.stop, r.step))
    t('l', lambda: len(r)); t('i', lambda: (r[0], r[-1], r[1])); t('s', lambda: (r[1:], r[::-1], r[:-1], r[::2], r[5:1:-1], r[B:], r[-B::B]))
    for x in (0,1,3,4,7,B,B+2,-1,2.0,True,'a',None,2**48): t('in', lambda: (x in r, r.count(x))); t('ix', lambda: r.index(x))
    it=iter(r); t('n', lambda: (type(it).__name__, it.__length_hint__(), next(it), it.__length_hint__()  )); 
    def f():
        i=iter(r); i.__setstate__(2); return list(i)
    t('ss', f)
t(20, lambda: range(0)==range(5,1)); t(21, lambda: range(0,3,2)==range(0,4,2)); t(22, lambda: hash(range(5))); t(23, lambda: hash(range(0))); t(24, lambda: hash(range(7,8))); t(25, lambda: range(3)<range(4)); t(26, lambda: range(3)==[0,1,2]); t(27, lambda: range(3)+range(3))
def f():
    r=range(3); r.start=5
t(28, f)
t(30, lambda: slice()); t(31, lambda: slice(1,2,3,4)); t(32, lambda: slice(a=1)); t(33, lambda: slice(1).indices(-1)); t(34, lambda: slice(1,2,0).indices(1)); t(35, lambda: slice('a').indices(1)); t(36, lambda: slice(1).indices('a')); t(37, lambda: hash(slice(1,2,3))); t(38, lambda: hash(slice([],2))); t(39, lambda: slice(1)<slice(2)); t(40, lambda: slice(1)==1); t(41, lambda: slice(B,-B,-B).indices(B*B)); t(42, lambda: (slice(5).start, slice(5).stop, slice(1,2,3).step)); t(43, lambda: slice(1,2)==slice(1,2)); t(44, lambda: slice(1,'a')<slice(1,2)); t(45, lambda: slice(None,3).__reduce__()); t(46, lambda: {slice(1,2,3):1})
t(50, lambda: zip(1)); t(51, lambda: zip([1],2)); t(52, lambda: list(zip([1],[1,2],strict=True))); t(53, lambda: list(zip([1,2],[1],strict=True)));t(54, lambda: list(zip([1,2],[1,2],[1],strict=True)));t(55, lambda: list(zip([1,2],[1,2],[1,2,3],strict=True))); t(56, lambda: zip(a=1)); t(57, lambda: map()); t(58, lambda: map(1)); t(59, lambda: map(1,2)); t(60, lambda: map(a=1)); t(61, lambda: filter(1)); t(62, lambda: filter(None,1)); t(63, lambda: filter(a=1)); t(64, lambda: enumerate()); t(65, lambda: enumerate(1)); t(66, lambda: enumerate([],'a')); t(67, lambda: enumerate([],1,2)); t(68, lambda: enumerate(foo=1)); t(69, lambda: enumerate([],foo=1)); t(70, lambda: list(enumerate(iterable=[1],start=5))); t(71, lambda: reversed()); t(72, lambda: reversed(1)); t(73, lambda: reversed({1})); t(74, lambda: reversed([],1)); t(75, lambda: reversed(a=1))
class X:
    __reversed__=None
class Y:
    def __len__(self): return 3
    def __getitem__(self,i): return i*2
class Z:
    def __getitem__(self,i): return i*2
class W:
    def __reversed__(self): return 'rev'
t(80, lambda: reversed(X())); t(81, lambda: list(reversed(Y()))); t(82, lambda: reversed(Z())); t(83, lambda: reversed(W())); t(84, lambda: reversed('abc').__length_hint__())
t(85, lambda: list(zip())); t(86, lambda: list(zip('ab','cde',range(9)))); t(87, lambda: list(map(lambda a,b:(a,b),'ab',range(5)))); t(88, lambda: list(map(lambda a:a*2,'ab'))); t(89, lambda: list(filter(None,[0,1,'',2]))); t(90, lambda: list(filter(lambda x:x>1,range(4)))); t(91, lambda: list(enumerate('ab',B))); t(92, lambda: list(enumerate('abc'))); t(93, lambda: list(enumerate('ab',2**48-1))); t(94, lambda: list(enumerate('ab',-1))); t(95, lambda: list(zip([1,2],[3,4],strict=True))); t(96, lambda: list(zip([],[1],strict=True))); t(97, lambda: list(filter(bool,[0,3])))
class E(enumerate): pass
class Mz(map):
    def __init__(self,*a,**k): self.k=k
t(100, lambda: list(E('a'))); t(101, lambda: list(Mz(str,[1],x=1)))
# iterators
for o in ([1,2,3],(1,2,3),{1:2,3:4},{1,2},range(4)):
    it=iter(o); t('hint', lambda: (type(it).__name__, it.__length_hint__(), next(it), it.__length_hint__()  ))
    t('all', lambda: (list(it), it.__length_hint__(), list(it)))
    if not isinstance(o,set):
        it=reversed(o); t('rhint', lambda: (type(it).__name__, it.__length_hint__(), next(it), it.__length_hint__()))
        t('rall', lambda: (list(it), it.__length_hint__(), list(it)))
for s in (-5,0,1,2,5):
    for o in ([1,2,3],(1,2,3),range(3)):
        it=iter(o); t('st', lambda: (it.__setstate__(s), list(it)))
        it=reversed(o); t('rst', lambda: (it.__setstate__(s), list(it)))
def f():
    a=[1,2,3]; it=iter(a); r=[next(it)]; a.append(4); r+=list(it); a.append(5); r+=list(it); return r
t('grow', f)
def f():
    a=[1,2,3]; it=reversed(a); r=[next(it)]; a.clear(); r+=list(it); a.append(5); r+=list(it); return r
t('shrink', f)
t('it', lambda: type(iter([]))()); t('nx', lambda: [].__iter__().__next__())
t('dun', lambda: ([1].__add__([2]), [1].__mul__(2), [1].__rmul__(2), [1].__contains__(1), [1].__len__(), [1,2].__getitem__(1), {1:2}.__contains__(1), {1}.__or__({2}), {1}.__ror__(1), [1].__eq__(1), [1].__lt__([2]), [].__iadd__((1,))))
t('dun2', lambda: [1].__setitem__(0)); t('dun3', lambda: {}.__delitem__(1)); t('dun4', lambda: ().__getnewargs__())
t('cls', lambda: [list.__name__, list.__mro__, list.append, [].append.__name__, dict.fromkeys.__name__, list.__len__])
t('doc', lambda: list.__hash__)
