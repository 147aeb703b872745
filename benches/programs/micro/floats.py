"""Float arithmetic: a Mandelbrot set and a numeric integral."""


def mandelbrot(size, limit):
    inside = 0
    for row in range(size):
        y = 2.0 * row / size - 1.0
        for column in range(size):
            x = 3.0 * column / size - 2.0
            a = b = 0.0
            for _ in range(limit):
                a, b = a * a - b * b + x, 2.0 * a * b + y
                if a * a + b * b > 4.0:
                    break
            else:
                inside += 1
    return inside


def integral(n):
    total = 0.0
    step = 1.0 / n
    x = step / 2
    for _ in range(n):
        total += 4.0 / (1.0 + x * x)
        x += step
    return total / n


def main():
    print(mandelbrot(200, 80), f"{integral(1500000):.9f}")


main()
