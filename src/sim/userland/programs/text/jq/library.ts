// The builtins that are definitions in jq's own language, by name and number of parameters. Each is compiled when a
// program first uses it.

/** `def` texts. */
const DEFINITIONS: readonly string[] = [
  'def map(f): [.[] | f];',
  'def map_values(f): .[] |= f;',
  'def select(f): if f then . else empty end;',
  'def values: select(. != null);',
  'def nulls: select(. == null);',
  'def booleans: select(type == "boolean");',
  'def numbers: select(type == "number");',
  'def strings: select(type == "string");',
  'def arrays: select(type == "array");',
  'def objects: select(type == "object");',
  'def iterables: select(type | . == "array" or . == "object");',
  'def scalars: select(type | . != "array" and . != "object");',
  'def finites: select(isinfinite or isnan | not);',
  'def normals: select(isnormal);',
  'def recurse: recurse(.[]?);',
  'def recurse(f): def r: ., (f | r); r;',
  'def recurse(f; cond): def r: ., (f | select(cond) | r); r;',
  'def recurse_down: recurse;',
  'def to_entries: [keys_unsorted[] as $k | {key: $k, value: .[$k]}];',
  'def from_entries: reduce .[] as $e ({}; . + {($e | if .key == null then .k // .name // .Name // .K // .Key else .key end' +
    ' | if type == "string" then . else tojson end):' +
    ' ($e | if has("value") then .value elif has("v") then .v else .Value end)});',
  'def with_entries(f): to_entries | map(f) | from_entries;',
  'def in(xs): . as $key | xs | has($key);',
  'def inside(xs): . as $part | xs | contains($part);',
  'def add: reduce .[] as $x (null; . + $x);',
  'def any: any(.[]; .);',
  'def all: all(.[]; .);',
  'def any(f): any(.[]; f);',
  'def all(f): all(.[]; f);',
  'def any(g; f): first((g | f | select(.) | true), false);',
  'def all(g; f): first((g | f | select(not) | false), true);',
  'def flatten: flatten(1e9);',
  'def range($n): range(0; $n);',
  'def first: .[0];',
  'def last: .[-1];',
  'def nth($n): .[$n];',
  'def nth($n; f): if $n < 0 then error("nth doesn\'t support negative indices") else last(limit($n + 1; f)) end;',
  'def until(cond; update): def step: if cond then . else (update | step) end; step;',
  'def while(cond; update): def step: if cond then ., (update | step) else empty end; step;',
  'def join($separator): reduce .[] as $x (null; (if . == null then "" else . + $separator end)' +
    ' + ($x | if type == "boolean" or type == "number" then tojson else . // "" end)) // "";',
  'def paths: path(..) | select(length > 0);',
  'def paths(f): . as $whole | paths | select(. as $p | $whole | getpath($p) | f);',
  'def leaf_paths: paths(scalars);',
  'def del(f): delpaths([path(f)]);',
  'def todate: strftime("%Y-%m-%dT%H:%M:%SZ");',
  'def fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime;',
  'def todateiso8601: todate;',
  'def fromdate: fromdateiso8601;',
  'def date: todate;',
  'def dateadd(unit; n): . + n;',
  'def datesub(unit; n): . - n;',
  'def env: $ENV;',
  'def inputs: def r: (try input catch (if . == "break" then empty else error end)) | ., r; r;',
  'def halt_error: halt_error(5);',
  'def combinations: if length == 0 then [] else .[0][] as $x | .[1:] | combinations | [$x] + . end;',
  'def combinations($n): . as $set | [range($n)] | map($set) | combinations;',
  'def walk(f): if type == "object" then with_entries(.value |= walk(f)) | f' +
    ' elif type == "array" then map(walk(f)) | f else f end;',
  'def transpose: . as $rows | [range(0; map(length) | max // 0) as $i | [$rows[][$i]]];',
  'def tostream: path(def r: (.[]?|r), .; r) as $p | getpath($p)' +
    ' | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);',
  'def fromstream(f): {done: false, value: null} as $new | foreach f as $e ($new;' +
    ' if .done then $new else . end' +
    ' | if $e | length == 2 then setpath(["value"] + $e[0]; $e[1]) | .done = ($e[0] | length == 0)' +
    ' else .done = ($e[0] | length == 1) end; if .done then .value else empty end);',
  'def truncate_stream(f): . as $n | null | f | . as $e' +
    ' | if (.[0] | length) > $n then setpath([0]; .[0][$n:]) else empty end;',
  'def IN(source): any(source == .; .);',
  'def IN(source; set): any(source == set; .);',
  'def INDEX(source; key): reduce source as $row ({}; .[$row | key | tostring] |= $row);',
  'def INDEX(key): INDEX(.[]; key);',
  'def index($part): _indices($part) | if . == null then null else .[0] end;',
  'def rindex($part): _indices($part) | if . == null then null else .[-1] end;',
  'def indices($part): _indices($part);',
  'def match($re): match($re; null);',
  'def match($re; $flags): _match($re; $flags; false)[];',
  'def test($re): test($re; null);',
  'def test($re; $flags): _match($re; $flags; true);',
  'def capture($re): capture($re; null);',
  'def capture($re; $flags): match($re; $flags)' +
    ' | [.captures[] | select(.name != null) | {key: .name, value: .string}] | from_entries;',
  'def scan($re): match($re; "g") | if .captures | length == 0 then .string else [.captures[].string] end;',
  'def splits($re): splits($re; null);',
  'def splits($re; $flags): split($re; $flags) | .[];',
  'def split($re; $flags): . as $text | [foreach (match($re; $flags + "g"), null) as $m ([0, null];' +
    ' if $m == null then [.[0], $text[.[0]:]] else [$m.offset + $m.length, $text[.[0]:$m.offset]] end; .[1])];',
  'def sub($re; str): sub($re; str; "");',
  'def sub($re; str; $flags): _substitute($re; str; $flags);',
  'def gsub($re; str): sub($re; str; "g");',
  'def gsub($re; str; $flags): sub($re; str; $flags + "g");',
  'def _substitute($re; str; $flags): . as $text | [match($re; $flags)] as $all' +
    ' | def from($i; $at): if $i == ($all | length) then $text[$at:] else $all[$i] as $m' +
    ' | ($m.captures | map(select(.name != null) | {key: .name, value: .string}) | from_entries | str) as $new' +
    ' | $text[$at:$m.offset] + $new + from($i + 1; $m.offset + $m.length) end; from(0; 0);',
  'def ascii_downcase: explode | map(if 65 <= . and . <= 90 then . + 32 else . end) | implode;',
  'def ascii_upcase: explode | map(if 97 <= . and . <= 122 then . - 32 else . end) | implode;',
  'def error(message): message | error;',
];

/** Texts of definitions by `name/parameters`. */
export const LIBRARY: ReadonlyMap<string, string> = new Map(
  DEFINITIONS.map((text) => {
    const head = /^def (\w+)(?:\(([^)]*)\))?:/.exec(text);
    const params = head?.[2] === undefined ? 0 : head[2].split(';').length;
    return [`${head?.[1]}/${params}`, text];
  }),
);
