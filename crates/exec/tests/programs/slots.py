class Node:
    __slots__ = ("key", "value", "prev", "next", "__weakref__")

    def __init__(self, key=None, value=None):
        self.key, self.value = key, value
        self.prev = self.next = None


class LRUCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.map = {}
        self.head, self.tail = Node(), Node()
        self.head.next, self.tail.prev = self.tail, self.head
        self.hits = self.misses = 0

    def _unlink(self, node):
        node.prev.next, node.next.prev = node.next, node.prev

    def _push(self, node):
        node.prev, node.next = self.head, self.head.next
        self.head.next.prev = node
        self.head.next = node

    def __getitem__(self, key):
        try:
            node = self.map[key]
        except KeyError:
            self.misses += 1
            raise
        self.hits += 1
        self._unlink(node)
        self._push(node)
        return node.value

    def __setitem__(self, key, value):
        if (node := self.map.get(key)) is not None:
            self._unlink(node)
        elif len(self.map) >= self.capacity:
            last = self.tail.prev
            self._unlink(last)
            del self.map[last.key]
        node = self.map[key] = Node(key, value)
        self._push(node)

    def __delitem__(self, key):
        self._unlink(self.map.pop(key))

    def __contains__(self, key):
        return key in self.map

    def __len__(self):
        return len(self.map)

    def __iter__(self):
        node = self.head.next
        while node is not self.tail:
            yield node.key, node.value
            node = node.next

    def __reversed__(self):
        return iter(list(self)[::-1])

    def get(self, key, default=None):
        try:
            return self[key]
        except KeyError:
            return default


def cached(capacity=None, *, key=lambda *a, **k: (a, tuple(sorted(k.items())))):
    def decorate(func):
        cache = LRUCache(capacity or 128)

        def wrapper(*args, **kwargs):
            k = key(*args, **kwargs)
            if k in cache:
                return cache[k]
            result = cache[k] = func(*args, **kwargs)
            return result

        wrapper.cache = cache
        wrapper.__wrapped__ = func
        wrapper.__name__ = func.__name__
        wrapper.__qualname__ = func.__qualname__
        wrapper.__doc__ = func.__doc__
        wrapper.__module__ = func.__module__
        wrapper.__dict__.update(func.__dict__)
        return wrapper
    return decorate


@cached(capacity=500)
def fib(n):
    "Fibonacci"
    return n if n < 2 else fib(n - 1) + fib(n - 2)


c = LRUCache(3)
for i, ch in enumerate("abcab"):
    c[ch] = i
    print(list(c), len(c))
c["d"] = 9
print(*c, "a" in c, "c" in c)
print(*reversed(c))
del c["a"]
print(list(c), c.get("zz", "none"), c.hits, c.misses)
print(fib(90), fib.cache.hits, len(fib.cache), fib.__doc__, fib.__name__)
n = Node(1, 2)
try:
    n.other = 1
except AttributeError as e:
    print(e)
print(Node.__slots__, Node.key, hasattr(n, "__dict__"))
del n.key
try:
    n.key
except AttributeError as e:
    print(repr(e), e.name, e.obj is n)
