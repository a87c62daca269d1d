// dataclasses, typing, and small modules of a few names each.

export const DATACLASSES = `
class _Missing:
    pass

class _Field:
    def __init__(self, default, default_factory):
        self.default = default
        self.default_factory = default_factory

def field(default=_Missing, default_factory=_Missing, **rest):
    return _Field(default, default_factory)

def _names(cls):
    names = []
    for one in reversed(cls.__mro__):
        for name in one.__dict__.get("__annotations__", {}):
            if name not in names:
                names.append(name)
    return names

def dataclass(cls=None, frozen=False, order=False, **options):
    def decorate(cls):
        names = _names(cls)

        def __init__(self, *args, **kwargs):
            if len(args) > len(names):
                raise TypeError("%s.__init__() takes %d positional arguments but %d were given" % (cls.__name__, len(names) + 1, len(args) + 1))
            given = dict(zip(names, args))
            for key in kwargs:
                if key not in names:
                    raise TypeError("%s.__init__() got an unexpected keyword argument %r" % (cls.__name__, key))
                given[key] = kwargs[key]
            missing = []
            for name in names:
                default = getattr(cls, name, _Missing)
                if name in given:
                    value = given[name]
                elif isinstance(default, _Field):
                    value = default.default if default.default_factory is _Missing else default.default_factory()
                else:
                    value = default
                if value is _Missing:
                    missing.append(name)
                setattr(self, name, value)
            if missing:
                raise TypeError("%s.__init__() missing %d required positional argument%s: %s" % (cls.__name__, len(missing), "" if len(missing) == 1 else "s", " and ".join(repr(n) for n in missing)))
            if hasattr(self, "__post_init__"):
                self.__post_init__()

        def values(self):
            return tuple(getattr(self, name) for name in names)

        def text(self):
            return cls.__name__ + "(" + ", ".join("%s=%r" % (name, getattr(self, name)) for name in names) + ")"

        cls.__init__ = __init__
        if not hasattr(cls, "__repr__"):
            cls.__repr__ = text
        cls.__eq__ = lambda self, other: type(self) is type(other) and values(self) == values(other)
        cls.__dataclass_fields__ = names
        if order:
            cls.__lt__ = lambda self, other: values(self) < values(other)
        return cls

    return decorate if cls is None else decorate(cls)

def asdict(value):
    if isinstance(value, list):
        return [asdict(item) for item in value]
    if not hasattr(type(value), "__dataclass_fields__"):
        return value
    return {name: asdict(getattr(value, name)) for name in value.__dataclass_fields__}

def fields(value):
    return value.__dataclass_fields__
`;

export const TYPING = `
class _Any:
    def __getitem__(self, index):
        return self

    def __call__(self, *args, **kwargs):
        return args[1] if len(args) > 1 else self

    def __or__(self, other):
        return self

Any = Optional = Union = List = Dict = Tuple = Set = Callable = Iterable = Iterator = _Any()
Sequence = Mapping = Generator = Literal = ClassVar = Final = Type = NoReturn = TypeVar = _Any()

class Generic:
    pass

class Protocol:
    pass

NamedTuple = TypedDict = Protocol

def cast(kind, value):
    return value

TYPE_CHECKING = False
`;

const PLATFORM = `
import os, sys

def system():
    return "Linux"

def node():
    return os.uname().nodename

def release():
    return os.uname().release

def version():
    return os.uname().version

def machine():
    return os.uname().machine

def python_version():
    return sys.version.split()[0]

def python_implementation():
    return "CPython"

def platform():
    return "Linux-" + release() + "-" + machine() + "-with-glibc2.36"
`;

const ERRNO = [
  ['EPERM', 1],
  ['ENOENT', 2],
  ['ESRCH', 3],
  ['EINTR', 4],
  ['EIO', 5],
  ['EBADF', 9],
  ['ECHILD', 10],
  ['EAGAIN', 11],
  ['ENOMEM', 12],
  ['EACCES', 13],
  ['EEXIST', 17],
  ['ENOTDIR', 20],
  ['EISDIR', 21],
  ['EINVAL', 22],
  ['ENOSPC', 28],
  ['EPIPE', 32],
  ['ENOTEMPTY', 39],
  ['EADDRINUSE', 98],
  ['ECONNRESET', 104],
  ['ETIMEDOUT', 110],
  ['ECONNREFUSED', 111],
  ['EHOSTUNREACH', 113],
]
  .map(([name, number]) => `${name} = ${number}\n`)
  .join('');

const UUID = `
import os

class UUID:
    def __init__(self, hex):
        self.hex = hex.replace("-", "")

    def __str__(self):
        h = self.hex
        return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]

    def __repr__(self):
        return "UUID('%s')" % self

    def __eq__(self, other):
        return isinstance(other, UUID) and self.hex == other.hex

def uuid4():
    digits = list(os.urandom(16).hex())
    digits[12] = "4"
    digits[16] = "89ab"[int(digits[16], 16) % 4]
    return UUID("".join(digits))
`;

const SECRETS = `
import os, base64

def token_bytes(nbytes=32):
    return os.urandom(nbytes)

def token_hex(nbytes=32):
    return os.urandom(nbytes).hex()

def token_urlsafe(nbytes=32):
    return base64.urlsafe_b64encode(os.urandom(nbytes)).decode().rstrip("=")
`;

const GLOB = `
import os, re

def glob(pattern):
    directory, name = os.path.split(pattern)
    expression = "^" + re.escape(name).replace("\\\\*", "[^/]*").replace("\\\\?", "[^/]") + "$"
    if not os.path.isdir(directory or "."):
        return []
    found = [one for one in os.listdir(directory or ".") if re.match(expression, one) and (name.startswith(".") or not one.startswith("."))]
    return [os.path.join(directory, one) for one in found]
`;

const TEXTWRAP = `
def dedent(text):
    lines = text.split("\\n")
    margins = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    margin = min(margins) if margins else 0
    return "\\n".join(line[margin:] if line.strip() else "" for line in lines)

def indent(text, prefix):
    return "".join(prefix + line if line.strip() else line for line in text.splitlines(True))
`;

/** Modules of a few names. */
export const SMALL: Readonly<Record<string, string>> = {
  abc: 'class ABC:\n    pass\n\ndef abstractmethod(function):\n    return function\n',
  errno: ERRNO,
  getpass: 'import os\n\ndef getuser():\n    return os.environ.get("USER") or "root"\n',
  glob: GLOB,
  platform: PLATFORM,
  secrets: SECRETS,
  textwrap: TEXTWRAP,
  types:
    'class SimpleNamespace:\n    def __init__(self, **kwargs):\n        for key in kwargs:\n            setattr(self, key, kwargs[key])\n',
  uuid: UUID,
};
