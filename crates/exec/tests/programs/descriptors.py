class cached_property:
    def __init__(self, func):
        self.func, self.attr = func, None
        self.__doc__ = func.__doc__

    def __set_name__(self, owner, name):
        if self.attr is not None and self.attr != name:
            raise TypeError(f"two names: {self.attr!r} and {name!r}")
        self.attr = name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        val = instance.__dict__[self.attr] = self.func(instance)
        return val


class Typed:
    def __init__(self, *types, default=...):
        self.types, self.default = types, default

    def __set_name__(self, owner, name):
        self.slot = f"_{owner.__name__}__{name}"
        self.name = name

    def __get__(self, obj, owner):
        if obj is None:
            return self
        try:
            return obj.__dict__[self.slot]
        except KeyError:
            if self.default is ...:
                raise AttributeError(f"{self.name!r} was never set") from None
            return self.default

    def __set__(self, obj, value):
        if not isinstance(value, self.types):
            raise TypeError(f"{self.name} must be {' or '.join(t.__name__ for t in self.types)}, not {value!r}")
        obj.__dict__[self.slot] = value

    def __delete__(self, obj):
        obj.__dict__.pop(self.slot, None)


class NonData:
    def __get__(self, obj, owner):
        return ("nondata", obj is None, owner.__name__)


class ModelMeta(type):
    def __new__(mcls, name, bases, ns, **kw):
        fields = {k: v for k, v in ns.items() if isinstance(v, Typed)}
        for base in bases:
            fields = {**getattr(base, "_fields", {}), **fields}
        ns["_fields"] = fields
        ns.setdefault("__repr__", lambda self: f"{name}({', '.join(f'{f}={getattr(self, f, None)!r}' for f in self._fields)})")
        return super().__new__(mcls, name, bases, ns)

    def __call__(cls, *args, **kwargs):
        obj = cls.__new__(cls)
        for field, value in dict(zip(cls._fields, args), **kwargs).items():
            if field not in cls._fields:
                raise TypeError(f"{cls.__name__}() got an unexpected keyword argument {field!r}")
            setattr(obj, field, value)
        if hasattr(obj, "__post_init__"):
            obj.__post_init__()
        return obj


class Person(metaclass=ModelMeta):
    name = Typed(str)
    age = Typed(int, float, default=0)
    tag = NonData()

    @cached_property
    def initials(self):
        """First letters."""
        print("computing initials")
        return "".join(w[0] for w in self.name.split())

    def __post_init__(self):
        print("post init", self)


class Employee(Person):
    boss = Typed(Person, type(None), default=None)


p = Person("Ada Lovelace", 36)
print(p.initials, p.initials, Person.initials.__doc__, vars(p))
e = Employee("Bob Stone", boss=p)
print(e, e.age, Employee._fields.keys(), type(Employee), Employee.boss is Employee.__dict__["boss"])
print(p.tag, Person.tag)
p.tag = "shadowed"
print(p.tag, Person.tag)
for action in [lambda: Person(5), lambda: Person("x", colour=1), lambda: Person(), lambda: setattr(e, "boss", 5), lambda: delattr(p, "name"), lambda: p.name, lambda: delattr(p, "nope")]:
    try:
        print(action())
    except (TypeError, AttributeError) as err:
        print(type(err).__name__, err)


class Meta2(type):
    x = property(lambda cls: f"meta property of {cls.__name__}")

    def method(cls):
        return f"meta method of {cls.__name__}"

    def __getattr__(cls, name):
        return f"{cls.__name__} has no {name}"

    def __setattr__(cls, name, value):
        print("setting", name)
        super().__setattr__(name, value)

    def __dir__(cls):
        return ["only", "these"]


class WithMeta(metaclass=Meta2):
    y = 1


print(WithMeta.x, WithMeta.method(), WithMeta.zzz, dir(WithMeta), WithMeta.y)
WithMeta.y = 5
print(WithMeta().y, hasattr(WithMeta(), "x"))
try:
    WithMeta().method()
except AttributeError as err:
    print(err)
try:
    WithMeta.x = 3
except AttributeError as err:
    print(err)
