"""Programs that fail, for record.py: a name and a source each.

A first line `# limit: N` sets `sys.tracebacklimit` while the exception is shown.
"""

OPERANDS = ["x", "(x)", "( x )", "f(1)", "y.real", "'é中'", "[x, y][0]", "-y", "g()[0](1)", "f'{x}é'"]
OPERATORS = ["+", "-", "*", "/", "//", "%", "@", "**", "<<", ">>", "&", "|", "^"]

PRELUDE = "x = None; y = 1\ndef f(*a, **k): return x\ndef g(): return [f]\n"


def operations():
    for index, left in enumerate(OPERANDS):
        for turn in range(2):
            op = OPERATORS[(2 * index + turn) % len(OPERATORS)]
            right = OPERANDS[(index + 3 * turn + 1) % len(OPERANDS)]
            space = ["", " ", "  "][(index + turn) % 3]
            yield f"operation {index}.{turn}", f"{PRELUDE}z = {left}{space}{op}{' ' * turn}{right}\n"


EXPRESSIONS = """
x[0]
x [ 0 ]
(x)[0]
(x)[(0)]
y.a.b
y.real[0]
y.real[0][1]
x[0:1, ...]
x[(1, 2)]
x[[1][0]]
{}['k']
{'a': {}}['a']['b']
'[' [y:y][9]
x()
x ( )
x(1, 2)
(x)(1)
f()()
f(1)(2)(3)
g()[0](1)(2)
g()[0](1)[2]
y.real(1, k=2)
len(1, *[2], **{'k': 3})
f(x(1))
f(*x)
f(**x)
-x
~ x
not_defined
-x + 1
y + x < 3
x < 1
y < x < 3
1 in x
x is None and x[0]
x or x()
not x()
x() if y else 0
(lambda: x + 1)()
(lambda a, /, b=1, *c, d=2, **e: a + x)(1)
[x + i for i in range(3)]
{i: x[i] for i in range(3)}
{x(i) for i in range(3)}
list(x + i for i in range(3))
sum([1, x, 2])
f'{x + 1}'
f'{x[0]!r:>10}'
f"{'a'}{x()}"
f'''{
x.a}'''
'%s %d' % (1, x)
'%d' % x
'a' 'b' % 1
'(' + ')' + x
'#' + x  # a comment + another
"é" + x
"中文" + x
x["中文"]
変数
(n := x + 1)
(n := x)()
print(x.a)
print('é', x[1], '中')
int('a')
int("é中" * 2)
open('/nonexistent/é')
[][0]
(1, 2)[3]
'abc'.foo
x.a.b()
y.real.imag.c.d
y.bit_length()()
max((), (), key=x)
x @ y
x ** y ** 2
2 ** x
x << 1 | 2
y << (x)
(y)<<(x)
(y + (x)) * 2
((y)) + ((x))
y+-x
y - -x
y if x else x + y
await_ + 1
(yield_)
x . a
x\\
  .a
x + \\
  1
(x +
  1)
(y
  + x)
(y
  +  # comment + [
  x
)
f(1,
  x[0],
  3)
f(
    1,
    x(
        2,
        3,
    ),
)
x(
    1,
    2,
    3,
    4,
    5,
)
x[
    1
]
(x
    [1])
(x
 (
   1
 ))
(y
 .real
 .imag
 .foo)
(y.real
 .conjugate()
 .foo(1)
 .bar)
g()[
    0
](1)[
    2
]
[
    1,
    x + 1,
    3,
]
{
    'a': 1,
    **x,
}
'''a
b''' + x
x + '''a
b'''
'''a
b
c
d
e''' + x + '''f
g'''
f'''a
b {x + 1}
c'''
"""

STATEMENTS = """
x += 1
x[0] = 1
x[0] += 1
x.a = 1
y.real = 1
del x[0]
del x.a
del nothing
a, b = x
a, b = 1,
a, *b = x
for i in x: pass
for i, j in [1]: pass
with x: pass
with x as z, open('a') as w: pass
raise x
raise ValueError
raise ValueError('a') from None
raise ValueError('a\\nb')
raise ValueError('')
raise ValueError('é中', 2)
raise KeyError('a')
raise KeyError
raise SystemError('s')
raise KeyboardInterrupt
raise StopIteration(3)
raise OSError(2, 'No such', 'file')
raise UnicodeDecodeError('utf-8', b'a', 0, 1, 'bad')
assert x
assert x, 'message'
assert y == 2, (1,
    2)
import nonexistent_module
from itertools import nonexistent_name
from itertools import (count,
    nonexistent_name)
import os.nonexistent
return_ = x()
z = x()
z = f(x())
z = x.a()
z: int = x()
z = w = x()
z = (x())
z = x(); w = 1
z = x()  # comment
z = x(1,
    2)
print(1); x()
if x(): pass
if y: x()
while x[0]: pass
class A(x): pass
class A(1, 2): x = 1
class A: x.a
class A(metaclass=x): y = 1
@x
def h(): pass
@x()
class A: pass
@x.a
def h(
    a
): pass
def h(a=x()): pass
def h(a: x()): pass
match x():
    case 1: pass
match y:
    case x.a: pass
match y:
    case int(a, b): pass
try: x()
finally: pass
global zz; x()
exec('1/0')
exec('def q():\\n  1/0\\nq()')
eval('x + 1')
exec(compile('x[0]', '<nowhere>', 'exec'))
if True:
\tz = y + x
if True:
    z = (y +
  x)
if True:
        z = [1,
    x(2),
            3]
"""

FUNCTIONS = r'''
def a(v):
    return v / 0
def b():
    return a(1)
b()
---
def a(v):
    return f(v)
def f(v):
    z = g(v)
    return z
def g(v):
    return (h(v))
def h(v):
    return h.x(v)
a(1)
---
def a(v):
    return g(v); 1
def g(v):
    return g2(v)  # comment
def g2(v):
    return g3(v,
              v)
def g3(v, w):
    v = g4(
        v)
def g4(v):
    v.x = g5(v)
def g5(v):
    é = g6(v)
def g6(v):
    x = g7("é")
def g7(v):
    x = y = g8(v)
def g8(v):
    x = g9(v) + 1
def g9(v):
    x = v()
a(1)
---
def rec(n):
    if n == 0: raise ValueError('deep')
    rec(n - 1)
rec(1)
---
def rec(n):
    if n == 0: raise ValueError('deep')
    rec(n - 1)
rec(4)
---
def rec(n):
    if n == 0: raise ValueError('deep')
    rec(n - 1)
rec(3)
---
def rec(n):
    if n == 0: raise ValueError('deep')
    rec(n - 1)
rec(50)
---
def a(n):
    if n == 0: 1/0
    b(n - 1)
def b(n):
    a(n)
a(5)
---
def a(n):
    return a(n - 1) + 1 if n else 1/0
a(10)
---
def rec(n): rec(n)
import sys
sys.setrecursionlimit(60)
rec(1)
---
class A:
    def m(self):
        return self.missing
    @property
    def p(self):
        return self.m()
    def __add__(self, other):
        return self.p
    def __getitem__(self, i):
        return self + i
    def __call__(self):
        return self[0]
    def __enter__(self):
        return self()
    def __exit__(self, *a): pass
    def __del__(self): pass
with A() as a:
    pass
---
class A:
    x = [i for i in range(3) if 1/i]
---
class A:
    class B:
        def c(self):
            def d():
                return [1/0 for _ in "a"]
            return d()
A.B().c()
---
def gen():
    yield 1
    raise ValueError('g')
for i in gen(): pass
---
def gen():
    yield from inner()
def inner():
    yield 1/0
list(gen())
---
async def co():
    await other()
async def other():
    [x async for x in agen()]
async def agen():
    yield 1
    1/0
c = co()
c.send(None)
---
def deco(fn):
    def wrapper(*a):
        return fn(*a)
    return wrapper
@deco
@deco
def target(a):
    return a.b.c
target(1)
---
sorted([3, 2, 1], key=lambda v: v / (v - 2))
---
list(map(lambda v:
    v + 'a', [1]))
---
try:
    1/0
except ZeroDivisionError:
    {}['k']
---
try:
    1/0
except ZeroDivisionError as e:
    raise ValueError('v') from e
---
try:
    1/0
except ZeroDivisionError as e:
    raise ValueError('v') from None
---
try:
    try:
        1/0
    except ZeroDivisionError as e:
        raise ValueError('v') from e
except ValueError:
    x = [][1]
---
try:
    try:
        1/0
    finally:
        {}['a']
except KeyError as e:
    raise RuntimeError from e
---
def f():
    try:
        g()
    except Exception as e:
        raise RuntimeError('f') from e
def g():
    try:
        h()
    except Exception:
        raise ValueError('g')
def h():
    raise TypeError('h')
f()
---
e = ValueError(1)
e.__cause__ = e
raise e
---
a = ValueError('a'); b = ValueError('b')
a.__cause__ = b; b.__cause__ = a
raise a
---
a = ValueError('a'); b = ValueError('b')
a.__context__ = b; b.__context__ = a
raise a
---
a = ValueError('a'); b = ValueError('b'); c = ValueError('c')
a.__cause__ = b; a.__context__ = c; a.__suppress_context__ = False; b.__cause__ = a
raise a
---
a = ValueError('a'); b = ValueError('b'); c = ValueError('c')
a.__cause__ = a; a.__context__ = c; a.__suppress_context__ = False
raise a
---
a = ValueError('a'); c = ValueError('c')
a.__context__ = c; a.__suppress_context__ = True
raise a
---
e = ValueError('n')
e.add_note('one')
e.add_note('two\nthree')
e.add_note('')
e.add_note('é中\n')
raise e
---
e = ValueError('n')
e.__notes__ = 3
raise e
---
e = ValueError('n')
e.__notes__ = 'ab'
raise e
---
e = ValueError('n')
e.__notes__ = b'ab'
raise e
---
e = ValueError('n')
e.__notes__ = None
raise e
---
e = ValueError('n')
e.__notes__ = []
raise e
---
e = ValueError('n')
e.__notes__ = (1, 'x\ny', None, ['a'])
raise e
---
class Bad:
    def __str__(self): raise ValueError
    def __repr__(self): raise ValueError
e = ValueError('n')
e.__notes__ = [Bad(), 'after']
raise e
---
class Bad:
    def __repr__(self): raise ValueError
e = ValueError('n')
e.__notes__ = Bad()
raise e
---
class Repr:
    def __repr__(self): return 'a\nb'
e = ValueError('n')
e.__notes__ = Repr()
raise e
---
e = ValueError('n')
e.__notes__ = {'a': 1}
raise e
---
class Repr:
    def __repr__(self): return 'a\nb'
e = ValueError('n'); f = ValueError('f'); h = IndentationError('h', ('f', 1, 2, 'a\nb', 3, 4))
e.__notes__ = Repr(); f.__notes__ = 7; h.__notes__ = 'ab'
raise ExceptionGroup('g', [e, f, h])
---
class E(Exception):
    def __str__(self): 1/0
raise E
---
class E(Exception):
    def __str__(self): return 'a\nb\n'
raise E
---
class E(Exception):
    class F(Exception): pass
    F.__module__ = 'some.where'
raise E.F('nested')
---
E = type('E', (Exception,), {'__module__': 3})
raise E('x')
---
E = type('E', (Exception,), {'__module__': ''})
raise E('x')
---
def f():
    class L(Exception): pass
    raise L
f()
---
class My(SyntaxError): pass
raise My('msg', ('case.py', 2, 7, 'raise My(\n', 2, 9))
---
raise ExceptionGroup('g', [ValueError('a'), TypeError('b')])
---
raise ExceptionGroup('g', [ValueError('a')])
---
raise BaseExceptionGroup('g\nh', [KeyboardInterrupt(), ExceptionGroup('inner', [ValueError('a\nb')])])
---
def mk(n):
    try:
        1/n
    except Exception as e:
        return e
try:
    raise ExceptionGroup('g', [mk(0), mk('a'), ExceptionGroup('h', [mk(0)])])
except ExceptionGroup as e:
    e.add_note('note\non group')
    raise ValueError('after') from e
---
raise ExceptionGroup('wide', [ValueError(i) for i in range(16)])
---
raise ExceptionGroup('wide', [ValueError(i) for i in range(15)])
---
raise ExceptionGroup('wide', [ValueError(i) for i in range(40)])
---
e = ValueError('leaf')
for i in range(12): e = ExceptionGroup(f'level {i}', [e])
raise e
---
e = ValueError('leaf')
for i in range(11): e = ExceptionGroup(f'level {i}', [e, TypeError(i)])
raise e
---
e = ValueError('leaf')
for i in range(10): e = ExceptionGroup(f'level {i}', [TypeError(i), e])
raise e
---
a = ValueError('a'); a.__cause__ = ExceptionGroup('cause', [KeyError('k')])
raise ExceptionGroup('g', [a])
---
a = ValueError('a'); a.__cause__ = ExceptionGroup('cause', [KeyError('k')])
raise ExceptionGroup('g', [a, TypeError('t')])
---
a = ValueError('a'); a.__context__ = ExceptionGroup('context', [KeyError('k'), KeyError('l')])
b = ExceptionGroup('b', [a]); b.__context__ = a
raise ExceptionGroup('g', [TypeError('t'), b])
---
e = ValueError('shared')
g = ExceptionGroup('g', [e, e])
g.__cause__ = e
raise g
---
e = ValueError('shared')
g = ExceptionGroup('g', [ExceptionGroup('h', [e]), e])
e.__context__ = g
raise g
---
e = ValueError('shared'); f = TypeError('f'); f.__cause__ = e
g = ExceptionGroup('g', [e, f])
raise g
---
e = ValueError('shared'); f = TypeError('f'); f.__cause__ = e; e.__context__ = f
g = ExceptionGroup('g', [f, e])
h = RuntimeError('h'); h.__cause__ = g; g.__context__ = h
raise h
---
def rec(n):
    if n == 0: raise ValueError('deep')
    rec(n - 1)
try: rec(9)
except ValueError as e:
    raise ExceptionGroup('g', [e, SyntaxError('s', ('case.py', 3, 5, '    rec(n - 1)\n', 3, 8))])
---
try: raise ExceptionGroup('g', [ValueError(1), TypeError(2)])
except* ValueError: raise KeyError('k')
---
try: raise ExceptionGroup('g', [ValueError(1), TypeError(2)])
except* ValueError as e: 1/0
except* TypeError: pass
---
# limit: 2
def a(): b()
def b(): c()
def c(): 1/0
a()
---
# limit: 0
def a(): 1/0
a()
---
# limit: 10
def a(): 1/0
def b(): a()
b()
---
# limit: 4
def a(): 1/0
def b(): a()
b()
---
# limit: -1
1/0
---
raise ValueError('form\x0cfeed\x1c\u2028x\rcarriage\r\nreturn')
---
raise ExceptionGroup('form\x0cfeed', [ValueError('a\rb\r\nc\x85d\x1ee')])
---
raise ValueError('lone \ud800 surrogate')
---
if True:
    x = 1 ; y = (x
+ None)
---
if True:
  if True:
      z = [
1, 2,
        None + 1, 5]
---
x = ( 1
      + None ) ; y = """
  a
"""
---
x = [0,

     None +

     1]
---
x = """
    text
""" + 1
---
def outer():
    x = f(1,

          # a comment

          2)
def f(a, b): return a[b]
outer()
---
class C:
	def m(self):
		return self.n(
			1)
	def n(self, a): return	a	+	'b'
C().m()
---
x = None
x.a.b.c(1, 2).d[3](4)
---
d = {'a': {'b': [None]}}
d['a']['b'][0]['c']
---
x = 1; x = x + 1; x = x()
---
print(  (  1 + None  )  )
---
print(f"{'é'!r:>{10}} {1 + None}")
---
print(f'{"(" + 1}', ")")
---
print("a" "b" + 1)
---
print((lambda: (yield))().send(1))
---
t = 1,; t[1]
---
assert (
    1 ==
    2
), "no"
---
with open('nonexistent') as f, \
     open('other') as g:
    pass
---
for i in range(3): print(i) if i < 0 else i / 0
---
while True: x = 1 / 0
---
x = 'a' if None else 'b' + 1
---
x = [*1]
---
x = {**1}
---
print(*1)
---
print(**1)
---
def f(a, *, b): pass
f(1, 2, b=3)
---
def f(a, *, b): pass
f(1)
---
(a
 for a in None)
---
x = {1: 2,
     3: [4][5]}
---
x = 'é' * 3 + '中文' + 1 + 'ü'
---
x = {'é': 1}['中']
---
é = None; é['ключ']['中文'](é)
---
("é",)[1](2)
---
'\t' + 1
---
	x = 1
---
x = = 1
---
print 1
---
def f(:
    pass
---
if True:
pass
---
x = (1,
---
x = 'unterminated
---
impotr os
---
whille True: pass
---
f(a=1, 2)
---
x = "é" é
---
a + 1 = 2
---
if x
    pass
---
  indented
---
def f():
	a
        b
---
x = f"{a b}"
---
x = 0777
---
class A
    pass
---
return 5
---
break
---
async def f(): [await x for x in y
---
def f():
    nonlocal zz
---
from __future__ import nothing
---
x = """
abc
---
for i in range(3) print(i)
---
x = 1 if 2 else
---
lambda x: = 1
---
d = {1: 2, 3}
---
try: pass
---
f(**a, *b)
---
x = $
---
x = 1__0
---
"中文" "é" 1
---
a = b"é"
---
def f(a, a): pass
'''


def syntax_errors():
    """SyntaxError objects with all sorts of attributes."""
    texts = ["x = 1 + \n", "    x = 1 +", "\tx é 中文 +\n", "", "\n", "a\nb\nc\n", "\x0c  a b", "中文 = é b\n", " \n  ab\n"]
    places = [
        (1, 1, None, None), (1, 5, 1, 7), (1, 5, 2, 7), (1, 0, 1, 0), (1, -1, 1, -1), (1, None, None, None),
        (1, 3, 1, 3), (1, 9, 1, 2), (1, 100, 1, 200), (1, 2, 1, 100), (3, 2, 3, -5), (2, 4, 1, 6), (0, 1, 0, 2), (1, 4, 1, 0),
        (-1, 1, -1, 2), (1, 6, None, 9), (1, 2, 3, None),
    ]
    for index, (line, column, end_line, end_column) in enumerate(places):
        for turn in range(3):
            text = texts[(index * 2 + turn * 4) % len(texts)]
            name = ["case.py", None, "", "<x>"][(index + turn) % 4]
            args = (name, line, column, text, end_line, end_column)
            yield f"syntax {index}.{turn}", f"raise SyntaxError('msg', {args!a})\n"
    for index, args in enumerate(["", "'m'", "None", "''", "'m', ('f', None, None, None)", "'m', (None, None, 1, 'text')",
                                  "'m', ('f', 1, 1, None)", "'', ('f', 1, 1, 'x y')", "None, ('f', 1, 1, 'x y')"]):
        yield f"syntax args {index}", f"raise SyntaxError({args})\n"
    yield "syntax note", "e = IndentationError('m', ('f', 1, 2, 'a b c', 1, 4))\ne.add_note('n')\nraise e\n"


def cases():
    yield from operations()
    for index, block in enumerate(split_blocks(EXPRESSIONS)):
        yield f"expression {index}", f"{PRELUDE}{block}\n"
        if index % 5 == 0:
            yield f"expression {index} assigned", f"{PRELUDE}z = {block}\n"
        if index % 7 == 0 and "\n" not in block:
            yield f"expression {index} nested", f"{PRELUDE}if y:\n    print( {block} , 1); y = 2\n"
    for index, block in enumerate(split_blocks(STATEMENTS)):
        yield f"statement {index}", f"{PRELUDE}{block}\n"
    for index, block in enumerate(FUNCTIONS.split("---\n")):
        yield f"program {index}", block.removeprefix("\n") if index == 0 else block
    yield from syntax_errors()


def split_blocks(text):
    """Blocks start at an unindented line that is no continuation: no open bracket, quote, backslash or header."""
    block, opened = [], 0
    for line in text.strip("\n").split("\n"):
        if block and is_complete("\n".join(block), line):
            yield "\n".join(block)
            block = []
        block.append(line)
    yield "\n".join(block)


def is_complete(block, following):
    import codeop
    import warnings

    if following[:1] in " \t" and following.strip():
        return False
    if block.startswith("@") and "\n" not in block:
        return False
    if block.startswith("try") and following.startswith("finally"):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return codeop.compile_command(block + "\n", symbol="exec") is not None or block.rstrip().endswith(": pass") or "\n" in block
        except (SyntaxError, ValueError, OverflowError):
            return True
