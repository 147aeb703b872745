"""A stand-in for test.support.os_helper."""

import sys
import unittest

try:
    import os
except (ImportError, NotImplementedError):
    os = None

try:
    TESTFN_ASCII = "@test_%d_tmp" % os.getpid()
except (AttributeError, TypeError):
    TESTFN_ASCII = "@test_tmp"
TESTFN = TESTFN_ASCII + "\xe6"
TESTFN_UNICODE = TESTFN_ASCII + "-\xe0\xf2\u0258\u0141\u011f"
TESTFN_UNENCODABLE = None
TESTFN_UNDECODABLE = None
TESTFN_NONASCII = TESTFN
FS_NONASCII = "\xe6"
SAVEDCWD = "."
SAVECWD = SAVEDCWD


def unlink(path):
    try:
        os.unlink(path)
    except (FileNotFoundError, NotADirectoryError):
        pass


def rmdir(path):
    try:
        os.rmdir(path)
    except FileNotFoundError:
        pass


def rmtree(path):
    try:
        names = os.listdir(path)
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        name = os.path.join(path, name)
        if os.path.isdir(name) and not os.path.islink(name):
            rmtree(name)
        else:
            unlink(name)
    os.rmdir(path)


class temp_dir:
    def __init__(self, path=None, quiet=False):
        self.path = path or os.path.abspath(TESTFN_ASCII + "_dir")

    def __enter__(self):
        os.mkdir(self.path)
        return self.path

    def __exit__(self, *args):
        rmtree(self.path)


class change_cwd:
    def __init__(self, path, quiet=False):
        self.path = path

    def __enter__(self):
        self.old = os.getcwd()
        os.chdir(self.path)
        return os.getcwd()

    def __exit__(self, *args):
        os.chdir(self.old)


class temp_cwd:
    def __init__(self, name="tempcwd", quiet=False):
        self.name = name

    def __enter__(self):
        self.old = os.getcwd()
        self.path = os.path.abspath(self.name)
        os.mkdir(self.path)
        os.chdir(self.path)
        return self.path

    def __exit__(self, *args):
        os.chdir(self.old)
        rmtree(self.path)


def create_empty_file(filename):
    open(filename, "w").close()


def make_bad_fd():
    file = open(TESTFN, "wb")
    try:
        return file.fileno()
    finally:
        file.close()
        unlink(TESTFN)


class FakePath:
    def __init__(self, path):
        self.path = path

    def __repr__(self):
        return "<FakePath %r>" % (self.path,)

    def __fspath__(self):
        if isinstance(self.path, BaseException) or isinstance(self.path, type) and issubclass(self.path, BaseException):
            raise self.path
        return self.path


def fd_count():
    return len(os.listdir("/proc/self/fd"))


def can_symlink():
    return True


def can_hardlink():
    return True


class open_dir_fd:
    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.fd = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        return self.fd

    def __exit__(self, *args):
        os.close(self.fd)


class temp_umask:
    def __init__(self, umask):
        self.umask = umask

    def __enter__(self):
        self.old = os.umask(self.umask)

    def __exit__(self, *args):
        os.umask(self.old)


def can_xattr():
    return False


def can_chmod():
    return True


def fs_is_case_insensitive(folder):
    return False


def skip_unless_symlink(item):
    return item


skip_unless_hardlink = skip_unless_dac_override = skip_if_dac_override = skip_unless_working_chmod = skip_unless_symlink


def skip_unless_xattr(item):
    return unittest.skip("needs extended attributes")(item)


class EnvironmentVarGuard:
    def __init__(self):
        self.saved = None

    def _change(self):
        if self.saved is None:
            self.saved = dict(os.environ)

    def __getitem__(self, name):
        return os.environ[name]

    def __setitem__(self, name, value):
        self._change()
        os.environ[name] = value

    def __delitem__(self, name):
        self._change()
        os.environ.pop(name, None)

    def __contains__(self, name):
        return name in os.environ

    def __iter__(self):
        return iter(os.environ)

    def __len__(self):
        return len(os.environ)

    def get(self, name, default=None):
        return os.environ.get(name, default)

    def set(self, name, value):
        self[name] = value

    def unset(self, *names):
        for name in names:
            del self[name]

    def clear(self):
        self._change()
        os.environ.clear()

    def update(self, *args, **kwargs):
        self._change()
        os.environ.update(*args, **kwargs)

    def keys(self):
        return os.environ.keys()

    def copy(self):
        return dict(os.environ)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        if self.saved is not None:
            os.environ.clear()
            os.environ.update(self.saved)
            self.saved = None


class save_mode:
    def __init__(self, path, *, quiet=False):
        self.path = path

    def __enter__(self):
        self.mode = os.stat(self.path).st_mode

    def __exit__(self, *args):
        os.chmod(self.path, self.mode)


class subst_drive:
    def __init__(self, path):
        raise unittest.SkipTest("needs Windows")
