"""A chain of lists that grows without end, and a program that would rather not stop."""
while True:
    chain = []
    try:
        while True:
            chain = [chain]
    except BaseException:
        pass
