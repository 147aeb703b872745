"""Coroutines that await one another, and a small event loop: await, send, futures."""


async def fibonacci(n):
    if n <= 1:
        return n
    return await fibonacci(n - 1) + await fibonacci(n - 2)


def run(coroutine):
    try:
        while True:
            coroutine.send(None)
    except StopIteration as stop:
        return stop.value


class Switch:
    """Awaiting it gives way to the other tasks."""

    def __await__(self):
        yield self


class Loop:
    def __init__(self):
        self.ready = []
        self.switches = 0

    def spawn(self, coroutine):
        self.ready.append(coroutine)

    def run(self):
        results = []
        while self.ready:
            ready, self.ready = self.ready, []
            for task in ready:
                try:
                    task.send(None)
                except StopIteration as stop:
                    results.append(stop.value)
                else:
                    self.switches += 1
                    self.ready.append(task)
        return results


class Counter:
    def __init__(self, limit):
        self.limit = limit

    async def __aenter__(self):
        self.n = 0
        return self

    async def __aexit__(self, *details):
        return False

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n >= self.limit:
            raise StopAsyncIteration
        self.n += 1
        if self.n % 16 == 0:
            await Switch()
        return self.n


async def task(identity):
    total = identity
    async with Counter(300) as counter:
        async for n in counter:
            total += n
            if n % 50 == 0:
                await Switch()
    return total


def main():
    print(run(fibonacci(24)))
    loop = Loop()
    for identity in range(1000):
        loop.spawn(task(identity))
    print(sum(loop.run()), loop.switches)


main()
