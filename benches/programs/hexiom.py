"""A search that fills a hexagonal board so that each tile has as many neighbours as it says: sets, lists, dicts, recursion."""

EMPTY = 7


class Hexagon:
    def __init__(self, size):
        self.cells = []
        self.at = {}
        for y in range(2 * size - 1):
            for x in range(2 * size - 1):
                if size - 1 <= x + y <= 3 * size - 3:
                    self.at[x, y] = len(self.cells)
                    self.cells.append((x, y))
        self.neighbours = [
            tuple(self.at[x + dx, y + dy]
                  for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (1, -1), (-1, 1))
                  if (x + dx, y + dy) in self.at)
            for x, y in self.cells
        ]


class Done:
    """What each cell may still hold."""

    def __init__(self, cells):
        self.cells = cells

    def copy(self):
        return Done([list(cell) for cell in self.cells])

    def is_settled(self, i):
        return len(self.cells[i]) == 1

    def remove(self, i, value):
        if value in self.cells[i]:
            self.cells[i].remove(value)
            return True
        return False

    def next_cell(self):
        best, fewest = -1, 9
        for i, cell in enumerate(self.cells):
            if 1 < len(cell) < fewest:
                best, fewest = i, len(cell)
        return best


def constrain(board, done, left_of):
    """Removes what cannot be; False at a contradiction."""
    again = True
    while again:
        again = False
        counts = dict.fromkeys(left_of, 0)
        for cell in done.cells:
            if len(cell) == 1:
                counts[cell[0]] += 1
        for value, wanted in left_of.items():
            if counts[value] > wanted:
                return False
            if counts[value] == wanted:
                for i in range(len(done.cells)):
                    if not done.is_settled(i) and done.remove(i, value):
                        again = True
            elif sum(1 for cell in done.cells if value in cell) < wanted:
                return False
        for i, cell in enumerate(done.cells):
            if not cell:
                return False
            full = possible = 0
            for j in board.neighbours[i]:
                other = done.cells[j]
                if not other:
                    return False
                if EMPTY not in other:
                    full += 1
                    possible += 1
                elif len(other) > 1:
                    possible += 1
            for value in list(cell):
                if value != EMPTY and not full <= value <= possible:
                    cell.remove(value)
                    again = True
    return True


def search(board, done, left_of, tally):
    tally[0] += 1
    if not constrain(board, done, left_of):
        return
    i = done.next_cell()
    if i < 0:
        tally[1] += 1
        return
    for value in done.cells[i]:
        trial = done.copy()
        trial.cells[i] = [value]
        search(board, trial, left_of, tally)
        if tally[0] > 3000:
            return


def main():
    board = Hexagon(3)
    results = []
    for seed in range(3):
        # A random filling says which tiles there are.
        state = seed * 77 + 5
        filled = []
        for _ in board.cells:
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            filled.append(state >> 16 & 3 != 0)
        left_of = dict.fromkeys(range(8), 0)
        for i, full in enumerate(filled):
            left_of[sum(filled[j] for j in board.neighbours[i]) if full else EMPTY] += 1
        tally = [0, 0]
        values = [value for value, count in left_of.items() if count]
        search(board, Done([list(values) for _ in board.cells]), left_of, tally)
        results.append(tally)
    print(results)


main()
