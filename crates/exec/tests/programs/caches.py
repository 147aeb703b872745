"""Call sites and attribute sites that have specialised, and then meet something else."""


class Both:
    def method(self, value=None):
        return (type(self).__name__, value)


def call_site(owner, argument):
    return owner.method(argument)


instance = Both()
for round_ in range(100):
    call_site(instance, round_)
# The same function, reached through the class: one argument fewer.
print(call_site(Both, instance))


class Strict:
    def method(self, value):
        return value


for round_ in range(100):
    call_site(Strict(), round_)
try:
    call_site(Strict, 1)
except TypeError as error:
    print(error)


class Shown:
    @property
    def value(self):
        return "first getter"


def read(owner):
    return owner.value


shown = Shown()
for round_ in range(100):
    read(shown)
vars(Shown)["value"].__init__(lambda self: "second getter")
print(read(shown), read(shown))
vars(Shown)["value"].__init__(None)
try:
    read(shown)
except AttributeError as error:
    print(error)


class Slotted:
    __slots__ = ("a", "b", "c")


class Foreign:
    __slots__ = ()
    c = Slotted.c


def read_c(owner):
    return owner.c


def write_c(owner):
    owner.c = 1


for action in read_c, write_c:
    for round_ in range(100):
        try:
            action(Foreign())
        except TypeError as error:
            message = error
    print(message)


class Generating:
    def __init__(self):
        yield 1


def make():
    return Generating()


for round_ in range(100):
    try:
        make()
    except TypeError as error:
        message = error
print(message)


def plus(a, b):
    return a + b


def call(function):
    return function(1, 2)


for round_ in range(100):
    call(plus)
plus.__code__ = (lambda a, b, c=3: (a, b, c)).__code__
try:
    call(plus)
except TypeError as error:
    print(error)
plus.__defaults__ = (4,)
print(call(plus))
for round_ in range(1000):
    plus.__code__ = (lambda a, b: round_).__code__
print(call(plus))
