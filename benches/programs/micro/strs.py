"""str: building piece by piece, joining, splitting, comparing, formatting, iterating."""


def main():
    total = 0
    for i in range(60):
        text = ""
        for j in range(4000):
            text += chr(97 + j % 26)
        total += len(text)
        for character in text:
            if character == "e" or character in "xyz":
                total += 1
        parts = text.replace("z", "z ").split()
        total += len(",".join(parts)) + text.count("abc") + text.find("yzab")
        for part in parts:
            if part.startswith("ab") and part.upper() != part:
                total += ord(part[3]) - len(part[::-1])
    for i in range(300000):
        line = f"{i:05d} {i * 2} item{i % 7}"
        total += len(line)
        if line.endswith("3") or line == "00001 2 item1":
            total += 1
        total += len("%s-%d" % ("k", i))
    print(total)


main()
