from . import other


def value():
    return other.__name__.upper()
