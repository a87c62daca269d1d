// collections, itertools, functools, operator, contextlib and copy.

export const COLLECTIONS = `
class OrderedDict(dict):
    def move_to_end(self, key, last=True):
        value = self.pop(key)
        rest = list(self.items())
        self.clear()
        if last:
            self.update(rest)
        self[key] = value
        if not last:
            self.update(rest)

class defaultdict(dict):
    def __init__(self, default_factory=None, *args, **kwargs):
        self.default_factory = default_factory
        self.update(*args, **kwargs)

    def __missing__(self, key):
        if self.default_factory is None:
            raise KeyError(key)
        value = self.default_factory()
        self[key] = value
        return value

    def __repr__(self):
        return "defaultdict(%r, %r)" % (self.default_factory, dict(self))

class Counter(dict):
    def __init__(self, iterable=None, **kwargs):
        if isinstance(iterable, dict):
            self.update_from(iterable)
        elif iterable is not None:
            for item in iterable:
                self[item] = self.get(item, 0) + 1
        for key in kwargs:
            self[key] = kwargs[key]

    def update_from(self, mapping):
        for key in mapping:
            self[key] = mapping[key]

    def __missing__(self, key):
        return 0

    def update(self, iterable):
        if isinstance(iterable, dict):
            for key in iterable:
                self[key] = self[key] + iterable[key]
        else:
            for item in iterable:
                self[item] = self[item] + 1

    def most_common(self, n=None):
        pairs = sorted(self.items(), key=lambda pair: pair[1], reverse=True)
        return pairs if n is None else pairs[:n]

    def elements(self):
        for key in self:
            for _ in range(self[key]):
                yield key

    def total(self):
        return sum(self.values())

    def __repr__(self):
        if not self:
            return "Counter()"
        return "Counter({" + ", ".join("%r: %r" % pair for pair in self.most_common()) + "})"

class deque:
    def __init__(self, iterable=(), maxlen=None):
        self._items = []
        self.maxlen = maxlen
        for item in iterable:
            self.append(item)

    def append(self, item):
        self._items.append(item)
        if self.maxlen is not None and len(self._items) > self.maxlen:
            self._items.pop(0)

    def appendleft(self, item):
        self._items.insert(0, item)
        if self.maxlen is not None and len(self._items) > self.maxlen:
            self._items.pop()

    def pop(self):
        if not self._items:
            raise IndexError("pop from an empty deque")
        return self._items.pop()

    def popleft(self):
        if not self._items:
            raise IndexError("pop from an empty deque")
        return self._items.pop(0)

    def extend(self, iterable):
        for item in iterable:
            self.append(item)

    def clear(self):
        self._items.clear()

    def __len__(self):
        return len(self._items)

    def __iter__(self):
        return iter(self._items)

    def __getitem__(self, index):
        return self._items[index]

    def __contains__(self, item):
        return item in self._items

    def __repr__(self):
        if self.maxlen is None:
            return "deque(%r)" % (self._items,)
        return "deque(%r, maxlen=%r)" % (self._items, self.maxlen)

def namedtuple(typename, field_names, defaults=()):
    names = field_names.replace(",", " ").split() if isinstance(field_names, str) else list(field_names)
    optional = dict(zip(names[len(names) - len(defaults):], defaults))

    def __init__(self, *args, **kwargs):
        values = dict(zip(names, args))
        values.update(kwargs)
        for name in names:
            if name not in values and name not in optional:
                raise TypeError("%s.__new__() missing 1 required positional argument: %r" % (typename, name))
            setattr(self, name, values.get(name, optional.get(name)))

    def items(self):
        return tuple(getattr(self, name) for name in names)

    def text(self):
        return typename + "(" + ", ".join("%s=%r" % (name, getattr(self, name)) for name in names) + ")"

    return type(typename, (object,), {
        "__init__": __init__,
        "_fields": tuple(names),
        "_asdict": lambda self: dict(zip(names, items(self))),
        "_replace": lambda self, **kwargs: type(self)(**{**dict(zip(names, items(self))), **kwargs}),
        "__iter__": lambda self: iter(items(self)),
        "__getitem__": lambda self, index: items(self)[index],
        "__len__": lambda self: len(names),
        "__eq__": lambda self, other: items(self) == tuple(other),
        "__lt__": lambda self, other: items(self) < tuple(other),
        "__repr__": text,
    })
`;

export const ITERTOOLS = `
def count(start=0, step=1):
    while True:
        yield start
        start += step

def cycle(iterable):
    items = list(iterable)
    while items:
        for item in items:
            yield item

def repeat(item, times=None):
    done = 0
    while times is None or done < times:
        yield item
        done += 1

def chain(*iterables):
    for iterable in iterables:
        for item in iterable:
            yield item

def islice(iterable, start, stop=None, step=1):
    if stop is None:
        start, stop = 0, start
    at = 0
    following = start
    for item in iterable:
        if stop is not None and at >= stop:
            return
        if at == following:
            yield item
            following += step
        at += 1
        if stop is not None and at >= stop:
            return

def takewhile(test, iterable):
    for item in iterable:
        if not test(item):
            return
        yield item

def dropwhile(test, iterable):
    dropping = True
    for item in iterable:
        if dropping and test(item):
            continue
        dropping = False
        yield item

def accumulate(iterable, func=None):
    total = None
    first = True
    for item in iterable:
        if first:
            total = item
        else:
            total = total + item if func is None else func(total, item)
        first = False
        yield total

def product(*iterables, repeat=1):
    pools = [list(one) for one in iterables] * repeat
    out = [()]
    for pool in pools:
        out = [before + (item,) for before in out for item in pool]
    for item in out:
        yield item

def permutations(iterable, r=None):
    items = list(iterable)
    size = len(items) if r is None else r
    if size == 0:
        yield ()
        return
    for at, item in enumerate(items):
        for rest in permutations(items[:at] + items[at + 1:], size - 1):
            yield (item,) + rest

def combinations(iterable, r):
    items = list(iterable)
    if r == 0:
        yield ()
        return
    for at, item in enumerate(items):
        for rest in combinations(items[at + 1:], r - 1):
            yield (item,) + rest

def groupby(iterable, key=None):
    group = []
    current = None
    for item in iterable:
        value = item if key is None else key(item)
        if group and value != current:
            yield current, group
            group = []
        current = value
        group.append(item)
    if group:
        yield current, group

def zip_longest(*iterables, fillvalue=None):
    lists = [list(one) for one in iterables]
    for at in range(max(len(one) for one in lists)):
        yield tuple(one[at] if at < len(one) else fillvalue for one in lists)
`;

export const FUNCTOOLS = `
def reduce(function, iterable, *initial):
    items = iter(iterable)
    if initial:
        value = initial[0]
    else:
        value = next(items, reduce)
        if value is reduce:
            raise TypeError("reduce() of empty iterable with no initial value")
    for item in items:
        value = function(value, item)
    return value

def partial(function, *args, **kwargs):
    def call(*more, **others):
        return function(*args, *more, **{**kwargs, **others})
    return call

def wraps(wrapped):
    def decorate(wrapper):
        wrapper.__wrapped__ = wrapped
        wrapper.__name__ = wrapped.__name__
        return wrapper
    return decorate

def lru_cache(maxsize=128, typed=False):
    def decorate(function):
        known = {}
        def call(*args, **kwargs):
            key = (args, tuple(sorted(kwargs.items())))
            if key not in known:
                known[key] = function(*args, **kwargs)
            return known[key]
        call.cache_clear = known.clear
        return call
    if callable(maxsize):
        return decorate(maxsize)
    return decorate

def cache(function):
    return lru_cache(None)(function)

def cmp_to_key(compare):
    class Key:
        def __init__(self, value):
            self.value = value
        def __lt__(self, other):
            return compare(self.value, other.value) < 0
    return Key
`;

export const OPERATOR = `
def itemgetter(*keys):
    if len(keys) == 1:
        return lambda value: value[keys[0]]
    return lambda value: tuple(value[key] for key in keys)

def attrgetter(*names):
    if len(names) == 1:
        return lambda value: getattr(value, names[0])
    return lambda value: tuple(getattr(value, name) for name in names)

def add(a, b):
    return a + b

def sub(a, b):
    return a - b

def mul(a, b):
    return a * b

def truediv(a, b):
    return a / b
`;

export const CONTEXTLIB = `
class _Manager:
    def __init__(self, steps):
        self.steps = steps

    def __enter__(self):
        return next(self.steps)

    def __exit__(self, kind, value, trace):
        if kind is None:
            next(self.steps, None)
        return False

def contextmanager(function):
    def make(*args, **kwargs):
        return _Manager(function(*args, **kwargs))
    return make

class suppress:
    def __init__(self, *exceptions):
        self.exceptions = exceptions

    def __enter__(self):
        return None

    def __exit__(self, kind, value, trace):
        return kind is not None and issubclass(kind, self.exceptions)

class closing:
    def __init__(self, thing):
        self.thing = thing

    def __enter__(self):
        return self.thing

    def __exit__(self, kind, value, trace):
        self.thing.close()
`;

export const COPY = `
def copy(value):
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, list):
        return list(value)
    if isinstance(value, set):
        return set(value)
    return value

def deepcopy(value):
    if isinstance(value, dict):
        return {deepcopy(key): deepcopy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [deepcopy(item) for item in value]
    if isinstance(value, tuple):
        return tuple(deepcopy(item) for item in value)
    if isinstance(value, set):
        return {deepcopy(item) for item in value}
    return value
`;
