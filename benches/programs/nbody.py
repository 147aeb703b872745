"""The planets of the solar system, stepped by a symplectic integrator: floats, lists, unpacking."""

DAYS = 365.24
SOLAR_MASS = 39.47841760435743

# Position, velocity (a year's) and mass of the sun and the four giants.
SYSTEM = {
    "sun": ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], SOLAR_MASS),
    "jupiter": ([4.84143144246472090, -1.16032004402742839, -0.103622044471123109],
                [0.00166007664274403694 * DAYS, 0.00769901118419740425 * DAYS, -0.0000690460016972063023 * DAYS],
                0.000954791938424326609 * SOLAR_MASS),
    "saturn": ([8.34336671824457987, 4.12479856412430479, -0.403523417114321381],
               [-0.00276742510726411 * DAYS, 0.00499852801234917238 * DAYS, 0.0000230417297573763929 * DAYS],
               0.000285885980666130812 * SOLAR_MASS),
    "uranus": ([12.8943695621391310, -15.1111514016986312, -0.223307578892655734],
               [0.00296460137564761618 * DAYS, 0.00237847173959480950 * DAYS, -0.0000296589568540237556 * DAYS],
               0.0000436624404335156298 * SOLAR_MASS),
    "neptune": ([15.3796971148509165, -25.9193146099879641, 0.179258772950371181],
                [0.00268067772490389322 * DAYS, 0.00162824170038242295 * DAYS, -0.0000951592254519715870 * DAYS],
                0.0000515138902046611451 * SOLAR_MASS),
}


def pairs_of(bodies):
    return [(bodies[i], bodies[j]) for i in range(len(bodies)) for j in range(i + 1, len(bodies))]


def energy(bodies, pairs):
    total = 0.0
    for (p, v, m), (q, w, n) in pairs:
        dx, dy, dz = p[0] - q[0], p[1] - q[1], p[2] - q[2]
        total -= m * n / (dx * dx + dy * dy + dz * dz) ** 0.5
    for p, (vx, vy, vz), m in bodies:
        total += m * (vx * vx + vy * vy + vz * vz) / 2.0
    return total


def settle(bodies, sun):
    """Gives the sun the velocity that keeps the whole at rest."""
    px = py = pz = 0.0
    for p, (vx, vy, vz), m in bodies:
        px -= vx * m
        py -= vy * m
        pz -= vz * m
    velocity = sun[1]
    velocity[0], velocity[1], velocity[2] = px / sun[2], py / sun[2], pz / sun[2]


def advance(dt, steps, bodies, pairs):
    for _ in range(steps):
        for ((x1, y1, z1), v1, m1), ((x2, y2, z2), v2, m2) in pairs:
            dx = x1 - x2
            dy = y1 - y2
            dz = z1 - z2
            strength = dt * (dx * dx + dy * dy + dz * dz) ** -1.5
            by1 = m1 * strength
            by2 = m2 * strength
            v1[0] -= dx * by2
            v1[1] -= dy * by2
            v1[2] -= dz * by2
            v2[0] += dx * by1
            v2[1] += dy * by1
            v2[2] += dz * by1
        for position, (vx, vy, vz), _mass in bodies:
            position[0] += dt * vx
            position[1] += dt * vy
            position[2] += dt * vz


def main():
    bodies = list(SYSTEM.values())
    pairs = pairs_of(bodies)
    settle(bodies, SYSTEM["sun"])
    before = energy(bodies, pairs)
    advance(0.01, 40000, bodies, pairs)
    print(f"{before:.9f} {energy(bodies, pairs):.9f}")


main()
