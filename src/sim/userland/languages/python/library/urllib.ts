// urllib.parse, urllib.error and urllib.request: URLs, and requests over plain sockets (http only).

export const URLLIB_PARSE = `
_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~"

def quote(text, safe="/"):
    return "".join(chr(byte) if chr(byte) in _SAFE + safe else "%%%02X" % byte for byte in str(text).encode())

def quote_plus(text, safe=""):
    return quote(text, safe + " ").replace(" ", "+")

def unquote(text):
    parts = text.split("%")
    out = parts[0].encode()
    for part in parts[1:]:
        try:
            out += bytes([int(part[:2], 16)]) + part[2:].encode()
        except ValueError:
            out += b"%" + part.encode()
    return out.decode()

def unquote_plus(text):
    return unquote(text.replace("+", " "))

def urlencode(query):
    pairs = query.items() if isinstance(query, dict) else query
    return "&".join(quote_plus(str(key)) + "=" + quote_plus(str(value)) for key, value in pairs)

def parse_qsl(text):
    out = []
    for part in text.split("&"):
        if part:
            key, _, value = part.partition("=")
            if value:
                out.append((unquote_plus(key), unquote_plus(value)))
    return out

def parse_qs(text):
    out = {}
    for key, value in parse_qsl(text):
        out.setdefault(key, []).append(value)
    return out

class ParseResult:
    def __init__(self, scheme, netloc, path, params, query, fragment):
        self.scheme, self.netloc, self.path = scheme, netloc, path
        self.params, self.query, self.fragment = params, query, fragment

    @property
    def hostname(self):
        host = self.netloc.rpartition("@")[2].partition(":")[0].lower()
        return host or None

    @property
    def port(self):
        port = self.netloc.rpartition("@")[2].partition(":")[2]
        return int(port) if port else None

    def __iter__(self):
        return iter((self.scheme, self.netloc, self.path, self.params, self.query, self.fragment))

    def __getitem__(self, index):
        return tuple(self)[index]

    def geturl(self):
        text = self.path
        if self.netloc:
            text = "//" + self.netloc + text
        if self.scheme:
            text = self.scheme + ":" + text
        if self.query:
            text += "?" + self.query
        return text + "#" + self.fragment if self.fragment else text

    def __repr__(self):
        return "ParseResult(scheme=%r, netloc=%r, path=%r, params=%r, query=%r, fragment=%r)" % tuple(self)

def urlparse(url):
    rest, _, fragment = url.partition("#")
    rest, _, query = rest.partition("?")
    scheme = netloc = ""
    if "://" in rest:
        scheme, _, rest = rest.partition("://")
        netloc, slash, rest = rest.partition("/")
        rest = slash + rest
    return ParseResult(scheme.lower(), netloc, rest, "", query, fragment)

urlsplit = urlparse

def urljoin(base, url):
    if "://" in url:
        return url
    parts = urlparse(base)
    root = parts.scheme + "://" + parts.netloc
    if url.startswith("/"):
        return root + url
    return root + parts.path.rpartition("/")[0] + "/" + url
`;

export const URLLIB_ERROR = `
class URLError(OSError):
    def __init__(self, reason):
        self.reason = reason

    def __str__(self):
        return "<urlopen error %s>" % self.reason

class HTTPError(URLError):
    def __init__(self, url, code, msg, hdrs, body):
        self.url, self.code, self.msg, self.headers, self._body = url, code, msg, hdrs, body
        self.status = code
        self.reason = msg

    def read(self):
        return self._body

    def __str__(self):
        return "HTTP Error %s: %s" % (self.code, self.msg)
`;

export const URLLIB_REQUEST = `
import json, socket, sys, urllib.parse
from urllib.error import HTTPError, URLError

class Request:
    def __init__(self, url, data=None, headers=None, method=None):
        self.full_url = url
        self.data = data
        self.headers = dict(headers or {})
        self.method = method or ("GET" if data is None else "POST")

    def add_header(self, name, value):
        self.headers[name] = value

class _Response:
    def __init__(self, url, status, reason, headers, body):
        self.url, self.status, self.code, self.reason = url, status, status, reason
        self.headers, self._body = headers, body

    def read(self):
        body = self._body
        self._body = b""
        return body

    def getcode(self):
        return self.status

    def getheader(self, name, default=None):
        return self.headers.get(name.lower(), default)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        return False

def _exchange(request, timeout):
    parts = urllib.parse.urlparse(request.full_url)
    if parts.scheme != "http":
        raise URLError("unknown url type: %s" % parts.scheme)
    try:
        connection = socket.create_connection((parts.hostname, parts.port or 80), timeout)
    except OSError as error:
        raise URLError(error)
    target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    headers = {"Accept-Encoding": "identity", "Host": parts.netloc,
               "User-Agent": "Python-urllib/" + ".".join(sys.version.split(".")[:2]), "Connection": "close"}
    headers.update(request.headers)
    if request.data is not None:
        headers["Content-Length"] = str(len(request.data))
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    head = "%s %s HTTP/1.1\\r\\n" % (request.method, target)
    head += "".join("%s: %s\\r\\n" % pair for pair in headers.items()) + "\\r\\n"
    connection.sendall(head.encode() + (request.data or b""))
    reader = connection.makefile("rb")
    status = reader.readline().decode().split(None, 2)
    answers = {}
    while True:
        line = reader.readline().decode().strip()
        if not line:
            break
        name, _, value = line.partition(":")
        answers[name.lower()] = value.strip()
    if "chunked" in answers.get("transfer-encoding", ""):
        body = b""
        while True:
            size = int(reader.readline().strip() or b"0", 16)
            if size == 0:
                break
            body += reader.read(size)
            reader.readline()
    elif "content-length" in answers:
        body = reader.read(int(answers["content-length"]))
    else:
        body = reader.read()
    reader.close()
    connection.close()
    reason = status[2].strip() if len(status) > 2 else ""
    return _Response(request.full_url, int(status[1]), reason, answers, body)

def urlopen(url, data=None, timeout=None):
    request = url if isinstance(url, Request) else Request(url, data)
    for _ in range(10):
        response = _exchange(request, timeout)
        if response.status in (301, 302, 303, 307, 308) and "location" in response.headers:
            request = Request(urllib.parse.urljoin(request.full_url, response.headers["location"]), None, request.headers)
            continue
        if response.status >= 400:
            raise HTTPError(request.full_url, response.status, response.reason, response.headers, response.read())
        return response
    raise URLError("too many redirects")
`;
