// datetime: dates, times of day and spans in UTC and in fixed offsets.

export const DATETIME = `
import time as _time

_DAYS = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

def _leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)

def _ordinal(year, month, day):
    before = year - 1
    leap = 1 if month > 2 and _leap(year) else 0
    return before * 365 + before // 4 - before // 100 + before // 400 + _DAYS[month - 1] + leap + day

_EPOCH = _ordinal(1970, 1, 1)

class timedelta:
    def __init__(self, days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0):
        total = ((weeks * 7 + days) * 86400 + hours * 3600 + minutes * 60 + seconds) * 1000000
        self._us = int(round(total + milliseconds * 1000 + microseconds))
        self.days = self._us // 86400000000
        self.seconds = self._us % 86400000000 // 1000000
        self.microseconds = self._us % 1000000

    def total_seconds(self):
        return self._us / 1000000

    def __add__(self, other):
        if isinstance(other, timedelta):
            return timedelta(microseconds=self._us + other._us)
        return NotImplemented

    def __sub__(self, other):
        return timedelta(microseconds=self._us - other._us)

    def __mul__(self, other):
        return timedelta(microseconds=self._us * other)

    def __truediv__(self, other):
        if isinstance(other, timedelta):
            return self._us / other._us
        return timedelta(microseconds=self._us / other)

    def __neg__(self):
        return timedelta(microseconds=-self._us)

    def __eq__(self, other):
        return isinstance(other, timedelta) and self._us == other._us

    def __lt__(self, other):
        return self._us < other._us

    def __le__(self, other):
        return self._us <= other._us

    def __str__(self):
        text = "%d:%02d:%02d" % (self.seconds // 3600, self.seconds // 60 % 60, self.seconds % 60)
        if self.microseconds:
            text += ".%06d" % self.microseconds
        if self.days:
            text = "%d day%s, " % (self.days, "" if abs(self.days) == 1 else "s") + text
        return text

    def __repr__(self):
        parts = []
        for name in ("days", "seconds", "microseconds"):
            if getattr(self, name):
                parts.append("%s=%d" % (name, getattr(self, name)))
        return "datetime.timedelta(" + (", ".join(parts) or "0") + ")"

class timezone:
    def __init__(self, offset, name=None):
        self._offset = offset
        self._name = name

    def utcoffset(self, moment):
        return self._offset

    def __str__(self):
        if self._name:
            return self._name
        seconds = int(self._offset.total_seconds())
        if seconds == 0:
            return "UTC"
        sign = "-" if seconds < 0 else "+"
        return "UTC%s%02d:%02d" % (sign, abs(seconds) // 3600, abs(seconds) // 60 % 60)

    def __repr__(self):
        return "datetime.timezone.utc" if self._offset._us == 0 else "datetime.timezone(%r)" % self._offset

timezone.utc = timezone(timedelta(0))
UTC = timezone.utc

class date:
    def __init__(self, year, month, day):
        self.year = year
        self.month = month
        self.day = day

    @classmethod
    def today(cls):
        return date(*_time.localtime()[:3])

    @classmethod
    def fromisoformat(cls, text):
        year, month, day = text.split("-")
        return date(int(year), int(month), int(day))

    def toordinal(self):
        return _ordinal(self.year, self.month, self.day)

    def weekday(self):
        return (self.toordinal() + 6) % 7

    def isoweekday(self):
        return self.weekday() + 1

    def isoformat(self):
        return "%04d-%02d-%02d" % (self.year, self.month, self.day)

    def strftime(self, format):
        return _time.strftime(format, (self.year, self.month, self.day, 0, 0, 0, 0, 0, 0))

    def __str__(self):
        return self.isoformat()

    def __repr__(self):
        return "datetime.date(%d, %d, %d)" % (self.year, self.month, self.day)

    def __format__(self, format):
        return self.strftime(format) if format else str(self)

    def __eq__(self, other):
        return isinstance(other, date) and self.toordinal() == other.toordinal()

    def __lt__(self, other):
        return self.toordinal() < other.toordinal()

    def __sub__(self, other):
        if isinstance(other, timedelta):
            return self + -other
        return timedelta(days=self.toordinal() - other.toordinal())

    def __add__(self, other):
        return date(*_time.gmtime((self.toordinal() + other.days - _EPOCH) * 86400)[:3])

class datetime(date):
    def __init__(self, year, month, day, hour=0, minute=0, second=0, microsecond=0, tzinfo=None):
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.microsecond = microsecond
        self.tzinfo = tzinfo

    @classmethod
    def fromtimestamp(cls, stamp, tz=None):
        whole = int(stamp // 1)
        offset = tz._offset._us // 1000000 if tz else 0
        parts = _time.gmtime(whole + offset)[:6]
        return datetime(*parts, int(round((stamp - whole) * 1000000)), tz)

    @classmethod
    def now(cls, tz=None):
        return datetime.fromtimestamp(_time.time(), tz)

    @classmethod
    def utcnow(cls):
        return datetime.fromtimestamp(_time.time())

    @classmethod
    def fromisoformat(cls, text):
        text = text.replace("Z", "+00:00")
        zone = None
        if text.endswith("+00:00"):
            zone = timezone.utc
            text = text[:-6]
        day, _, clock = text.replace("T", " ").partition(" ")
        year, month, day = [int(part) for part in day.split("-")]
        clock, _, fraction = clock.partition(".")
        times = [int(part) for part in clock.split(":")] if clock else []
        while len(times) < 3:
            times.append(0)
        return datetime(year, month, day, *times, int(fraction.ljust(6, "0")[:6]) if fraction else 0, zone)

    def _us(self):
        day = self.toordinal() - _EPOCH
        offset = self.tzinfo._offset._us if self.tzinfo else 0
        return ((day * 24 + self.hour) * 60 + self.minute) * 60000000 + self.second * 1000000 + self.microsecond - offset

    def timestamp(self):
        return self._us() / 1000000

    def date(self):
        return date(self.year, self.month, self.day)

    def utcoffset(self):
        return self.tzinfo._offset if self.tzinfo else None

    def astimezone(self, tz=None):
        return datetime.fromtimestamp(self.timestamp(), tz or timezone.utc)

    def replace(self, **changes):
        names = ("year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo")
        return datetime(**{name: changes.get(name, getattr(self, name)) for name in names})

    def isoformat(self, sep="T", timespec="auto"):
        text = "%04d-%02d-%02d%s%02d:%02d:%02d" % (self.year, self.month, self.day, sep, self.hour, self.minute, self.second)
        if timespec == "milliseconds":
            text += ".%03d" % (self.microsecond // 1000)
        elif self.microsecond and timespec != "seconds":
            text += ".%06d" % self.microsecond
        if self.tzinfo:
            seconds = self.tzinfo._offset._us // 1000000
            text += "%s%02d:%02d" % ("-" if seconds < 0 else "+", abs(seconds) // 3600, abs(seconds) // 60 % 60)
        return text

    def strftime(self, format):
        format = format.replace("%f", "%06d" % self.microsecond)
        format = format.replace("%Z", str(self.tzinfo) if self.tzinfo else "").replace("%z", "+0000" if self.tzinfo else "")
        return _time.strftime(format, (self.year, self.month, self.day, self.hour, self.minute, self.second, 0, 0, 0))

    def __str__(self):
        return self.isoformat(" ")

    def __repr__(self):
        parts = [self.year, self.month, self.day, self.hour, self.minute]
        if self.second or self.microsecond:
            parts.append(self.second)
        if self.microsecond:
            parts.append(self.microsecond)
        text = ", ".join(str(part) for part in parts)
        return "datetime.datetime(" + text + (", tzinfo=%r" % self.tzinfo if self.tzinfo else "") + ")"

    def __eq__(self, other):
        return isinstance(other, datetime) and self._us() == other._us()

    def __lt__(self, other):
        return self._us() < other._us()

    def __sub__(self, other):
        if isinstance(other, timedelta):
            return self + -other
        return timedelta(microseconds=self._us() - other._us())

    def __add__(self, other):
        us = self._us() + other._us
        made = datetime(*_time.gmtime(us // 1000000)[:6], us % 1000000)
        if self.tzinfo:
            return made.replace(tzinfo=timezone.utc).astimezone(self.tzinfo)
        return made
`;
