// Docker Hub's index (index.docker.io/v1/search): the repositories of the simulated hub whose names hold a word.

import { Content } from '../../core/content.ts';
import type { HttpHandler } from '../../userland/http/server.ts';
import { imageDefinitions } from '../catalog.ts';

/** What images say of themselves on the hub, and how many stars they have, roughly. */
const SAID: Readonly<Record<string, readonly [string, number]>> = {
  alpine: [
    'A minimal Docker image based on Alpine Linux with a complete package index and only 5 MB in size!',
    11_500,
  ],
  busybox: ['Busybox base image.', 3_500],
  centos: ['DEPRECATED; The official build of CentOS.', 7_800],
  consul: [
    'Consul is a datacenter runtime that provides service discovery and configuration.',
    1_400,
  ],
  'curlimages/curl': [
    'official docker image for curl - command line tool and library for transferring data with URLs',
    190,
  ],
  'docker/getting-started': ['Getting Started with Docker', 700],
  debian: [
    'Debian is a Linux distribution that is composed entirely of free and open-source software.',
    5_200,
  ],
  golang: [
    'Go (golang) is a general purpose, higher-level, imperative programming language.',
    5_100,
  ],
  'hashicorp/consul': ['Automatic build of consul based on the current release', 60],
  'hello-world': ['Hello World! (an example of minimal Dockerization)', 2_500],
  httpd: ['The Apache HTTP Server Project', 4_900],
  'kicbase/echo-server': ['', 1],
  mariadb: [
    'MariaDB Server is a high performing open source relational database, forked from MySQL.',
    6_000,
  ],
  memcached: [
    'Free & open source, high-performance, distributed memory object caching system.',
    2_300,
  ],
  mysql: [
    'MySQL is a widely used, open-source relational database management system (RDBMS).',
    15_900,
  ],
  nginx: ['Official build of Nginx.', 21_000],
  'nicolaka/netshoot': ['a Docker + Kubernetes network trouble-shooting swiss-army container', 370],
  node: [
    'Node.js is a JavaScript-based platform for server-side and networking applications.',
    14_200,
  ],
  perl: ['Perl is a high-level, general-purpose, interpreted, dynamic programming language.', 310],
  'phusion/baseimage': [
    'A special image that is configured for correct use within Docker containers. It is Ubuntu, plus: ...',
    290,
  ],
  postgres: [
    'The PostgreSQL object-relational database system provides reliability and data integrity.',
    14_700,
  ],
  python: [
    'Python is an interpreted, interactive, object-oriented, open-source programming language.',
    10_400,
  ],
  redis: [
    'Redis is the world\u2019s fastest data platform for caching, vector search, and NoSQL databases.',
    13_500,
  ],
  registry: [
    'Distribution implementation for storing and distributing of container images and artifacts',
    4_200,
  ],
  'spurin/funbox': ['', 3],
  'traefik/whoami': ['Tiny Go webserver that prints OS information and HTTP request to output', 80],
  'training/postgres': ['', 6],
  ubuntu: ['Ubuntu is a Debian-based Linux operating system based on free software.', 17_800],
  wordpress: [
    'The WordPress rich content management system can utilize plugins, widgets, and themes.',
    5_900,
  ],
};

/** The handler of the index. */
export const hubSearch: HttpHandler = function* (request) {
  const term = (request.query.get('q')?.[0] ?? '').toLowerCase().replace(/^library\//, '');
  const most = Number(request.query.get('n')?.[0] ?? 25);
  const names = new Set(
    imageDefinitions
      .filter(({ repository }) => repository.startsWith('docker.io/'))
      .map(({ repository }) => repository.slice('docker.io/'.length)),
  );
  const results = [...names]
    .map((path) => {
      const official = path.startsWith('library/');
      const name = path.replace(/^library\//, '');
      const [description = '', stars = 0] = SAID[name] ?? [];
      return { star_count: stars, is_official: official, name, is_automated: false, description };
    })
    .filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(term))
    .sort((a, b) => b.star_count - a.star_count || (a.name < b.name ? -1 : 1))
    .slice(0, most);
  const body = Content.ofText(
    `${JSON.stringify({ num_pages: 1, num_results: results.length, page_size: most, query: term, results })}\n`,
  );
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'content-length': String(body.size) },
    body,
  };
};
