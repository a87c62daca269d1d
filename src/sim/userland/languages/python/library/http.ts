// http and http.server: the server that `python3 -m http.server` starts, over plain sockets.

export const HTTP = `
class HTTPStatus:
    OK = 200
    CREATED = 201
    NO_CONTENT = 204
    MOVED_PERMANENTLY = 301
    FOUND = 302
    NOT_MODIFIED = 304
    BAD_REQUEST = 400
    UNAUTHORIZED = 401
    FORBIDDEN = 403
    NOT_FOUND = 404
    METHOD_NOT_ALLOWED = 405
    INTERNAL_SERVER_ERROR = 500
    NOT_IMPLEMENTED = 501
    SERVICE_UNAVAILABLE = 503
`;

export const HTTP_SERVER = `
import os, socket, socketserver, sys, time, urllib.parse

_PHRASES = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently", 302: "Found",
    303: "See Other", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 415: "Unsupported Media Type", 418: "I'm a Teapot",
    422: "Unprocessable Entity", 429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented",
    502: "Bad Gateway", 503: "Service Unavailable",
}
_EXPLAIN = {
    400: "Bad request syntax or unsupported method", 404: "Nothing matches the given URI",
    501: "Server does not support this operation", 405: "Specified method is invalid for this resource",
}
_ERROR = """<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: %d</p>
        <p>Message: %s.</p>
        <p>Error code explanation: %s - %s.</p>
    </body>
</html>
"""

class _Headers:
    def __init__(self):
        self._pairs = []

    def add(self, name, value):
        self._pairs.append((name, value))

    def get(self, name, default=None):
        for key, value in self._pairs:
            if key.lower() == name.lower():
                return value
        return default

    def items(self):
        return list(self._pairs)

    def keys(self):
        return [key for key, _ in self._pairs]

    def __getitem__(self, name):
        return self.get(name)

    def __contains__(self, name):
        return self.get(name) is not None

    def __iter__(self):
        return iter(self.keys())

    def __str__(self):
        return "".join("%s: %s\\n" % pair for pair in self._pairs) + "\\n"

class HTTPServer(socketserver.TCPServer):
    allow_reuse_address = True

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)
        self.server_name = socket.getfqdn()
        self.server_port = self.server_address[1]

class ThreadingHTTPServer(socketserver.ThreadingMixIn, HTTPServer):
    daemon_threads = True

class BaseHTTPRequestHandler(socketserver.StreamRequestHandler):
    protocol_version = "HTTP/1.0"
    server_version = "BaseHTTP/0.6"
    sys_version = "Python/" + sys.version.split()[0]

    def handle(self):
        self.close_connection = True
        self.handle_one_request()
        while not self.close_connection:
            self.handle_one_request()

    def handle_one_request(self):
        line = self.rfile.readline()
        if not line:
            self.close_connection = True
            return
        self.requestline = line.decode("latin-1").rstrip("\\r\\n")
        self._buffer = []
        words = self.requestline.split()
        self.command, self.path, self.request_version = None, "", "HTTP/0.9"
        if len(words) != 3 or not words[2].startswith("HTTP/"):
            self.close_connection = True
            self.send_error(400, "Bad request syntax (%r)" % self.requestline)
            return
        self.command, self.path, self.request_version = words
        self.headers = _Headers()
        while True:
            line = self.rfile.readline().decode("latin-1").rstrip("\\r\\n")
            if not line:
                break
            name, _, value = line.partition(":")
            self.headers.add(name, value.strip())
        wanted = self.headers.get("Connection", "").lower()
        keeps = self.protocol_version >= "HTTP/1.1" and self.request_version >= "HTTP/1.1"
        self.close_connection = wanted == "close" or not keeps
        method = getattr(self, "do_" + self.command, None)
        if method is None:
            self.send_error(501, "Unsupported method (%r)" % self.command)
            return
        method()
        self.wfile.flush()

    def send_error(self, code, message=None, explain=None):
        code = int(code)
        short = _PHRASES.get(code, "???")
        if message is None:
            message = short
        self.log_error("code %d, message %s", code, message)
        self.send_response(code, message)
        self.send_header("Connection", "close")
        body = (_ERROR % (code, message, code, explain or _EXPLAIN.get(code, short))).encode()
        self.send_header("Content-Type", "text/html;charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def send_response(self, code, message=None):
        self.log_request(code)
        self.send_response_only(code, message)
        self.send_header("Server", self.version_string())
        self.send_header("Date", self.date_time_string())

    def send_response_only(self, code, message=None):
        if message is None:
            message = _PHRASES.get(int(code), "")
        self._buffer.append("%s %d %s\\r\\n" % (self.protocol_version, int(code), message))

    def send_header(self, name, value):
        self._buffer.append("%s: %s\\r\\n" % (name, value))
        if name.lower() == "connection":
            self.close_connection = str(value).lower() == "close"

    def end_headers(self):
        self._buffer.append("\\r\\n")
        self.flush_headers()

    def flush_headers(self):
        self.wfile.write("".join(self._buffer).encode("latin-1"))
        self._buffer = []

    def log_request(self, code="-", size="-"):
        self.log_message('"%s" %s %s', self.requestline, str(int(code)), str(size))

    def log_error(self, format, *args):
        self.log_message(format, *args)

    def log_message(self, format, *args):
        sys.stderr.write("%s - - [%s] %s\\n" % (self.address_string(), self.log_date_time_string(), format % args))

    def version_string(self):
        return self.server_version + " " + self.sys_version

    def date_time_string(self, timestamp=None):
        return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() if timestamp is None else timestamp))

    def log_date_time_string(self):
        return time.strftime("%d/%b/%Y %H:%M:%S", time.localtime())

    def address_string(self):
        return self.client_address[0]

_TYPES = {
    ".html": "text/html", ".htm": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json",
    ".txt": "text/plain", ".md": "text/markdown", ".py": "text/x-python", ".png": "image/png", ".jpg": "image/jpeg",
    ".svg": "image/svg+xml", ".gz": "application/gzip", ".xml": "text/xml", ".pdf": "application/pdf", ".c": "text/plain",
}

def _escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

class SimpleHTTPRequestHandler(BaseHTTPRequestHandler):
    server_version = "SimpleHTTP/0.6"
    directory = None

    def do_GET(self):
        body = self.send_head()
        if body is not None:
            self.wfile.write(body)

    def do_HEAD(self):
        self.send_head()

    def translate_path(self, path):
        path = urllib.parse.unquote(path.split("?", 1)[0].split("#", 1)[0])
        out = self.directory or os.getcwd()
        for part in path.split("/"):
            if part and part not in (".", ".."):
                out = os.path.join(out, part)
        return out + "/" if path.endswith("/") else out

    def send_head(self):
        path = self.translate_path(self.path)
        if os.path.isdir(path):
            if not self.path.split("?")[0].endswith("/"):
                self.send_response(301)
                self.send_header("Location", self.path + "/")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return None
            for index in ("index.html", "index.htm"):
                if os.path.isfile(os.path.join(path, index)):
                    path = os.path.join(path, index)
                    break
            else:
                return self.list_directory(path)
        if path.endswith("/"):
            self.send_error(404, "File not found")
            return None
        try:
            with open(path, "rb") as file:
                body = file.read()
        except OSError:
            self.send_error(404, "File not found")
            return None
        self.send_response(200)
        self.send_header("Content-type", self.guess_type(path))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", self.date_time_string())
        self.end_headers()
        return body

    def guess_type(self, path):
        return _TYPES.get(os.path.splitext(path)[1].lower(), "application/octet-stream")

    def list_directory(self, path):
        names = sorted(os.listdir(path), key=lambda name: name.lower())
        title = "Directory listing for " + _escape(urllib.parse.unquote(self.path))
        lines = ["<!DOCTYPE HTML>", '<html lang="en">', "<head>", '<meta charset="utf-8">', "<title>%s</title>" % title,
                 "</head>", "<body>", "<h1>%s</h1>" % title, "<hr>", "<ul>"]
        for name in names:
            full = os.path.join(path, name)
            shown = link = name
            if os.path.isdir(full):
                shown = link = name + "/"
            if os.path.islink(full):
                shown = name + "@"
            lines.append('<li><a href="%s">%s</a></li>' % (urllib.parse.quote(link), _escape(shown)))
        lines += ["</ul>", "<hr>", "</body>", "</html>", ""]
        body = "\\n".join(lines).encode()
        self.send_response(200)
        self.send_header("Content-type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return body

def _main(arguments):
    bind, port, directory = "", 8000, None
    words = list(arguments)
    while words:
        word = words.pop(0)
        if word in ("-b", "--bind"):
            bind = words.pop(0)
        elif word in ("-d", "--directory"):
            directory = words.pop(0)
        elif word in ("-p", "--protocol"):
            BaseHTTPRequestHandler.protocol_version = words.pop(0)
        elif word.isdigit():
            port = int(word)
        else:
            usage = "usage: server.py [-h] [--cgi] [-b ADDRESS] [-d DIRECTORY] [-p VERSION] [port]"
            print(usage, file=sys.stderr)
            if word.startswith("-"):
                print("server.py: error: unrecognized arguments: " + word, file=sys.stderr)
            else:
                print("server.py: error: argument port: invalid int value: %r" % word, file=sys.stderr)
            return 2
    SimpleHTTPRequestHandler.directory = os.path.abspath(directory) if directory else None
    with ThreadingHTTPServer((bind, port), SimpleHTTPRequestHandler) as server:
        host, port = server.socket.getsockname()
        print("Serving HTTP on %s port %d (http://%s:%d/) ..." % (host, port, host, port))
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("\\nKeyboard interrupt received, exiting.")
            return 0
`;
