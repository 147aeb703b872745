# Expressions of all shapes over one or more lines, and characters of all widths. Made at random; only their
# locations are looked at (see corpus.py), they never run.
async def g():
    x = (
[
1][

  x.変数 [

  f'{x + 1:>{y}}'
   , # (c + [
] # (c + [
:\
])  
    y = z = (	( # (c + [
[
1]

  ))
    g((f'{x + 1:>{y}}'\
[[a for a in
 b]:]))  
    x = ('''a
 b'''| # (c + [
[a for a in
 b]
- x.変数	/\
"a" 'b' ) # 中
    x = (	[a for a in
 b]
*'中'	)  
    g(( x\
+
   f'{x + 1:>{y}}'\
& f(x)	[
   "a" 'b'\
:x
]
.attr .attr))
    if 1:
        assert (

  (
{**x}) |
(y:=3)
   / {**x}>>x\
)  
    x += ( f(変数,
 # c)(
 中=1)

  * # (c + [
(

  x\
)
   *'中'\
(

  '中'&	(y:=3) # (c + [
& '''a
 b''' , *x) # (c + [
)
    x = ([
1]

  ) # 中
    (\
(

  f(x)

  )
   >>[a for a in
 b] [
   é # (c + [
>>\
( {**x} ) ,]

  .

  attr
)
    (

  not x

  )
    if 1:
        x = ( # (c + [
[a for a in
 b]
//\
(y:=3)

  |f(x)

  [(y:=3)
   , ]

  )
    y = z = ( # (c + [
{**x})
    x += (\
( # (c + [
x.変数 )

  ) # 中
    x.y = (	x.変数

  ( "a" 'b'
   ,**z)
   )
    x.y = ( (y:=3)+ [
1]) # 中
    y = z = f(x)  
    x.y = await x.変数 # 中
    ([1] and f(変数,
 # c)(
 中=1))
    y = z = (
   '''a
 b'''

  [é	:x:y] &

  (	'''a
 b'''	)+

  f(変数,
 # c)(
 中=1) ((
   é\
) ,**z) # (c + [
) # 中
    if 1:
        x += ("a" 'b'
   .

  attr # (c + [
)
    x = (	-x.変数\
)  
    x = (
   é # (c + [
*f(変数,
 # c)(
 中=1)

  ( # (c + [
'''a
 b'''//x.変数  ).attr)
    g((
f'{x + 1:>{y}}'**'中'\
[

  x.変数 # (c + [
:x\
]	.	attr
   &( f(x)
) # (c + [
&1
//'中' |\
f(変数,
 # c)(
 中=1)
   //\
1( '中'	)))
    (\
[a for a in
 b]	[

  f(x) # (c + [
[x.変数 ,
   ]\

   ])
    x = ( x@

  {**x}	(	'中'	, *x)	-[a for a in
 b] # (c + [
[ [
1] 
]>>\
'''a
 b'''
)
    g((
'''a
 b''' ))  
    (\
({**x}[f(変数,
 # c)(
 中=1),]( 1 . # (c + [
attr, *x))

  )
    g(( # (c + [
(1 ["a" 'b'
   :x:y # (c + [
] # (c + [
[1 //
1\
:	][
x.変数 .

  attr
/ f'{x + 1:>{y}}'. attr	, ] ))) # 中
    x += ( [
1][	f(変数,
 # c)(
 中=1)	 ]

  )
    x = (x%
{**x} /

  f(x)
(

  [
1]
   , *x)* x//f(x)
[[a for a in
 b]	(	'中'\
,**z) # (c + [
:x

  ]
) # 中
    y = z = ( # (c + [
(

  (x.変数) # (c + [
)
)
    assert ( # (c + [
f'{x + 1:>{y}}'('中'
, k=v)/x.変数	/
   f(x)\
)
    x.y = ( [
1](	{**x})@[a for a in
 b]>>{**x}
)
    if 1:
        assert (
[a for a in
 b] (
   x  )
   )
    y = z = (

  [a for a in
 b]&"a" 'b' + # (c + [
é

  **	{**x}[f(変数,
 # c)(
 中=1) >>

  é

  [ f(変数,
 # c)(
 中=1):	]\
%	(y:=3)
   |x ,\
]

  )
    y = z = (\
[
1]) # 中
    x = (\
{**x}-
   [
1]
   + # (c + [
f(変数,
 # c)(
 中=1)
   [\
f(x)
    ]- é
(	"a" 'b' )[
{**x}
   ( '中',**z)	, ]\
) # 中
    x += ( '''a
 b''')  
    x += (é\
|

  "a" 'b'- '''a
 b'''* f'{x + 1:>{y}}'%
f'{x + 1:>{y}}' /( '中')
** f'{x + 1:>{y}}' ) # 中
    (
[a for a in
 b]) # 中
    x += (
   "a" 'b'\
)
    (x.変数
+f(x)
   (
   '中'

  ** # (c + [
'''a
 b'''
    ) & f(変数,
 # c)(
 中=1)|	[a for a in
 b]\
(	"a" 'b' -é	 ) )  
    y = z = (
(y:=3)@ x
   ) # 中
    y = z = lambda: '''a
 b''' @ x.変数 // [a for a in
 b]  
    x += ([a for a in
 b]\
(f'{x + 1:>{y}}', *x) ) # 中
    (

  (f(変数,
 # c)(
 中=1)\
+[a for a in
 b]

  >>f'{x + 1:>{y}}'\
( '''a
 b''' , k=v) **([
1] +	(y:=3)	) )\
) # 中
    g(( # (c + [
f'{x + 1:>{y}}' ))  
    y = z = (
   "a" 'b'
|
{**x} >>
f(変数,
 # c)(
 中=1) //	'中' )
    y = z = (f(変数,
 # c)(
 中=1)( # (c + [
x.変数
, k=v) *\
é .
   attr@ # (c + [
await 1
** # (c + [
1

  ) # 中
    ( {**x}
   )  
    x = (	f(変数,
 # c)(
 中=1))  
    x = ( x

  **[a for a in
 b]
   )  
    g((\
( (	f(x))

  [ {**x}
,

  ]) ))
    g(é) # 中
    x += (

  (
x # (c + [
))
    if 1:
        (
'''a
 b''' # (c + [
)
    ( 1 <<[a for a in
 b])  
    x.y = ( "a" 'b'

  (f'{x + 1:>{y}}', k=v))  
    if 1:
        assert ( [
1]

  ( # (c + [
'''a
 b'''

  ) )
    g((f(変数,
 # c)(
 中=1)

  ))
    assert {**x}
    if 1:
        y = z = [
1]
    (	( # (c + [
f(x) # (c + [
) # (c + [
)
    x.y = ( f(x)\
** (x.変数)
   (
   (f(変数,
 # c)(
 中=1) ) # (c + [
, *x)
   )
    y = z = (
f(変数,
 # c)(
 中=1)&
'中'

  )
    if 1:
        x.y = (\
1\
. # (c + [
attr\
)  
    if 1:
        assert (

  1)
    if 1:
        assert ( 1
   & f(変数,
 # c)(
 中=1)	)  
    x.y = (	é @
   1 # (c + [
[

  (
   é # (c + [
):] *(\
[
1]\
<<	{**x}\
)-x

  &	'''a
 b''')
    if 1:
        assert ( '中' )  /-x.変数
    x = ( 1  <<( '中' ) )
    assert ( '中' )
    if 1:
        assert 変数 [ é('	' )(( '中' ) & f(x) )]
    if 1: not ((x)) [( '中' )  >>変数,]
    assert (x )
    if 1: x # 中
    if 1:
        x.y = '	' # 中
    if 1:
    	中 = x.変数 (( [1] and f(変数, 中=1)) [( '中' )(x.変数,) [ 1 &x[中] ],],)
    if 1:
    	x += x[中]['🪀🪀' |f(x)- ＡＢ] # 中
    assert (変数['中' & x,])
    assert 1 [f(変数, 中=1)+ ( '中' ) ** ( x.変数 )] # 中
    assert await ('	') [(1 )<< ( '🪀🪀' ) ]
    if 1:
    	if 1: f(x)(f(変数, 中=1)) ((x)) # 中
    y = z = (ＡＢ)  *'中'
    x += f(x) # 中
    if 1:
    	if 1: 変数
    if 1:
        assert 1<<'	'  **1  + x.変数|x ['​' ]<<é  | é  
    x.変数(é  @ x.変数,)
    if 1:
    	'	' # 中
    assert é  | x[中] # 中
    assert f(変数, 中=1)  <<1['中' ] ** x(( 1) ) @ [1] and f(x)//( '中' )/'🪀🪀'((é@é ) )
    x += not '🪀🪀' ** ( '中' )[1,]  
    if 1: ( '中' )
    中 = x[中]  
    if 1:
        y = z = f(x) ('	',)
    中 = '​'|ＡＢ |x[中]('中' )(x)
    x = ＡＢ [ f(x),] **é/ '🪀🪀'(1 & '🪀🪀'  | '🪀🪀' %'	') [x] # 中
    if 1: (not x.変数 )[( f(変数, 中=1)) (x[中] [1],)[é,] ] # 中
    x.y = 'é'
    if 1:
    	x.y = 'é'  - '	' %( x )  
    if 1:
        assert (f(x))  
    x += 'é'
    '	'** '	'
    x += ( x[中]) + '​'  *x[中]+1  
    x = 変数
    if 1: lambda: ('é' )  ** ( '🪀🪀')
    assert lambda: '🪀🪀'  - 変数 & ( '中' )  +( 変数)@ x[中]  /1 # 中
    ( ( é )) # 中
    if 1:
        y = z = ＡＢ
    x += (-x.変数**f(変数, 中=1))
    if 1:
        assert ( '	' )  
    中 = (x.変数@ 変数)
    中 = x[中]/ＡＢ  **'	'>>'	'+f(x)[( lambda: ＡＢ  %'é'),]
    x = ( é)- 1 ['🪀🪀',]& ( '中' )**(x) ('​'  // 'é') [lambda: x[中]  *変数 @'​',]  
    if 1:
    	if 1: [1] and x.変数
    if 1: é  
    x = x[中] /'	'<< '🪀🪀' | 1//x& '​'  %(f(変数, 中=1)) [ f(x) %'é'- é,] # 中
    assert 'é'& (x) # 中
    x.変数  @ x[中]['🪀🪀'  **( '中' ) ]
    pass
