// Modules of Python's library that are written in Python, by name. They hold the everyday part of the real ones.

import { COLLECTIONS, CONTEXTLIB, COPY, FUNCTOOLS, ITERTOOLS, OPERATOR } from './containers.ts';
import { DATACLASSES, SMALL, TYPING } from './declaring.ts';
import { DATETIME } from './datetime.ts';
import { HTTP, HTTP_SERVER } from './http.ts';
import { ARGPARSE, LOGGING, TRACEBACK } from './programs.ts';
import { SOCKETSERVER } from './socketserver.ts';
import { CSV, IO, PATHLIB, SHUTIL, STRING } from './texts.ts';
import { URLLIB_ERROR, URLLIB_PARSE, URLLIB_REQUEST } from './urllib.ts';

export const LIBRARY: Readonly<Record<string, string>> = {
  ...SMALL,
  argparse: ARGPARSE,
  collections: COLLECTIONS,
  contextlib: CONTEXTLIB,
  copy: COPY,
  csv: CSV,
  dataclasses: DATACLASSES,
  datetime: DATETIME,
  functools: FUNCTOOLS,
  http: HTTP,
  'http.server': HTTP_SERVER,
  io: IO,
  itertools: ITERTOOLS,
  logging: LOGGING,
  operator: OPERATOR,
  pathlib: PATHLIB,
  shutil: SHUTIL,
  socketserver: SOCKETSERVER,
  string: STRING,
  traceback: TRACEBACK,
  typing: TYPING,
  urllib: '',
  'urllib.error': URLLIB_ERROR,
  'urllib.parse': URLLIB_PARSE,
  'urllib.request': URLLIB_REQUEST,
};
