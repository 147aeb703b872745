"""dict: counting, looking up by str, int and tuple, building, iterating."""


def main():
    words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"] * 3
    total = 0
    for _ in range(25000):
        counts = {}
        for word in words:
            counts[word] = counts.get(word, 0) + 1
        for key, value in counts.items():
            total += len(key) * value
        if "omega" in counts:
            total += 1
    squares = {i: i * i for i in range(1000)}
    grid = {(i, j): i ^ j for i in range(40) for j in range(40)}
    for _ in range(900):
        for i in range(0, 1000, 3):
            total += squares[i]
        for i in range(40):
            total += grid[i, 39 - i]
        for value in squares.values():
            total ^= value
    record = {"name": "x", "size": 1, "weight": 2.5}
    for i in range(900000):
        record["size"] += 1
        total += record["size"]
    print(total)


main()
