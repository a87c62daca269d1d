// io, string, csv, shutil and pathlib.

export const IO = `
class StringIO:
    def __init__(self, text=""):
        self._text = text
        self._at = 0

    def write(self, text):
        self._text = self._text[:self._at] + text + self._text[self._at + len(text):]
        self._at += len(text)
        return len(text)

    def read(self, size=-1):
        end = len(self._text) if size is None or size < 0 else self._at + size
        part = self._text[self._at:end]
        self._at += len(part)
        return part

    def readline(self):
        end = self._text.find("\\n", self._at)
        return self.read() if end < 0 else self.read(end + 1 - self._at)

    def __iter__(self):
        return self

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def getvalue(self):
        return self._text

    def seek(self, at):
        self._at = at
        return at

    def flush(self):
        pass

    def close(self):
        pass

class BytesIO(StringIO):
    def __init__(self, content=b""):
        self._text = content
        self._at = 0

    def readline(self):
        end = self._text.find(b"\\n", self._at)
        return self.read() if end < 0 else self.read(end + 1 - self._at)
`;

export const STRING = `
ascii_lowercase = "abcdefghijklmnopqrstuvwxyz"
ascii_uppercase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ascii_letters = ascii_lowercase + ascii_uppercase
digits = "0123456789"
hexdigits = digits + "abcdef" + "ABCDEF"
punctuation = "!\\"#$%&'()*+,-./:;<=>?@[\\\\]^_\`{|}~"
whitespace = " \\t\\n\\r\\v\\f"

class Template:
    def __init__(self, template):
        self.template = template

    def substitute(self, mapping=(), **kwargs):
        import re
        values = {**dict(mapping), **kwargs}
        def one(found):
            if found.group(0) == "$$":
                return "$"
            return str(values[found.group(1) or found.group(2)])
        return re.sub("\\\\$\\\\$|\\\\$(\\\\w+)|\\\\$\\\\{(\\\\w+)\\\\}", one, self.template)

    def safe_substitute(self, mapping=(), **kwargs):
        import re
        values = {**dict(mapping), **kwargs}
        def one(found):
            name = found.group(1) or found.group(2)
            return str(values[name]) if name in values else found.group(0)
        return re.sub("\\\\$(\\\\w+)|\\\\$\\\\{(\\\\w+)\\\\}", one, self.template)
`;

export const CSV = `
def _split(line, delimiter):
    fields = []
    field = ""
    quoted = False
    at = 0
    while at < len(line):
        char = line[at]
        if quoted and char == '"' and line[at + 1:at + 2] == '"':
            field += '"'
            at += 1
        elif char == '"':
            quoted = not quoted
        elif char == delimiter and not quoted:
            fields.append(field)
            field = ""
        else:
            field += char
        at += 1
    fields.append(field)
    return fields

def reader(lines, delimiter=","):
    for line in lines:
        line = line.rstrip("\\r\\n")
        yield _split(line, delimiter) if line else []

def DictReader(lines, fieldnames=None, delimiter=","):
    names = fieldnames
    for row in reader(lines, delimiter):
        if not row:
            continue
        if names is None:
            names = row
            continue
        yield dict(zip(names, row))

def _quoted(value, delimiter):
    text = "" if value is None else str(value)
    if delimiter in text or '"' in text or "\\n" in text:
        return '"' + text.replace('"', '""') + '"'
    return text

class writer:
    def __init__(self, file, delimiter=",", lineterminator="\\r\\n"):
        self.file, self.delimiter, self.end = file, delimiter, lineterminator

    def writerow(self, row):
        self.file.write(self.delimiter.join(_quoted(value, self.delimiter) for value in row) + self.end)

    def writerows(self, rows):
        for row in rows:
            self.writerow(row)

class DictWriter:
    def __init__(self, file, fieldnames, **options):
        self.fieldnames = fieldnames
        self.writer = writer(file, **options)

    def writeheader(self):
        self.writer.writerow(self.fieldnames)

    def writerow(self, row):
        self.writer.writerow([row.get(name, "") for name in self.fieldnames])

    def writerows(self, rows):
        for row in rows:
            self.writerow(row)
`;

export const SHUTIL = `
import os

def copyfile(source, target):
    with open(source, "rb") as one, open(target, "wb") as other:
        other.write(one.read())
    return target

def copy(source, target):
    if os.path.isdir(target):
        target = os.path.join(target, os.path.basename(source))
    copyfile(source, target)
    os.chmod(target, os.stat(source).st_mode & 0o7777)
    return target

copy2 = copy

def rmtree(path, ignore_errors=False):
    for name in os.listdir(path):
        full = os.path.join(path, name)
        if os.path.isdir(full) and not os.path.islink(full):
            rmtree(full)
        else:
            os.remove(full)
    os.rmdir(path)

def move(source, target):
    if os.path.isdir(target):
        target = os.path.join(target, os.path.basename(source))
    os.rename(source, target)
    return target

def which(command):
    for directory in os.environ.get("PATH", "").split(":"):
        full = os.path.join(directory, command)
        if os.path.isfile(full) and os.access(full, os.X_OK):
            return full
    return None
`;

export const PATHLIB = `
import os

class Path:
    def __init__(self, *parts):
        joined = os.path.join(*[os.fspath(part) for part in parts]) if parts else "."
        self._path = os.path.normpath(joined)

    @classmethod
    def cwd(cls):
        return Path(os.getcwd())

    @classmethod
    def home(cls):
        return Path(os.path.expanduser("~"))

    @property
    def name(self):
        return os.path.basename(self._path)

    @property
    def stem(self):
        return os.path.splitext(self.name)[0]

    @property
    def suffix(self):
        return os.path.splitext(self.name)[1]

    @property
    def parent(self):
        return Path(os.path.dirname(self._path) or ".")

    @property
    def parts(self):
        parts = tuple(part for part in self._path.split("/") if part)
        return ("/",) + parts if self._path.startswith("/") else parts

    def __truediv__(self, other):
        return Path(self, other)

    def __fspath__(self):
        return self._path

    def __str__(self):
        return self._path

    def __repr__(self):
        return "PosixPath(%r)" % self._path

    def __eq__(self, other):
        return isinstance(other, Path) and self._path == other._path

    def __lt__(self, other):
        return self._path < other._path

    def exists(self):
        return os.path.exists(self._path)

    def is_file(self):
        return os.path.isfile(self._path)

    def is_dir(self):
        return os.path.isdir(self._path)

    def resolve(self):
        return Path(os.path.realpath(self._path))

    absolute = resolve

    def iterdir(self):
        for name in os.listdir(self._path):
            yield self / name

    def mkdir(self, mode=0o777, parents=False, exist_ok=False):
        if parents:
            os.makedirs(self._path, exist_ok=exist_ok)
        elif not (exist_ok and self.is_dir()):
            os.mkdir(self._path, mode)

    def open(self, mode="r"):
        return open(self._path, mode)

    def read_text(self, encoding=None):
        with open(self._path) as file:
            return file.read()

    def write_text(self, text, encoding=None):
        with open(self._path, "w") as file:
            return file.write(text)

    def read_bytes(self):
        with open(self._path, "rb") as file:
            return file.read()

    def unlink(self, missing_ok=False):
        if not (missing_ok and not self.exists()):
            os.remove(self._path)

    def rmdir(self):
        os.rmdir(self._path)

    def touch(self):
        open(self._path, "a").close()

    def stat(self):
        return os.stat(self._path)

    def with_suffix(self, suffix):
        return Path(os.path.splitext(self._path)[0] + suffix)

PosixPath = PurePath = Path
`;
