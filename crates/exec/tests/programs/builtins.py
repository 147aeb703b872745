def show(n, f):
  try: r = f()
  except BaseException as e: print(n, type(e).__name__, e)
  else: print(n, type(r).__name__, repr(r))
class I(int): pass
class O:
  x = 1
  def __init__(self): self.y = 2
  def __len__(self): return 5
  def __iter__(self): return iter([3,1,2])
class S:
  def __getitem__(self, i):
    if i > 3: raise IndexError
    return i * 2
class NL:
  def __len__(self): return -1
class NL2:
  def __len__(self): return 'a'
class NL3:
  def __len__(self): return 2**70
class It:
  def __init__(self): self.n = 0
  def __iter__(self): return self
  def __next__(self):
    self.n += 1
    if self.n > 3: raise StopIteration('end')
    return self.n
class Bad:
  def __iter__(self): return 5
class D:
  def __dir__(self): return ['z', 'a', 'm']
class D2:
  def __dir__(self): return 5
class D3:
  def __dir__(self): return [1, 'a']
class GA:
  def __getattr__(self, n):
    if n == 'bad': raise ValueError('bad')
    raise AttributeError(n)
class H:
  def __hash__(self): return 2**100
class H2:
  def __hash__(self): return 'a'
class H3:
  __hash__ = None
class M(type):
  def __instancecheck__(c, o): return o == 5
  def __subclasscheck__(c, o): return o is int
class MM(metaclass=M): pass
class W:
  def __init__(self): self.t = []
  def write(self, s): self.t.append(s)
  def flush(self): self.t.append('FLUSH')
class Add:
  def __add__(self, o): return 'add'
  def __radd__(self, o): return 'radd'
class Cl:
  def __call__(self): return 1
class A:
  def __aiter__(self): return self
  def __anext__(self): return 'next'
class A2:
  def __aiter__(self): return 5
class SN:
  __slots__ = ('q',)
def gen():
  yield 1
  return 'val'
def pw(f):
  w = W()
  f(w)
  return w.t
def loc(a, b=2):
  c = 3
  return locals()
def loc2(a):
  def inner(): return a, locals()
  return inner()[1]
def loc3():
  r = [locals() for x in range(1)]
  return sorted(r[0])
def v3(): q = 1; return vars(), dir()
co = compile('1+2', 'f', 'eval') if 0 else (lambda: 7).__code__
def fv():
  z = 1
  return (lambda: z)
nan = float('nan')
show(0, lambda: (all([]), all([1,2]), all([1,0]), any([]), any([0,1]), any([0]), all(gen()), any(S())))
show(1, lambda: (all(1)))
show(2, lambda: (any()))
show(3, lambda: (all([1],2)))
show(4, lambda: (ascii('aé€\U0001f600'), ascii(1), ascii('\ud800')))
show(5, lambda: (callable(1), callable(len), callable(int), callable(Cl()), callable(lambda: 1), callable(O)))
show(6, lambda: (callable()))
show(7, lambda: (chr(97)))
show(8, lambda: (getattr(O(),'x'), getattr(O(),'y'), getattr(O(),'zz',9), getattr(GA(),'q',3), hasattr(GA(),'q'), hasattr(O(),'y')))
show(9, lambda: (getattr(1,'x')))
show(10, lambda: (getattr(1,'x',3,4)))
show(11, lambda: (getattr(1)))
show(12, lambda: (getattr(1,2)))
show(13, lambda: (getattr(GA(),'bad',1)))
show(14, lambda: (hasattr(GA(),'bad')))
show(15, lambda: (hasattr(1,2)))
show(16, lambda: (hasattr(1)))
show(17, lambda: (setattr(1,'x',2)))
show(18, lambda: (setattr(1,2,3)))
show(19, lambda: (setattr(O(),'x',2)))
show(20, lambda: (delattr(O(),'x')))
show(21, lambda: (delattr(O(),'y')))
show(22, lambda: (delattr(1,2)))
show(23, lambda: (delattr(O,'nope')))
show(24, lambda: (setattr(1,'real',2)))
show(25, lambda: (delattr(1,'real')))
show(26, lambda: ((lambda o: (setattr(o,'k',5), o.k, delattr(o,'k'), hasattr(o,'k')))(O())))
show(27, lambda: (dir(D()), [n for n in dir(O()) if n[0] != '_'], [n for n in dir(O) if n[0] != '_'], dir(SN())[-1]))
show(28, lambda: (dir(D2())))
show(29, lambda: (dir(D3())))
show(30, lambda: (dir(1,2)))
show(31, lambda: ('append' in dir([]), 'bit_length' in dir(5), 'mro' in dir(int), 'mro' in dir(type)))
show(32, lambda: (vars(O()), sorted(k for k in vars(O) if k[0] != '_')))
show(33, lambda: (vars(1)))
show(34, lambda: (vars(1,2)))
show(35, lambda: (v3()))
show(36, lambda: (vars(SN())))
show(37, lambda: (loc(1), loc(1,5), loc2(4), loc3()))
show(38, lambda: ('O' in globals(), globals() is globals(), type(locals())))
show(39, lambda: (globals(1)))
show(40, lambda: (locals(1)))
show(41, lambda: (hash(H()), hash('a') == hash('a'), hash(I(5)), hash((1,2)) == hash((1,2))))
show(42, lambda: (hash(H2())))
show(43, lambda: (hash(H3())))
show(44, lambda: (hash([])))
show(45, lambda: (hash()))
show(46, lambda: (id(5) == id(5), type(id('a'))))
show(47, lambda: (isinstance(5, int), isinstance(5,(str,(int,))), isinstance(True,int), isinstance(5, MM), isinstance(6, MM), issubclass(int, MM), issubclass(str, MM), issubclass(bool,(str,int))))
show(48, lambda: (isinstance(5, 5)))
show(49, lambda: (isinstance(5, (str, 5))))
show(50, lambda: (isinstance(5)))
show(51, lambda: (isinstance(5, x=2)))
show(52, lambda: (issubclass(5, int)))
show(53, lambda: (issubclass(int, 5)))
show(54, lambda: (issubclass(int)))
show(55, lambda: (type(iter([1])), 1))
show(56, lambda: (iter(1)))
show(57, lambda: (iter()))
show(58, lambda: (iter(1,2)))
show(59, lambda: (iter(1,2,3)))
show(60, lambda: (iter(Bad())))
show(61, lambda: (list(iter(S())), list(iter(O())), list(iter([3,2,1].pop, 1)), type(iter(len, 3))))
show(62, lambda: (next(iter([1])), next(iter([]),5), next(It()), list(It())))
show(63, lambda: (next(iter([]))))
show(64, lambda: (next(1)))
show(65, lambda: (next(1,2)))
show(66, lambda: (next()))
show(67, lambda: (next((lambda i: (next(i),next(i),next(i),i)[-1])(It()))))
show(68, lambda: (next((lambda g: (next(g), g)[1])(gen()))))
show(69, lambda: (next((lambda g: (next(g), g)[1])(gen()), 'dflt')))
show(70, lambda: (len([1,2]), len('abc'), len({}), len(O()), len(b'ab'), len(range(10)), len(()), len({1})))
show(71, lambda: (len(NL())))
show(72, lambda: (len(NL2())))
show(73, lambda: (len(NL3())))
show(74, lambda: (len(5)))
show(75, lambda: (len()))
show(76, lambda: (len(1,2)))
show(77, lambda: (len(a=1)))
show(78, lambda: (len(range(10**20))))
show(79, lambda: (max(1,2,3), max([1,5,2]), max('abc'), max([],default=4), max([[1],[2,3]],key=len), max(1,2,key=lambda x:-x), max([1],key=None), min(3,1,2), min({3,1}), min([2,1],default=0), max(1.0,1), max(1,True), min(nan,1), min(1,nan), max(*[1,2])))
show(80, lambda: (max()))
show(81, lambda: (max(1)))
show(82, lambda: (max([])))
show(83, lambda: (min([])))
show(84, lambda: (max(1,2,default=1)))
show(85, lambda: (max(1,2,key=3)))
show(86, lambda: (max(1,2,foo=3)))
show(87, lambda: (max(key=len)))
show(88, lambda: (min([1,'a'])))
show(89, lambda: (max([1,None])))
show(90, lambda: (max(1,2,key=None,default=None)))
show(91, lambda: (sorted([3,1,2]), sorted('bca'), sorted([3,1,2],reverse=True), sorted(['bb','a'],key=len), sorted({2:1,1:2}), sorted([1],key=None), sorted(gen()), sorted([3,1],reverse=2)))
show(92, lambda: (sorted()))
show(93, lambda: (sorted(1)))
show(94, lambda: (sorted([1],2)))
show(95, lambda: (sorted([1],key=1)))
show(96, lambda: (sorted([1],foo=1)))
show(97, lambda: (sorted([1,'a'])))
show(98, lambda: (sorted([3,1],reverse='a')))
show(99, lambda: (sum([]), sum([1,2]), sum([1,2],10), sum([1,2],start=3), sum([0.1]*10), sum([1e16,1.0,1]), sum([1e16,1,1.0]), sum([[1],[2]],[]), sum([True,2]), sum([2**48,2**48]), sum([2**62]*4), sum([1,2.5,10**30]), sum([1.5,10**400//10**390]), sum([1j,2]), sum([0.1,0.2,1j,0.3]), sum([I(1),2]), sum([1,I(2)]), sum([Add()]), sum([1.0,Add()]), sum([],''.__class__.__mro__[1].__class__.__name__ and 0.0), sum([float('inf'),1]), sum([1e308,1e308]), sum([nan]), sum([0.1,2**70]), sum([-0.0],-0.0), sum([],-0.0), sum([(1,),(2,)],())))
show(100, lambda: (sum([1e308, 10**400])))
show(101, lambda: (sum([1, 10**400, 1.5])))
show(102, lambda: (sum()))
show(103, lambda: (sum(['a'],'')))
show(104, lambda: (sum([b'a'],b'')))
show(105, lambda: (sum([bytearray(b'a')],bytearray())))
show(106, lambda: (sum(1)))
show(107, lambda: (sum([1,2],x=3)))
show(108, lambda: (sum([1,'a'])))
show(109, lambda: (sum(['a'])))
show(110, lambda: (sum([1],2,3)))
show(111, lambda: (print(1,2,sep=1)))
show(112, lambda: (print(end=b'')))
show(113, lambda: (print(x=1)))
show(114, lambda: (print(1,file=3)))
show(115, lambda: (print('a','b',sep='')))
show(116, lambda: (print()))
show(117, lambda: (print('x',end='')))
show(118, lambda: (print('é€😀')))
show(119, lambda: (print('\ud800')))
show(120, lambda: (print(1,flush=1)))
show(121, lambda: (pw(lambda w: print(1,'a',file=w))))
show(122, lambda: (pw(lambda w: print(1,'a',sep='-',end='',file=w,flush=True))))
show(123, lambda: (pw(lambda w: print(file=w))))
show(124, lambda: (pw(lambda w: print(1,sep=None,end=None,file=w))))
show(125, lambda: (eval(1)))
show(126, lambda: (exec(1)))
show(127, lambda: (exec(1, 2)))
show(128, lambda: (exec(co, 2)))
show(129, lambda: (eval(co, 2)))
show(130, lambda: (eval(co, {}, 2)))
show(131, lambda: (exec(co, {}, 2)))
show(132, lambda: (eval(co, [])))
show(133, lambda: (eval(co), exec(co), eval(co, {}), eval(co, {}, {}), eval(co, globals={}, locals=None)))
show(134, lambda: (eval(fv().__code__)))
show(135, lambda: (exec(fv().__code__)))
show(136, lambda: (exec(fv().__code__, closure=fv().__closure__)))
show(137, lambda: (exec(fv().__code__, closure=1)))
show(138, lambda: (exec(co, closure=())))
show(139, lambda: (exec(co, closure=fv().__closure__)))
show(140, lambda: (eval()))
show(141, lambda: (exec()))
show(142, lambda: (eval(co, foo=1)))
show(143, lambda: ((lambda d: (exec(co, d), list(d)))({})))
show(144, lambda: (aiter(A()).__class__.__name__, anext(A())))
show(145, lambda: (aiter(1)))
show(146, lambda: (anext(1)))
show(147, lambda: (aiter(A2())))
show(148, lambda: (aiter()))
show(149, lambda: (format(O()) [:10]))
show(150, lambda: (format([1,2])))
show(151, lambda: (format('a', '>3'), format(5), format(5, ''), format(I(5), '03')))
show(152, lambda: (format(O(), 'x')))
show(153, lambda: (abs(), 1))
show(154, lambda: (divmod(1)))
show(155, lambda: (divmod(7,2), divmod(-7,2), divmod(7.5,2)))
show(156, lambda: (input(1,2)))
show(157, lambda: (repr()))
show(158, lambda: (repr(1,2)))
show(159, lambda: (repr('a'), repr([1,'a']), repr(print), repr(len), repr(int), repr(O) ))
