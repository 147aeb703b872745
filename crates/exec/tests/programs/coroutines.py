class Sleep:
    def __init__(self, ticks, result=None):
        self.ticks, self.result = ticks, result

    def __await__(self):
        for _ in range(self.ticks):
            yield "tick"
        return self.result


class Loop:
    def __init__(self):
        self.ready = []
        self.time = 0

    def spawn(self, coro, name):
        self.ready.append((coro, name))

    def run(self):
        results = {}
        while self.ready:
            coro, name = self.ready.pop(0)
            try:
                msg = coro.send(None)
            except StopIteration as stop:
                results[name] = stop.value
            except Exception as e:
                results[name] = repr(e)
            else:
                self.time += 1
                self.ready.append((coro, name))
        return results


async def worker(name, n):
    total = 0
    for i in range(n):
        total += await Sleep(i, i * 10)
        print(f"[{name}] step {i} total {total}")
    return total


async def failing():
    await Sleep(1)
    raise ValueError("worker failed")


class Resource:
    def __init__(self, name):
        self.name = name

    async def __aenter__(self):
        print("acquire", self.name)
        await Sleep(1)
        return self

    async def __aexit__(self, exc_type, exc, tb):
        await Sleep(1)
        print("release", self.name, exc_type and exc_type.__name__)
        return exc_type is KeyError


class Ticker:
    def __init__(self, n):
        self.i, self.n = 0, n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.i >= self.n:
            raise StopAsyncIteration
        self.i += 1
        await Sleep(1)
        return self.i


async def agen(n):
    try:
        for i in range(n):
            await Sleep(1)
            got = yield i * i
            if got:
                print("agen got", got)
    finally:
        print("agen finally")


async def main():
    async with Resource("a") as a, Resource("b") as b:
        print("inside", a.name, b.name)
        raise KeyError("suppressed by b")
    async for t in Ticker(3):
        if t == 2:
            continue
        print("tick", t)
    else:
        print("ticker else")
    print([x async for x in agen(4) if x % 2 == 0])
    print({x: await Sleep(1, -x) async for x in agen(2)})
    g = agen(3)
    print(await g.__anext__())
    print(await g.asend("hello"))
    try:
        await g.athrow(LookupError("thrown"))
    except LookupError as e:
        print("caught", e)
    g2 = agen(3)
    await anext(g2)
    await g2.aclose()
    print(await anext(g2, "default"))
    gen = (i async for i in Ticker(2))
    print(type(gen).__name__, [i async for i in gen])
    try:
        await 5
    except TypeError as e:
        print(e)
    try:
        async with 5:
            pass
    except TypeError as e:
        print(e)
    try:
        async for _ in [1]:
            pass
    except TypeError as e:
        print(e)
    return "main done"


loop = Loop()
loop.spawn(worker("w1", 3), "w1")
loop.spawn(worker("w2", 2), "w2")
loop.spawn(failing(), "bad")
loop.spawn(main(), "main")
for k, v in loop.run().items():
    print(k, "=>", v)
print(loop.time)
c = worker("x", 1)
print(type(c), c.__name__, c.cr_code.co_name, c.cr_await, c.cr_running)
c.close()
try:
    c.send(None)
except RuntimeError as e:
    print(e)
