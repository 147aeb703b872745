"""Random playouts of Go with captures: attributes, method calls, lists, ints, union of groups."""

SIZE = 9
EMPTY, BLACK, WHITE = 0, 1, 2


class Random:
    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self.state >> 12) % n


class Square:
    def __init__(self, board, position):
        self.board = board
        self.position = position
        self.colour = EMPTY
        self.neighbours = []
        self.leader = self
        self.ledges = 0
        self.used = False

    def link(self, squares):
        y, x = divmod(self.position, SIZE)
        for dy, dx in (-1, 0), (1, 0), (0, -1), (0, 1):
            if 0 <= y + dy < SIZE and 0 <= x + dx < SIZE:
                self.neighbours.append(squares[(y + dy) * SIZE + x + dx])

    def find(self):
        leader = self.leader
        if leader is not self:
            leader = leader.find()
            self.leader = leader
        return leader

    def move(self, colour):
        self.colour = colour
        self.leader = self
        self.ledges = 0
        self.used = True
        board = self.board
        for neighbour in self.neighbours:
            if neighbour.colour == EMPTY:
                self.ledges += 1
            else:
                leader = neighbour.find()
                if neighbour.colour == colour:
                    mine = self.find()
                    if leader is not mine:
                        mine.ledges += leader.ledges
                        leader.leader = mine
                    self.find().ledges -= 1
                else:
                    leader.ledges -= 1
                    if leader.ledges == 0:
                        board.captured += neighbour.take(leader)
        board.free.remove(self.position)

    def take(self, leader):
        self.colour = EMPTY
        self.board.free.add(self.position)
        count = 1
        for neighbour in self.neighbours:
            if neighbour.colour != EMPTY:
                other = neighbour.find()
                if other is leader:
                    count += neighbour.take(leader)
                else:
                    other.ledges += 1
        return count


class Free:
    """The empty positions: a random one, removal and addition in constant time."""

    def __init__(self, n):
        self.items = list(range(n))
        self.place = list(range(n))

    def add(self, position):
        self.place[position] = len(self.items)
        self.items.append(position)

    def remove(self, position):
        place = self.place[position]
        last = self.items.pop()
        if last != position:
            self.items[place] = last
            self.place[last] = place


class Board:
    def __init__(self):
        self.squares = [Square(self, i) for i in range(SIZE * SIZE)]
        for square in self.squares:
            square.link(self.squares)
        self.free = Free(SIZE * SIZE)
        self.captured = 0

    def is_useful(self, square, colour):
        strong = weak = empty = own = 0
        for neighbour in square.neighbours:
            if neighbour.colour == EMPTY:
                empty += 1
            elif neighbour.colour == colour:
                own += 1
                if neighbour.find().ledges == 1:
                    weak += 1
            elif neighbour.find().ledges == 1:
                strong += 1
        if empty or strong:
            return own < len(square.neighbours)
        return weak < own < len(square.neighbours)

    def playout(self, random):
        colour = BLACK
        passes = 0
        for _ in range(SIZE * SIZE * 3):
            items = self.free.items
            for _ in range(min(len(items), 8)):
                square = self.squares[items[random.below(len(items))]]
                if self.is_useful(square, colour):
                    square.move(colour)
                    passes = 0
                    break
            else:
                passes += 1
                if passes == 2:
                    break
            colour = BLACK + WHITE - colour

    def score(self):
        return sum(1 if s.colour == BLACK else -1 if s.colour == WHITE else 0 for s in self.squares)


def main():
    random = Random(7)
    total = captured = 0
    for _ in range(800):
        board = Board()
        board.playout(random)
        total += board.score()
        captured += board.captured
    print(total, captured)


main()
