// flask, as the Python Package Index has it here: the module.

export const FLASK = `# flask: routes, requests, JSON, redirects, errors and the development server. Templates know {{ name }} only.
import json as _json, os, re, socket, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer, _PHRASES
from urllib.parse import parse_qsl, unquote

class _Multi(dict):
    def getlist(self, key):
        return [self[key]] if key in self else []

    def get(self, key, default=None, type=None):
        if key not in self:
            return default
        try:
            return type(self[key]) if type else self[key]
        except ValueError:
            return default

class Request:
    def __init__(self, handler, body):
        target, _, query = handler.path.partition("?")
        self.method = handler.command
        self.path = unquote(target)
        self.full_path = handler.path
        self.query_string = query.encode()
        self.headers = handler.headers
        self.remote_addr = handler.client_address[0]
        self.host = handler.headers.get("Host", "")
        self.url = "http://" + self.host + handler.path
        self.base_url = "http://" + self.host + target
        self.args = _Multi(parse_qsl(query))
        self.data = body
        kind = self.content_type = handler.headers.get("Content-Type") or ""
        self.is_json = "application/json" in kind
        self.form = _Multi(parse_qsl(body.decode())) if "form-urlencoded" in kind else _Multi()
        self.view_args = {}

    def get_data(self, as_text=False):
        return self.data.decode() if as_text else self.data

    def get_json(self, force=False, silent=False):
        if not self.is_json and not force:
            if silent:
                return None
            abort(415)
        try:
            return _json.loads(self.data.decode())
        except ValueError:
            if silent:
                return None
            abort(400)

    @property
    def json(self):
        return self.get_json()

class _Current:
    def __getattr__(self, name):
        if not _stack:
            raise RuntimeError("Working outside of request context.")
        return getattr(_stack[-1], name)

_stack = []
request = _Current()

class _Globals:
    pass

g = _Globals()

class Response:
    def __init__(self, response="", status=200, headers=None, mimetype="text/html", content_type=None):
        self.data = response if isinstance(response, bytes) else str(response).encode()
        self.status_code = int(str(status).split()[0])
        self.headers = dict(headers or {})
        self.headers.setdefault("Content-Type", content_type or (mimetype + "; charset=utf-8" if mimetype.startswith("text/") else mimetype))

    def get_data(self, as_text=False):
        return self.data.decode() if as_text else self.data

    def set_cookie(self, key, value=""):
        self.headers["Set-Cookie"] = key + "=" + value + "; Path=/"

class HTTPException(Exception):
    def __init__(self, code, description=None):
        self.code = code
        self.name = _PHRASES.get(code, "Unknown")
        self.description = description or _DESCRIPTIONS.get(code, "")

    def __str__(self):
        return "%d %s: %s" % (self.code, self.name, self.description)

_DESCRIPTIONS = {
    400: "The browser (or proxy) sent a request that this server could not understand.",
    401: "The server could not verify that you are authorized to access the URL requested. You either supplied the wrong credentials (e.g. a bad password), or your browser doesn't understand how to supply the credentials required.",
    403: "You don't have the permission to access the requested resource. It is either read-protected or not readable by the server.",
    404: "The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.",
    405: "The method is not allowed for the requested URL.",
    415: "Did not attempt to load JSON data because the request Content-Type was not 'application/json'.",
    500: "The server encountered an internal error and was unable to complete your request. Either the server is overloaded or there is an error in the application.",
}

def abort(code, description=None):
    raise HTTPException(code, description)

def _dumps(value):
    return _json.dumps(value, separators=(",", ":"), sort_keys=True) + "\\n"

def jsonify(*args, **kwargs):
    value = kwargs if kwargs else (args[0] if len(args) == 1 else list(args))
    return Response(_dumps(value), mimetype="application/json")

def redirect(location, code=302):
    body = '<!doctype html>\\n<html lang=en>\\n<title>Redirecting...</title>\\n<h1>Redirecting...</h1>\\n<p>You should be redirected automatically to the target URL: <a href="%s">%s</a>. If not, click the link.\\n' % (location, location)
    return Response(body, code, {"Location": location})

def make_response(*args):
    return _response(args[0] if len(args) == 1 else args)

def render_template_string(source, **values):
    def one(found):
        value = values.get(found.group(1), "")
        return str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;")
    return re.sub("\\\\{\\\\{ *(\\\\w+) *\\\\}\\\\}", one, source)

def render_template(name, **values):
    with open(os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "templates", name)) as file:
        return render_template_string(file.read(), **values)

def escape(text):
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

def _response(value):
    status, headers = 200, {}
    if isinstance(value, tuple):
        for part in value[1:]:
            if isinstance(part, int):
                status = part
            else:
                headers = dict(part)
        value = value[0]
    if isinstance(value, Response):
        made = value
        if status != 200:
            made.status_code = status
    elif isinstance(value, (dict, list)):
        made = Response(_dumps(value), status, mimetype="application/json")
    elif value is None:
        raise TypeError("The view function did not return a valid response. The function either returned None or ended without a return statement.")
    else:
        made = Response(value, status)
    made.headers.update(headers)
    return made

_KINDS = {"int": "\\\\d+", "float": "\\\\d+\\\\.\\\\d+", "path": ".+", "string": "[^/]+"}

class _Rule:
    def __init__(self, rule, methods, view, endpoint):
        self.rule, self.view, self.endpoint = rule, view, endpoint
        self.methods = set(method.upper() for method in (methods or ["GET"]))
        if "GET" in self.methods:
            self.methods.add("HEAD")
        self.kinds = {}
        source, last = "", 0
        for found in re.finditer("<(?:(\\\\w+):)?(\\\\w+)>", rule):
            kind = found.group(1) or "string"
            self.kinds[found.group(2)] = {"int": int, "float": float}.get(kind, str)
            source += re.escape(rule[last:found.start()]) + "(?P<" + found.group(2) + ">" + _KINDS[kind] + ")"
            last = found.end()
        self.pattern = re.compile(source + re.escape(rule[last:]))

class _Config(dict):
    def from_mapping(self, *args, **kwargs):
        self.update(*args, **kwargs)

class Blueprint:
    def __init__(self, name, import_name, url_prefix=""):
        self.name, self.url_prefix, self.rules = name, url_prefix or "", []

    def route(self, rule, methods=None, endpoint=None, **options):
        def decorate(view):
            self.rules.append((rule, methods, view, self.name + "." + (endpoint or view.__name__)))
            return view
        return decorate

    def get(self, rule):
        return self.route(rule, ["GET"])

    def post(self, rule):
        return self.route(rule, ["POST"])

class Flask(Blueprint):
    def __init__(self, import_name, static_folder="static", **options):
        self.import_name = import_name
        self.name = "app" if import_name == "__main__" else import_name
        self.rules, self.url_prefix = [], ""
        self._routes, self._errors, self._before, self._after = [], {}, [], []
        self.config = _Config(DEBUG=False, TESTING=False)
        import logging
        self.logger = logging.getLogger(self.name)
        self.debug = False

    def add_url_rule(self, rule, endpoint=None, view_func=None, methods=None):
        self._routes.append(_Rule(rule, methods, view_func, endpoint or view_func.__name__))

    def route(self, rule, methods=None, endpoint=None, **options):
        def decorate(view):
            self.add_url_rule(rule, endpoint, view, methods)
            return view
        return decorate

    def put(self, rule):
        return self.route(rule, ["PUT"])

    def delete(self, rule):
        return self.route(rule, ["DELETE"])

    def register_blueprint(self, blueprint, url_prefix=None):
        prefix = blueprint.url_prefix if url_prefix is None else url_prefix
        for rule, methods, view, endpoint in blueprint.rules:
            self.add_url_rule(prefix + rule, endpoint, view, methods)

    def errorhandler(self, code):
        def decorate(view):
            self._errors[code] = view
            return view
        return decorate

    def before_request(self, view):
        self._before.append(view)
        return view

    def after_request(self, view):
        self._after.append(view)
        return view

    def _dispatch(self, current):
        for view in self._before:
            early = view()
            if early is not None:
                return _response(early)
        allowed = set()
        for rule in self._routes:
            found = rule.pattern.fullmatch(current.path)
            if not found:
                continue
            allowed |= rule.methods
            if current.method in rule.methods:
                values = {name: rule.kinds[name](value) for name, value in found.groupdict().items()}
                current.view_args = values
                current.endpoint = rule.endpoint
                return _response(rule.view(**values))
        if allowed:
            if current.method == "OPTIONS":
                return Response("", 200, {"Allow": ", ".join(sorted(allowed | {"OPTIONS"}))})
            abort(405)
        abort(404)

    def _failed(self, error):
        code = error.code if isinstance(error, HTTPException) else 500
        for key in (code, type(error)):
            if key in self._errors:
                made = _response(self._errors[key](error))
                if made.status_code == 200 and isinstance(key, int):
                    made.status_code = code
                return made
        shown = error if isinstance(error, HTTPException) else HTTPException(500)
        body = "<!doctype html>\\n<html lang=en>\\n<title>%d %s</title>\\n<h1>%s</h1>\\n<p>%s</p>\\n" % (code, shown.name, shown.name, escape(shown.description).replace("&#39;", "'"))
        return Response(body, code)

    def _answer(self, current):
        _stack.append(current)
        try:
            try:
                made = self._dispatch(current)
            except HTTPException as error:
                made = self._failed(error)
            except Exception as error:
                self.logger.error("Exception on %s [%s]" % (current.path, current.method), exc_info=True)
                made = self._failed(error)
            for view in self._after:
                made = view(made)
            return made
        finally:
            _stack.pop()

    def test_client(self):
        raise NotImplementedError("test_client")

    def run(self, host=None, port=None, debug=None, **options):
        host = host or "127.0.0.1"
        port = int(port or 5000)
        debug = self.debug if debug is None else debug
        print(" * Serving Flask app %r" % self.name)
        print(" * Debug mode: %s" % ("on" if debug else "off"))
        _serve(self, host, port)

def _log(text):
    sys.stderr.write(text + "\\n")
    sys.stderr.flush()

def _serve(app, host, port):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def version_string(self):
            return "Werkzeug/3.1.5 Python/" + sys.version.split()[0]

        def _any(self):
            size = int(self.headers.get("Content-Length") or 0)
            made = app._answer(Request(self, self.rfile.read(size) if size else b""))
            self.send_response(made.status_code)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(made.data)))
            self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(made.data)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _any

        def log_request(self, code="-", size="-"):
            _log('%s - - [%s] "%s" %d -' % (self.client_address[0], self.log_date_time_string(), self.requestline, code))

    try:
        server = ThreadingHTTPServer((host, port), Handler)
    except OSError as error:
        if error.errno == 98:
            _log("Address already in use\\nPort %d is in use by another program. Either identify and stop that program, or start the server with a different port." % port)
            sys.exit(1)
        raise
    sys.stdout.flush()
    lines = ["WARNING: This is a development server. Do not use it in a production deployment. Use a production WSGI server instead."]
    if host == "0.0.0.0":
        lines.append(" * Running on all addresses (0.0.0.0)")
        lines.append(" * Running on http://127.0.0.1:%d" % port)
        try:
            lines.append(" * Running on http://%s:%d" % (socket.gethostbyname(socket.gethostname()), port))
        except OSError:
            pass
    else:
        lines.append(" * Running on http://%s:%d" % (host, port))
    _log("\\n".join(lines))
    _log("Press CTRL+C to quit")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass

def url_for(endpoint, **values):
    raise NotImplementedError("url_for")
`;
