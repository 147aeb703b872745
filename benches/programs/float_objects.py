"""Many small objects of three floats, made, normalised and maximised: allocation, attributes, methods."""


def sine(x):
    """By its series, x being small."""
    x %= 6.283185307179586
    term = total = x
    for n in (2, 4, 6, 8, 10, 12):
        term *= -x * x / (n * (n + 1))
        total += term
    return total


class Point:
    __slots__ = ("x", "y", "z")

    def __init__(self, i):
        self.x = x = sine(i)
        self.y = sine(i + 1.5707963) * 3
        self.z = x * x / 2

    def __repr__(self):
        return f"<Point: x={self.x:.6f}, y={self.y:.6f}, z={self.z:.6f}>"

    def normalize(self):
        x, y, z = self.x, self.y, self.z
        norm = (x * x + y * y + z * z) ** 0.5
        self.x /= norm
        self.y /= norm
        self.z /= norm

    def maximize(self, other):
        self.x = self.x if self.x > other.x else other.x
        self.y = self.y if self.y > other.y else other.y
        self.z = self.z if self.z > other.z else other.z
        return self


def maximize(points):
    following = points[0]
    for point in points[1:]:
        following = following.maximize(point)
    return following


def main():
    n = 20000
    for _ in range(9):
        points = [None] * n
        for i in range(n):
            points[i] = Point(i)
        for point in points:
            point.normalize()
        best = maximize(points)
    print(best)


main()
