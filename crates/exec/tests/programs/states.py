class StateError(Exception):
    def __init__(self, machine, event):
        self.machine, self.event = machine, event

    def __str__(self):
        return f"{self.machine!r} cannot {self.event!r} (allowed: {', '.join(sorted(self.machine.allowed)) or 'nothing'})"


class Transition:
    def __init__(self, source, target, guard=None):
        self.source, self.target, self.guard = source, target, guard
        self.before, self.after = [], []

    def __call__(self, fn):
        self.fn = fn
        return self

    def __set_name__(self, owner, name):
        self.name = name
        owner.transitions = {**owner.transitions, name: self}

    def __get__(self, machine, owner):
        if machine is None:
            return self

        def fire(*args, **kwargs):
            sources = self.source if isinstance(self.source, tuple) else (self.source,)
            if machine.state not in sources and "*" not in sources:
                raise StateError(machine, self.name)
            if self.guard and not self.guard(machine, *args, **kwargs):
                machine.history.append(f"{self.name} rejected")
                return False
            result = self.fn(machine, *args, **kwargs)
            machine.history.append(f"{machine.state}->{self.target}")
            machine.state = self.target
            return result if result is not None else True
        fire.__name__ = self.name
        fire.__self__ = machine
        return fire


class Machine:
    transitions = {}
    initial = "new"

    def __init__(self):
        self.state, self.history = self.initial, []

    @property
    def allowed(self):
        return {n for n, t in self.transitions.items() if t.source in ("*", self.state) or self.state in t.source}

    def __repr__(self):
        return f"{type(self).__name__}<{self.state}>"


class Order(Machine):
    def __init__(self, total):
        super().__init__()
        self.total, self.paid = total, 0

    @Transition("new", "paid", guard=lambda self, amount: amount >= self.total)
    def pay(self, amount):
        self.paid = amount
        return amount - self.total

    @Transition("paid", "shipped")
    def ship(self, *, carrier="post"):
        print(f"shipping by {carrier}")

    @Transition(("new", "paid"), "cancelled")
    def cancel(self, reason=None):
        print("cancelled", reason)
        return {"refund": self.paid}

    @Transition("*", "lost")
    def lose(self): ...


o = Order(50)
print(o, o.allowed == {"pay", "cancel", "lose"}, o.pay(20), o.pay(60), o, o.allowed == {"ship", "cancel", "lose"})
try:
    o.pay(1)
except StateError as e:
    print(e, "|", e.args)
o.ship(carrier="drone")
print(o.history, o.ship.__name__, Order.ship.target, sorted(Order.transitions), Machine.transitions)
p = Order(10)
print(p.cancel(reason="changed mind"), p, p.lose(), p)


def tokenizer(chars):
    state, buf, out = "start", "", []
    for ch in chars + "\0":
        match state, ch:
            case "start", " ":
                pass
            case "start", '"':
                state = "string"
            case "start", c if c.isdigit():
                state, buf = "number", c
            case "start", c if c.isalpha():
                state, buf = "word", c
            case "start", "\0":
                break
            case "start", c:
                out.append(("punct", c))
            case "string", '"':
                out.append(("string", buf))
                state, buf = "start", ""
            case "string", "\0":
                raise SyntaxError(f"unterminated string {buf!r}")
            case "number", "." if "." not in buf:
                buf += "."
            case ("number", c) | ("word", c) if c.isalnum():
                buf += c
            case "string", c:
                buf += c
            case kind, c:
                out.append((kind, buf))
                buf, state = "", "start"
                if c not in " \0":
                    out.append(("punct", c))
    return out


print(tokenizer('let x1 = 3.14 + "hi there";'))
try:
    tokenizer('"oops')
except SyntaxError as e:
    print(type(e).__name__, e, e.msg, e.lineno)
