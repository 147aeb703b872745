"""Functions, methods, cells and modules made by calling their classes."""
def f(a, b=1):
    return a + b
def o():
    x = 1
    def i():
        return x
    return i
def t(g):
    try:
        print(repr(g()))
    except BaseException as e:
        print(type(e).__name__, e)
c = f.__code__; ic = o().__code__
class K:
    def m(self): pass
F = type(f); M = type(K().m); C = type(o().__closure__[0]); Mo = type(__builtins__)
for g in [lambda:F(), lambda:F(c), lambda:F(1,{}), lambda:F(c,1), lambda:F(c,{},5), lambda:F(c,{},None,5), lambda:F(c,{},None,None,5), lambda:F(ic,{}), lambda:F(ic,{},None,None,()), lambda:F(ic,{},None,None,(1,)), lambda:F(c,{},None,None,(C(1),)), lambda:F(c,{},kwdefaults=5), lambda:F(ic,{},closure=(C(7),))(), lambda:F(c,{},'nm',(5,)).__name__, lambda:F(c,{},'nm',(5,))(1), lambda:F(c,{'__name__':'q'}).__module__, lambda:F(c,{}).__qualname__,
 lambda:M(), lambda:M(len), lambda:M(1,2), lambda:M(len,None), lambda:M(len,[1])(), lambda:M(len,[1],x=1), lambda:C(1).cell_contents, lambda:C().cell_contents, lambda:C(1,2), lambda:C(x=1), lambda:C(1)==C(1), lambda:C(1)<C(2), lambda:C()==C(), lambda:C()<C(1), lambda:C(1)<C(), lambda:C(1)=='a', lambda:hash(C(1)), lambda:Mo(), lambda:Mo(1), lambda:Mo('x'), lambda:sorted(Mo('x','d').__dict__.items()), lambda:Mo('x',doc=3).__doc__, lambda:Mo('x').y,
 lambda:M(len,[1]).__get__(5,int), lambda:M(len,[1]).__reduce__()[1]]: t(g)
class SM(Mo):
    z = 5
t(lambda: SM('q').z); t(lambda: SM('q').__name__)
