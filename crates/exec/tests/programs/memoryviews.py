"""memoryview: items of every format, casts, slices, release, and what else reads or pins bytes."""
m=memoryview(bytearray(range(16)))
def t(f):
    try: print(repr(f()).split(' at 0x')[0])
    except BaseException as e: print(type(e).__name__, e)
for c in 'xcbBhHiIlLqQnNefdgF?sPOZ': t(lambda: m.cast(c)[0]); 
for f in ['@B','<B','=i','!i','','BB','@','i ','\x00','é']: t(lambda: m.cast(f).format)
t(lambda: m.cast(5)); t(lambda: m.cast(None)); t(lambda: m.cast('B',5)); t(lambda: m.cast('B',[4,4]).cast('B',[2,8])); t(lambda: m.cast('B',[0]));t(lambda: m.cast('B',['a']));t(lambda: m.cast('B',[True]*4)); t(lambda: m.cast('B',[4,5])); t(lambda: m.cast('i',[2,2]).tolist()); t(lambda: m[::2].cast('i')); t(lambda: m.cast('i').cast('h')); t(lambda: m[:3].cast('h')); t(lambda: memoryview(b'').cast('i',[1])); t(lambda: memoryview(b'').cast('i').shape); t(lambda: m[:4].cast('i',[]).shape); t(lambda: m[:4].cast('i',())[()]); t(lambda: m[:4].cast('i',())[...]); t(lambda: m[:4].cast('i',())[0]); t(lambda: len(m[:4].cast('i',())));t(lambda: m.cast('B',[2,8])[0]);t(lambda: m.cast('B',[2,8])[0,1]);t(lambda: m.cast('B',[2,8])[0,1,2]);t(lambda: m.cast('B',[2,8])[0,]);t(lambda: m.cast('B',[2,8])[0:1].tolist());t(lambda: m.cast('B',[2,8])[0:1,0:1]);t(lambda: m.cast('B',[2,8])[0,9]);t(lambda: m.cast('B',[2,8])[2,9]);t(lambda: m.cast('B',[2,8])[0,0:1]);t(lambda: m['a']);t(lambda: m[1.0]);t(lambda: m[99]);t(lambda: m[2**70])
def s(f,k,v):
    mm=memoryview(bytearray(range(16))).cast(f)
    def go(): mm[k]=v; return mm.tobytes().hex()
    t(go)
for f in 'cbBhHiIlLqQnNefd?P':
    for v in [1,-1,300,2**70,1.5,'a',b'a',b'ab',None,True,1e300]: s(f,0,v)
s('B',slice(0,2),b'xy'); s('B',slice(0,2),b'xyz'); s('b',slice(0,2),b'xy'); s('B',slice(0,2),5); s('B',slice(0,2),'ab'); s('@B',slice(0,2),b'ab');s('B',(0,),5);s('B',(0,1),5);s('B',(slice(0,1),),5);s('B','a',5);s('B',...,5)
def d():
    del m[0]
t(d)
def r():
    x=memoryview(b'ab'); x[0]=1
t(r)
t(lambda: hash(m)); t(lambda: hash(memoryview(b'ab'))==hash(b'ab')); t(lambda: hash(memoryview(b'abcd').cast('i')))
t(lambda: m.tobytes('Z')); t(lambda: m.tobytes(order=5)); t(lambda: m.cast('B',[2,8]).tobytes('F')); t(lambda:m.cast('B',[2,8]).hex(':',2)); t(lambda: m[::-3].hex('-')); t(lambda: memoryview()); t(lambda: memoryview(5)); t(lambda: memoryview(b'',1)); t(lambda: memoryview(obj=b'')); t(lambda:memoryview(object=b'ab').obj)
x=memoryview(b'abc'); x.release(); t(lambda: repr(x)[:16]); t(lambda: x.release()); t(lambda: x[0]); t(lambda: x.nbytes); t(lambda: x==b'abc'); t(lambda: x==x); t(lambda: len(x)); t(lambda: x.__enter__()); t(lambda: x.__exit__());t(lambda:x.obj);t(lambda:hash(x)); t(lambda:bytes(x));t(lambda:memoryview(x)); t(lambda:x.tolist()); t(lambda: b'a'.join([x])); t(lambda:iter(x))
b=bytearray(b'abc'); v=memoryview(b)
for n,f in dict(append=lambda:b.append(1),extend=lambda:b.extend(b'x'),ext0=lambda:b.extend(b''),clear=lambda:b.clear(),pop=lambda:b.pop(),rem=lambda:b.remove(97),ins=lambda:b.insert(0,1),iadd=lambda:b.__iadd__(b'x'),iadd0=lambda:b.__iadd__(b''),imul=lambda:b.__imul__(2),imul1=lambda:b.__imul__(1),init=lambda:b.__init__(b'zz'),sa=lambda:b.__setitem__(slice(0,1),b'zz'),sb=lambda:b.__setitem__(slice(0,1),b'z'),di=lambda:b.__delitem__(0),ds=lambda:b.__delitem__(slice(0,2)),dz=lambda:b.__delitem__(slice(0,0)),imul0=lambda:b.__imul__(0), init0=lambda:b.__init__()).items(): print(n); t(f)
t(lambda: v.tobytes())
for a in ['obj','nbytes','readonly','itemsize','format','ndim','shape','strides','suboffsets','c_contiguous','f_contiguous','contiguous']:
    for y in [m,m[::2],m.cast('i'),m.cast('B',[2,8]),m[:4].cast('i',[]),memoryview(b''),m.cast('B',[2,8])[::-1], m.cast('B',[2,8])[:1],m[3:3:2]]:
        t(lambda: getattr(y,a) if a!='obj' else len(y.obj))
t(lambda: m==m[:]); t(lambda: m==bytes(m)); t(lambda: bytes(m)==m); t(lambda: bytearray(m)==m); t(lambda: m.cast('b')==m); t(lambda: m.cast('i')==m); t(lambda: m<m); t(lambda: m==5); t(lambda:memoryview(b'\xff').cast('b')==b'\xff'); t(lambda: memoryview(b'a').cast('c')==b'a');t(lambda:m.cast('B',[2,8])==m); t(lambda:m.cast('B',[2,8])==m.cast('B',[2,8]))
t(lambda: b'ab'+memoryview(b'c')); t(lambda: b''.join([memoryview(b'c')])); t(lambda: bytes(m[::2])); t(lambda: bytearray(m[::-1])); t(lambda: b'abc'.find(m[:1])); t(lambda:b'x'.find(m[::2])); t(lambda: b'ab'+m[::2]); t(lambda:int(memoryview(b'12'))); t(lambda: float(memoryview(b'12'))); t(lambda: str(memoryview(b'ab'),'ascii')); t(lambda: int.from_bytes(memoryview(b'ab'))); t(lambda: b'%s' % memoryview(b'ab')); t(lambda: bytes.fromhex(memoryview(b'ab'))); t(lambda: memoryview(b'ab') in [b'ab']); t(lambda:97 in memoryview(b'ab')); t(lambda:list(reversed(memoryview(b'ab')))); t(lambda: type(iter(m)).__name__);
t(lambda: m.__buffer__(0)); t(lambda: b'ab'.__buffer__(1)); t(lambda: b'ab'.__buffer__(0).tobytes()); t(lambda: memoryview._from_flags(b'ab',1)); t(lambda: memoryview._from_flags(b'ab',0).tobytes()); t(lambda: m.toreadonly().readonly); t(lambda: memoryview(b'ab').index); t(lambda: m.c_contiguous); 
def ss(): m.format='x'
t(ss)
class P:
    def __init__(s): s.b=bytearray(b'hey')
    def __buffer__(s,f): print('buf',f); return memoryview(s.b)
    def __release_buffer__(s,b): print('rel',type(b).__name__)
p=P()
q=memoryview(p); t(lambda: q.tobytes()); q.release(); t(lambda: bytes(p))
class P2:
    def __buffer__(s,f): return 5
t(lambda: memoryview(P2()))
try:
    class M(memoryview): pass
except TypeError as e: print(e)
