def averager():
    total = count = 0
    average = None
    while True:
        try:
            x = yield average
        except ValueError as e:
            print("reset:", e)
            total = count = 0
            average = None
            continue
        except GeneratorExit:
            print("closing")
            raise
        if x is None:
            return total, count
        total += x
        count += 1
        average = total / count


def delegate(results, key):
    results[key] = yield from averager()
    return "done " + key


res = {}
g = delegate(res, "a")
print(next(g), g.send(10), g.send(20))
print(g.throw(ValueError("bad")), g.send(5))
try:
    g.send(None)
except StopIteration as e:
    print("stop", e.value, e.args, res)
try:
    next(g)
except StopIteration as e:
    print("again", e.value)
g = averager()
try:
    g.send(1)
except TypeError as e:
    print(e)
next(g)
g.close()
g.close()
try:
    g.throw(KeyError("x"))
except KeyError as e:
    print("KeyError", e)


def fin():
    try:
        yield 1
        yield 2
    finally:
        print("cleanup")


for v in fin():
    if v == 1:
        break
print("after break")
f = fin()
next(f)
del f
print("deleted")


def rec():
    g = yield
    yield next(g)


r = rec()
next(r)
try:
    r.send(r)
except ValueError as e:
    print(e)


def si():
    yield 1
    raise StopIteration("inner")


try:
    list(si())
except RuntimeError as e:
    print(repr(e), repr(e.__cause__))


def closer():
    try:
        yield 1
    except GeneratorExit:
        return "returned on close"


k = closer()
next(k)
print(k.close())
g = (x * y for x in range(3) for y in range(x) if x + y)
print(g.__name__, g.__qualname__, g.gi_running, g.gi_frame is not None, g.gi_yieldfrom, list(g), g.gi_frame)
print(type(g), averager.__name__, averager().gi_code.co_name)


def exc_state():
    try:
        1 / 0
    except ZeroDivisionError:
        yield "in except"
        raise


e = exc_state()
print(next(e))
try:
    try:
        raise KeyError("outer")
    except KeyError:
        next(e)
except ZeroDivisionError as z:
    print(repr(z), repr(z.__context__))
