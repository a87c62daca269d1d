// The command flask: `flask run` and what it is told by options and variables.

export const FLASK_MAIN = `import importlib, os, sys
from flask import Flask, _serve

def _find(name):
    module, _, attribute = name.partition(":")
    sys.path.insert(0, os.getcwd())
    module = module[:-3] if module.endswith(".py") else module
    found = importlib.import_module(module)
    for one in ([attribute] if attribute else ["app", "application"]):
        if hasattr(found, one):
            return found, getattr(found, one)
    return found, None

def main():
    words = sys.argv[1:]
    app_name, host, port, debug, command = os.environ.get("FLASK_APP", ""), os.environ.get("FLASK_RUN_HOST", "127.0.0.1"), os.environ.get("FLASK_RUN_PORT", "5000"), bool(os.environ.get("FLASK_DEBUG")), None
    while words:
        word = words.pop(0)
        key, equals, value = word.partition("=")
        if key in ("--app", "-A"):
            app_name = value if equals else words.pop(0)
        elif key in ("--host", "-h"):
            host = value if equals else words.pop(0)
        elif key in ("--port", "-p"):
            port = value if equals else words.pop(0)
        elif key == "--debug":
            debug = True
        elif key == "--version":
            print("Python " + sys.version.split()[0] + "\\nFlask 3.1.2\\nWerkzeug 3.1.5")
            return 0
        elif command is None and not key.startswith("-"):
            command = word
        else:
            print("drydock: flask %s is not simulated" % word, file=sys.stderr)
            return 125
    if command != "run":
        print("drydock: flask %s is not simulated" % (command or ""), file=sys.stderr)
        return 125
    if not app_name:
        for name in ("wsgi.py", "app.py"):
            if os.path.exists(name):
                app_name = name
                break
    if not app_name:
        print("Error: Could not locate a Flask application. Use the 'flask --app' option, 'FLASK_APP' environment variable, or a 'wsgi.py' or 'app.py' file in the current directory.", file=sys.stderr)
        return 2
    found, app = _find(app_name)
    if app is None:
        print("Error: Failed to find Flask application or factory in module '%s'. Use '%s:name' to specify one." % (app_name, app_name), file=sys.stderr)
        return 2
    print(" * Serving Flask app %r" % app_name)
    print(" * Debug mode: %s" % ("on" if debug else "off"))
    _serve(app, host, int(port))
    return 0
`;
