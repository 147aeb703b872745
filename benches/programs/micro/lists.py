"""list: appending, popping, indexing, slicing, iterating, searching."""


def main():
    total = 0
    for _ in range(160):
        items = []
        for i in range(5000):
            items.append(i * 7 % 31)
        for i in range(len(items)):
            total += items[i]
        for i in range(1, len(items) - 1):
            items[i] = items[i - 1] + items[i + 1] & 63
        total += sum(items[::3]) + len(items[100:-100])
        total += items.index(items[2500]) + items.count(7)
        for item in reversed(items):
            total ^= item
        while items:
            total += items.pop()
        matrix = [[i * j for j in range(30)] for i in range(30)]
        total += sum(matrix[i][i] for i in range(30))
    print(total)


main()
