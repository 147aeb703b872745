"""There is no mock: what asks for it is skipped."""

from unittest import SkipTest


class _Missing:
    def __call__(self, *args, **kwargs):
        raise SkipTest("needs unittest.mock")

    def __enter__(self):
        raise SkipTest("needs unittest.mock")

    def __exit__(self, *args):
        pass

    def decorate(self, *args, **kwargs):
        def decorator(item):
            item.__unittest_skip__ = True
            item.__unittest_skip_why__ = "needs unittest.mock"
            return item

        return decorator

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Missing()


class _Patch(_Missing):
    def __call__(self, *args, **kwargs):
        return _Patched()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Patch()


class _Patched(_Missing):
    def __call__(self, item):
        item.__unittest_skip__ = True
        item.__unittest_skip_why__ = "needs unittest.mock"
        return item

    def start(self):
        raise SkipTest("needs unittest.mock")


patch = _Patch()
Mock = MagicMock = NonCallableMock = AsyncMock = PropertyMock = mock_open = create_autospec = _Missing()
ANY = call = sentinel = DEFAULT = _Missing()
