"""The chaos game on a spline: float objects with operators, lists, an inline random generator."""


class Random:
    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self.state >> 8) % n

    def fraction(self):
        return self.below(1 << 20) / (1 << 20)


class Point:
    def __init__(self, x=0.0, y=0.0):
        self.x = x
        self.y = y

    def distance(self, other):
        return ((self.x - other.x) ** 2 + (self.y - other.y) ** 2) ** 0.5

    def mix(self, other, share):
        return Point(self.x * (1.0 - share) + other.x * share, self.y * (1.0 - share) + other.y * share)

    def __repr__(self):
        return f"Point({self.x:.3f}, {self.y:.3f})"


class Spline:
    def __init__(self, points, degree):
        self.points = points
        self.degree = degree
        inner = len(points) - degree
        self.knots = [0] * degree + list(range(inner + 1)) + [inner] * degree

    def domain(self):
        return self.knots[self.degree - 1], self.knots[len(self.knots) - self.degree]

    def span(self, u):
        low, high = self.domain()
        if u >= high:
            u = high - 1e-9
        for i in range(self.degree, len(self.knots) - self.degree):
            if self.knots[i] <= u < self.knots[i + 1]:
                return i, u
        return self.degree, float(low)

    def __call__(self, u):
        k, u = self.span(u)
        work = [self.points[i] for i in range(k - self.degree, k + 1)]
        for level in range(1, self.degree + 1):
            for j in range(self.degree, level - 1, -1):
                left = self.knots[j + k - self.degree]
                right = self.knots[j + 1 + k - level]
                share = (u - left) / (right - left)
                work[j] = work[j - 1].mix(work[j], share)
        return work[self.degree]


class Game:
    def __init__(self, splines, thickness):
        self.splines = splines
        self.thickness = thickness
        self.lengths = [self.measure(spline) for spline in splines]
        self.total = sum(self.lengths)
        self.random = Random(1234)

    def measure(self, spline):
        low, high = spline.domain()
        previous = spline(low)
        length = 0.0
        for i in range(1, 100):
            current = spline(low + (high - low) * i / 100)
            length += previous.distance(current)
            previous = current
        return length

    def choose(self):
        at = self.random.fraction() * self.total
        for index, length in enumerate(self.lengths):
            if at <= length:
                return index, at / length
            at -= length
        return len(self.lengths) - 1, 1.0

    def step(self, point):
        index, part = self.choose()
        spline = self.splines[index]
        low, high = spline.domain()
        basis = spline(low + (high - low) * part)
        after = spline(low + (high - low) * min(1.0, part + 0.02))
        dx, dy = after.x - basis.x, after.y - basis.y
        norm = (dx * dx + dy * dy) ** 0.5 or 1.0
        basis.x += dy / norm * (point.x - 0.5) * self.thickness
        basis.y -= dx / norm * (point.x - 0.5) * self.thickness
        return self.clip(basis)

    def clip(self, point):
        point.x = min(max(point.x, 0.0), 1.9)
        point.y = min(max(point.y, 0.0), 1.9)
        return point


def main():
    game = Game([
        Spline([Point(1.59, 0.30), Point(1.57, 0.29), Point(1.31, 1.31), Point(1.74, 1.66), Point(1.90, 1.20)], 3),
        Spline([Point(0.30, 1.50), Point(0.90, 1.83), Point(1.29, 1.28), Point(0.85, 1.25)], 3),
        Spline([Point(0.10, 0.20), Point(0.40, 0.90), Point(1.00, 0.50), Point(1.60, 0.15), Point(1.80, 0.70)], 3),
    ], 0.25)
    point = Point(0.5, 0.5)
    grid = [[0] * 40 for _ in range(40)]
    for _ in range(20000):
        point = game.step(point)
        grid[int(point.y * 20)][int(point.x * 20)] += 1
    print(point, sum(map(max, grid)), sum(1 for row in grid for cell in row if cell))


main()
