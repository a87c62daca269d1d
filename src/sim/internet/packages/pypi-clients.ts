// Clients of the Python Package Index: redis and requests.

export const REDIS = `# redis: the client's everyday commands over RESP2.
import socket

class RedisError(Exception):
    pass

class ConnectionError(RedisError):
    pass

class TimeoutError(RedisError):
    pass

class ResponseError(RedisError):
    pass

class exceptions:
    RedisError = RedisError
    ConnectionError = ConnectionError
    TimeoutError = TimeoutError
    ResponseError = ResponseError

class Redis:
    def __init__(self, host="localhost", port=6379, db=0, password=None, decode_responses=False, **options):
        self.host, self.port, self.db = host, int(port), db
        self.password, self.decode = password, decode_responses
        self._reader = None

    @classmethod
    def from_url(cls, url, **options):
        rest = url.split("://", 1)[-1]
        address, _, db = rest.partition("/")
        host, _, port = address.rpartition("@")[2].partition(":")
        return cls(host, int(port or 6379), int(db or 0), **options)

    def _connect(self):
        try:
            self._socket = socket.create_connection((self.host, self.port))
        except OSError as error:
            number = error.errno if error.errno is not None else -1
            raise ConnectionError("Error %s connecting to %s:%d. %s." % (number, self.host, self.port, error.strerror))
        self._reader = self._socket.makefile("rb")
        if self.password:
            self._send("AUTH", self.password)
        if self.db:
            self._send("SELECT", self.db)

    def _send(self, *words):
        parts = [("*%d\\r\\n" % len(words)).encode()]
        for word in words:
            word = word if isinstance(word, bytes) else str(word).encode()
            parts.append(("$%d\\r\\n" % len(word)).encode() + word + b"\\r\\n")
        self._socket.sendall(b"".join(parts))
        return self._reply()

    def _reply(self):
        line = self._reader.readline()
        if not line:
            self._reader = None
            raise ConnectionError("Connection closed by server.")
        kind, rest = line[:1], line[1:].strip()
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"-":
            raise ResponseError(rest.decode())
        size = int(rest)
        if size < 0:
            return None
        if kind == b"$":
            return self._reader.read(size + 2)[:-2]
        return [self._reply() for _ in range(size)]

    def _text(self, value):
        if isinstance(value, list):
            return [self._text(one) for one in value]
        return value.decode() if self.decode and isinstance(value, bytes) else value

    def execute_command(self, *words):
        if self._reader is None:
            self._connect()
        try:
            return self._text(self._send(*words))
        except OSError as error:
            self._reader = None
            raise ConnectionError(str(error))

    def ping(self):
        return self.execute_command("PING") in (b"PONG", "PONG")

    def get(self, name):
        return self.execute_command("GET", name)

    def set(self, name, value, ex=None):
        return self.execute_command("SET", name, value, *(["EX", ex] if ex else [])) in (b"OK", "OK")

    def incr(self, name, amount=1):
        return self.execute_command("INCRBY", name, amount)

    def decr(self, name, amount=1):
        return self.execute_command("DECRBY", name, amount)

    def delete(self, *names):
        return self.execute_command("DEL", *names)

    def exists(self, *names):
        return self.execute_command("EXISTS", *names)

    def expire(self, name, seconds):
        return bool(self.execute_command("EXPIRE", name, seconds))

    def ttl(self, name):
        return self.execute_command("TTL", name)

    def keys(self, pattern="*"):
        return self.execute_command("KEYS", pattern)

    def lpush(self, name, *values):
        return self.execute_command("LPUSH", name, *values)

    def rpush(self, name, *values):
        return self.execute_command("RPUSH", name, *values)

    def lpop(self, name):
        return self.execute_command("LPOP", name)

    def rpop(self, name):
        return self.execute_command("RPOP", name)

    def llen(self, name):
        return self.execute_command("LLEN", name)

    def lrange(self, name, start, end):
        return self.execute_command("LRANGE", name, start, end)

    def hset(self, name, key=None, value=None, mapping=None):
        words = [] if key is None else [key, value]
        for pair in (mapping or {}).items():
            words.extend(pair)
        return self.execute_command("HSET", name, *words)

    def hget(self, name, key):
        return self.execute_command("HGET", name, key)

    def hgetall(self, name):
        flat = self.execute_command("HGETALL", name)
        return dict(zip(flat[::2], flat[1::2]))

    def sadd(self, name, *values):
        return self.execute_command("SADD", name, *values)

    def smembers(self, name):
        return set(self.execute_command("SMEMBERS", name))

    def flushall(self):
        return self.execute_command("FLUSHALL") in (b"OK", "OK")

StrictRedis = Redis

def from_url(url, **options):
    return Redis.from_url(url, **options)
`;

export const REQUESTS = `# requests: get, post and the like over http.
import json as _json
from urllib.error import HTTPError as _HTTPError, URLError
from urllib.parse import urlencode, urlparse
from urllib.request import Request, _exchange

class RequestException(IOError):
    pass

class ConnectionError(RequestException):
    pass

class Timeout(RequestException):
    pass

class HTTPError(RequestException):
    pass

class exceptions:
    RequestException = RequestException
    ConnectionError = ConnectionError
    Timeout = Timeout
    HTTPError = HTTPError

class Response:
    def __init__(self, answer):
        self.status_code = answer.status
        self.reason = answer.reason
        self.headers = answer.headers
        self.url = answer.url
        self.content = answer.read()
        self.ok = self.status_code < 400

    @property
    def text(self):
        return self.content.decode()

    def json(self):
        return _json.loads(self.text)

    def raise_for_status(self):
        if self.status_code >= 400:
            side = "Client" if self.status_code < 500 else "Server"
            raise HTTPError("%d %s Error: %s for url: %s" % (self.status_code, side, self.reason, self.url))

    def __repr__(self):
        return "<Response [%d]>" % self.status_code

def request(method, url, params=None, data=None, json=None, headers=None, timeout=None, **options):
    if params:
        url += ("&" if "?" in url else "?") + urlencode(params)
    sent = {"User-Agent": "python-requests/2.32.5", "Accept": "*/*", **(headers or {})}
    body = None
    if json is not None:
        body = _json.dumps(json).encode()
        sent["Content-Type"] = "application/json"
    elif data is not None:
        body = data if isinstance(data, bytes) else (data if isinstance(data, str) else urlencode(data)).encode()
    try:
        return Response(_exchange(Request(url, body, sent, method), timeout))
    except URLError as error:
        parts = urlparse(url)
        raise ConnectionError("HTTPConnectionPool(host='%s', port=%d): Max retries exceeded with url: %s (Caused by NewConnectionError: Failed to establish a new connection: %s)" % (parts.hostname, parts.port or 80, parts.path or "/", error.reason))

def get(url, **options):
    return request("GET", url, **options)

def post(url, **options):
    return request("POST", url, **options)

def put(url, **options):
    return request("PUT", url, **options)

def delete(url, **options):
    return request("DELETE", url, **options)
`;
