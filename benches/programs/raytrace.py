"""A small ray tracer: objects with operators, floats, recursion."""


class Vector:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y, self.z - other.z)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    __rmul__ = __mul__

    def __neg__(self):
        return Vector(-self.x, -self.y, -self.z)

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    @property
    def length(self):
        return self.dot(self) ** 0.5

    def unit(self):
        return self * (1.0 / self.length)

    def mirrored(self, normal):
        return self - normal * (2.0 * self.dot(normal))


class Ray:
    def __init__(self, origin, direction):
        self.origin = origin
        self.direction = direction.unit()

    def at(self, distance):
        return self.origin + self.direction * distance


class Sphere:
    def __init__(self, centre, radius, surface):
        self.centre = centre
        self.radius = radius
        self.surface = surface

    def hit(self, ray):
        to_centre = self.centre - ray.origin
        along = to_centre.dot(ray.direction)
        square = self.radius * self.radius - (to_centre.dot(to_centre) - along * along)
        if square < 0:
            return None
        distance = along - square ** 0.5
        return distance if distance > 1e-6 else None

    def normal(self, point):
        return (point - self.centre).unit()


class Plane:
    def __init__(self, point, normal, surface):
        self.point = point
        self.upward = normal.unit()
        self.surface = surface

    def hit(self, ray):
        slope = ray.direction.dot(self.upward)
        if abs(slope) < 1e-9:
            return None
        distance = (self.point - ray.origin).dot(self.upward) / slope
        return distance if distance > 1e-6 else None

    def normal(self, point):
        return self.upward


class Surface:
    def __init__(self, colour, mirror=0.2, other=None):
        self.colour = colour
        self.mirror = mirror
        self.other = other

    def colour_at(self, point):
        if self.other is not None and (int(point.x * 2 + 1000) + int(point.z * 2 + 1000)) % 2:
            return self.other
        return self.colour


class Scene:
    def __init__(self):
        self.things = []
        self.lights = []

    def nearest(self, ray):
        best = None
        for thing in self.things:
            distance = thing.hit(ray)
            if distance is not None and (best is None or distance < best[0]):
                best = distance, thing
        return best

    def is_lit(self, point, light):
        ray = Ray(point, light - point)
        return all(thing.hit(ray) is None for thing in self.things)

    def colour(self, ray, depth=0):
        if depth > 3:
            return 0.0, 0.0, 0.0
        found = self.nearest(ray)
        if found is None:
            return 0.1, 0.1, 0.3
        distance, thing = found
        point = ray.at(distance)
        normal = thing.normal(point)
        strength = 0.1
        for light in self.lights:
            if self.is_lit(point, light):
                strength += max(0.0, (light - point).unit().dot(normal))
        surface = thing.surface
        r, g, b = surface.colour_at(point)
        mr, mg, mb = self.colour(Ray(point, ray.direction.mirrored(normal)), depth + 1)
        m = surface.mirror
        return r * strength + mr * m, g * strength + mg * m, b * strength + mb * m


def main():
    scene = Scene()
    scene.lights.append(Vector(30.0, 30.0, 10.0))
    scene.lights.append(Vector(-10.0, 100.0, 30.0))
    for i in range(5):
        scene.things.append(Sphere(Vector(i * 3.0 - 6.0, 1.5, 2.0 * (i % 2)), 1.5, Surface((1.0, 0.2 * i, 0.3))))
    scene.things.append(Plane(Vector(0.0, 0.0, 0.0), Vector(0.0, 1.0, 0.0), Surface((1.0, 1.0, 1.0), 0.1, (0.0, 0.0, 0.0))))
    eye = Vector(0.0, 3.0, 12.0)
    width, height = 112, 63
    total = [0.0, 0.0, 0.0]
    for row in range(height):
        for column in range(width):
            direction = Vector((column - width / 2) / width, (height / 2 - row) / width - 0.1, -1.0)
            for i, value in enumerate(scene.colour(Ray(eye, direction))):
                total[i] += min(value, 1.0)
    print(*(f"{value:.6f}" for value in total))


main()
