// github.com/docker/getting-started: the pages of the tutorial, served by nginx. Of the real repository's content only
// a page and what builds the image of it are here.

import type { Repository } from './github.ts';

const DOCKERFILE = `FROM nginx:alpine
COPY docs/ /usr/share/nginx/html/
`;

const PAGE = `<!DOCTYPE html>
<html lang="en">
<head><title>Getting Started</title></head>
<body><h1>Getting Started</h1></body>
</html>
`;

export const gettingStarted: Repository = {
  name: 'docker/getting-started',
  branches: {
    master: {
      '.dockerignore': '.git\n',
      '.gitignore': 'node_modules\n',
      Dockerfile: DOCKERFILE,
      'README.md': '# Getting started\n',
      'docs/index.html': PAGE,
    },
  },
};
