"""Comprehensions over records, as a program that shows a list of widgets has them: lists, dicts, sets, sort with a key."""


class Widget:
    def __init__(self, identity, creator, derived, kind, tags):
        self.identity = identity
        self.creator = creator
        self.derived = derived
        self.kind = kind
        self.tags = tags

    @property
    def is_big(self):
        return self.kind == "big"


class Tray:
    def __init__(self, widgets):
        self.widgets = widgets
        self.known = {w.identity: w for w in widgets}

    def by_creator(self, creator):
        return [w for w in self.widgets if w.creator == creator]

    def any_knobby(self, widgets):
        return any(w.kind == "knob" for w in widgets)

    def creators(self):
        return {w.creator for w in self.widgets}

    def grouped(self):
        groups = {}
        for w in self.widgets:
            groups.setdefault(w.kind, []).append(w)
        return {kind: [w.identity for w in group] for kind, group in groups.items()}

    def sorted(self):
        return sorted(self.widgets, key=lambda w: (w.creator, -w.identity))

    def parents(self):
        known = self.known
        return [known[w.derived].identity for w in self.widgets if w.derived in known]

    def table(self):
        return [[w.identity * c % 17 for c in range(8)] for w in self.widgets if w.is_big]

    def tagged(self):
        return {tag: sum(1 for w in self.widgets if tag in w.tags) for tag in ("a", "b", "c")}


def main():
    kinds = ["big", "small", "knob", "spin"]
    widgets = [
        Widget(i, i * 7 % 13, i * 5 % 600, kinds[i * 3 % 4], ["a", "b", "c"][: i % 4])
        for i in range(500)
    ]
    tray = Tray(widgets)
    total = 0
    for _ in range(300):
        for creator in tray.creators():
            mine = tray.by_creator(creator)
            total += len(mine)
            if tray.any_knobby(mine):
                total += 1
        total += sum(len(ids) for ids in tray.grouped().values())
        total += sum(tray.parents()) % 7
        total += tray.sorted()[3].identity
        total += sum(max(row) for row in tray.table())
        total += sum(tray.tagged().values())
    print(total)


main()
