// logging, argparse and traceback.

export const LOGGING = `
import sys, time, traceback

CRITICAL, ERROR, WARNING, INFO, DEBUG, NOTSET = 50, 40, 30, 20, 10, 0
_NAMES = {50: "CRITICAL", 40: "ERROR", 30: "WARNING", 20: "INFO", 10: "DEBUG", 0: "NOTSET"}

def getLevelName(level):
    return _NAMES.get(level, "Level %s" % level)

def _level(level):
    if isinstance(level, str):
        for number, name in _NAMES.items():
            if name == level:
                return number
        raise ValueError("Unknown level: %r" % level)
    return level

class Formatter:
    def __init__(self, fmt=None, datefmt=None):
        self.fmt = fmt or "%(message)s"
        self.datefmt = datefmt

    def format(self, record):
        now = record["created"]
        if self.datefmt:
            record["asctime"] = time.strftime(self.datefmt, time.localtime(now))
        else:
            record["asctime"] = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now)) + ",%03d" % (now % 1 * 1000)
        return self.fmt % record

class Handler:
    def __init__(self):
        self.level = NOTSET
        self.formatter = None

    def setLevel(self, level):
        self.level = _level(level)

    def setFormatter(self, formatter):
        self.formatter = formatter

class StreamHandler(Handler):
    def __init__(self, stream=None):
        self.level = NOTSET
        self.formatter = None
        self.stream = stream or sys.stderr

    def emit(self, record):
        self.stream.write((self.formatter or Formatter()).format(record) + record["exc_text"] + "\\n")
        self.stream.flush()

class FileHandler(StreamHandler):
    def __init__(self, filename, mode="a"):
        self.level = NOTSET
        self.formatter = None
        self.stream = open(filename, mode)

class Logger:
    def __init__(self, name, parent=None):
        self.name, self.parent = name, parent
        self.level = NOTSET
        self.handlers = []
        self.propagate = True

    def setLevel(self, level):
        self.level = _level(level)

    def getEffectiveLevel(self):
        if self.level or self.parent is None:
            return self.level
        return self.parent.getEffectiveLevel()

    def isEnabledFor(self, level):
        return level >= self.getEffectiveLevel()

    def addHandler(self, handler):
        self.handlers.append(handler)

    def log(self, level, message, *args, exc_info=False):
        if not self.isEnabledFor(level):
            return
        text = str(message)
        if args:
            text = text % (args[0] if len(args) == 1 and isinstance(args[0], dict) else args)
        record = {"name": self.name, "levelname": getLevelName(level), "levelno": level, "message": text,
                  "created": time.time(), "process": 1, "exc_text": ""}
        if exc_info:
            record["exc_text"] = "\\n" + traceback.format_exc().rstrip("\\n")
        logger = self
        found = False
        while logger is not None:
            for handler in logger.handlers:
                found = True
                if level >= handler.level:
                    handler.emit(record)
            logger = logger.parent if logger.propagate else None
        if not found and level >= WARNING:
            sys.stderr.write(text + record["exc_text"] + "\\n")

    def debug(self, message, *args, **kwargs):
        self.log(DEBUG, message, *args, **kwargs)

    def info(self, message, *args, **kwargs):
        self.log(INFO, message, *args, **kwargs)

    def warning(self, message, *args, **kwargs):
        self.log(WARNING, message, *args, **kwargs)

    def error(self, message, *args, **kwargs):
        self.log(ERROR, message, *args, **kwargs)

    def critical(self, message, *args, **kwargs):
        self.log(CRITICAL, message, *args, **kwargs)

    def exception(self, message, *args):
        self.log(ERROR, message, *args, exc_info=True)

root = Logger("root")
root.level = WARNING
_loggers = {}

def getLogger(name=None):
    if not name or name == "root":
        return root
    if name not in _loggers:
        parent = name.rpartition(".")[0]
        _loggers[name] = Logger(name, getLogger(parent) if parent else root)
    return _loggers[name]

def basicConfig(level=None, format=None, datefmt=None, stream=None, filename=None, handlers=None, force=False, filemode="a"):
    if root.handlers and not force:
        return
    root.handlers = list(handlers or [FileHandler(filename, filemode) if filename else StreamHandler(stream)])
    for handler in root.handlers:
        if handler.formatter is None:
            handler.setFormatter(Formatter(format or "%(levelname)s:%(name)s:%(message)s", datefmt))
    if level is not None:
        root.setLevel(level)

def _through_root(method):
    def call(message, *args, **kwargs):
        if not root.handlers:
            basicConfig()
        method(message, *args, **kwargs)
    return call

debug = _through_root(root.debug)
info = _through_root(root.info)
warning = _through_root(root.warning)
error = _through_root(root.error)
critical = _through_root(root.critical)
exception = _through_root(root.exception)
`;

export const ARGPARSE = `
import os, sys

class Namespace:
    def __repr__(self):
        return "Namespace(" + ", ".join("%s=%r" % pair for pair in self.__dict__.items()) + ")"

class _Action:
    def __init__(self, flags, options):
        self.flags = flags
        self.positional = not flags[0].startswith("-")
        long = [flag for flag in flags if flag.startswith("--")]
        self.dest = options.get("dest") or (long or flags)[0].lstrip("-").replace("-", "_")
        self.action = options.get("action", "store")
        self.nargs = options.get("nargs")
        self.type = options.get("type")
        self.choices = options.get("choices")
        self.required = options.get("required", False)
        self.help = options.get("help", "")
        self.metavar = options.get("metavar") or (self.dest if self.positional else self.dest.upper())
        self.default = options.get("default", False if self.action == "store_true" else True if self.action == "store_false" else None)

    def takes(self):
        return self.action in ("store", "append")

    def usage(self):
        if self.positional:
            return {"?": "[%s]", "*": "[%s ...]", "+": "%s [%s ...]".replace("%s [", self.metavar + " [")}.get(self.nargs, "%s") % self.metavar
        text = self.flags[0] + (" " + self.metavar if self.takes() else "")
        return text if self.required else "[" + text + "]"

class ArgumentParser:
    def __init__(self, prog=None, description=None, **rest):
        self.prog = prog or os.path.basename(sys.argv[0])
        self.description = description
        self.actions = []

    def add_argument(self, *flags, **options):
        action = _Action(flags, options)
        self.actions.append(action)
        return action

    def format_usage(self):
        options = ["[-h]"] + [action.usage() for action in self.actions if not action.positional]
        return "usage: " + " ".join([self.prog] + options + [action.usage() for action in self.actions if action.positional]) + "\\n"

    def print_help(self):
        lines = [self.format_usage()]
        if self.description:
            lines.append(self.description + "\\n")
        groups = [("positional arguments", [(a.metavar, a.help) for a in self.actions if a.positional]),
                  ("options", [("-h, --help", "show this help message and exit")] + [
                      (", ".join(flag + (" " + a.metavar if a.takes() else "") for flag in a.flags), a.help)
                      for a in self.actions if not a.positional])]
        longest = min(22, max(len(left) for _, rows in groups for left, _ in rows))
        for title, rows in groups:
            if rows:
                body = "".join("  " + (left.ljust(longest) + "  " + right if len(left) <= longest else left + "\\n" + " " * (longest + 4) + right).rstrip() + "\\n" for left, right in rows)
                lines.append(title + ":\\n" + body)
        sys.stdout.write("\\n".join(lines))

    def error(self, message):
        sys.stderr.write(self.format_usage() + "%s: error: %s\\n" % (self.prog, message))
        sys.exit(2)

    def _convert(self, action, text):
        name = "/".join(action.flags) if not action.positional else action.metavar
        value = text
        if action.type is not None:
            try:
                value = action.type(text)
            except (ValueError, TypeError):
                self.error("argument %s: invalid %s value: %r" % (name, action.type.__name__, text))
        if action.choices is not None and value not in action.choices:
            self.error("argument %s: invalid choice: %r (choose from %s)" % (name, value, ", ".join(repr(one) for one in action.choices)))
        return value

    def parse_args(self, args=None):
        words = list(sys.argv[1:] if args is None else args)
        result = Namespace()
        for action in self.actions:
            setattr(result, action.dest, action.default)
        seen = set()
        plain = []
        while words:
            word = words.pop(0)
            if word in ("-h", "--help"):
                self.print_help()
                sys.exit(0)
            if word == "--":
                plain += words
                break
            if not word.startswith("-") or word == "-":
                plain.append(word)
                continue
            flag, equals, value = word.partition("=")
            action = None
            for one in self.actions:
                if flag in one.flags:
                    action = one
            if action is None:
                self.error("unrecognized arguments: " + word)
            seen.add(action.dest)
            if action.action == "store_true":
                setattr(result, action.dest, True)
            elif action.action == "store_false":
                setattr(result, action.dest, False)
            elif action.action == "count":
                setattr(result, action.dest, (getattr(result, action.dest) or 0) + 1)
            else:
                if not equals:
                    if not words:
                        self.error("argument %s: expected one argument" % "/".join(action.flags))
                    value = words.pop(0)
                value = self._convert(action, value)
                if action.action == "append":
                    value = (getattr(result, action.dest) or []) + [value]
                setattr(result, action.dest, value)
        missing = []
        for action in [one for one in self.actions if one.positional]:
            if action.nargs in ("*", "+"):
                taken, plain = plain, []
                if taken:
                    setattr(result, action.dest, [self._convert(action, one) for one in taken])
                elif action.nargs == "+":
                    missing.append(action.metavar)
                else:
                    setattr(result, action.dest, action.default or [])
            elif plain:
                setattr(result, action.dest, self._convert(action, plain.pop(0)))
            elif action.nargs != "?":
                missing.append(action.metavar)
        missing = ["/".join(a.flags) for a in self.actions if a.required and a.dest not in seen] + missing
        if missing:
            self.error("the following arguments are required: " + ", ".join(missing))
        if plain:
            self.error("unrecognized arguments: " + " ".join(plain))
        return result
`;

export const TRACEBACK = `
import sys, _traceback

def format_exc():
    return _traceback.current()

def print_exc():
    sys.stderr.write(_traceback.current())
`;
