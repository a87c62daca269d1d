// wordpress's images in the flavour with Apache: the entry point copies the blog's files into its volume.

import {
  directory,
  executable,
  type FileDefinition,
  file,
  type ImageDefinition,
} from '../../containers/images/definition.ts';
import { DEFAULT_PATH } from './base.ts';
import { debianLayer, USUAL_PLATFORMS } from './distributions.ts';
import { layerStep, settingSteps } from './history.ts';

const ENTRYPOINT = `#!/usr/bin/env bash
set -Eeuo pipefail
case "$1" in
apache2*|php-fpm)
  user=www-data
  if [ ! -e index.php ] && [ ! -e wp-includes/version.php ]; then
    echo >&2 "WordPress not found in $PWD - copying now..."
    if [ -n "$(ls -A)" ]; then
      echo >&2 "WARNING: $PWD is not empty! (copying anyhow)"
    fi
    cp -r /usr/src/wordpress/. .
    chown -R "$user:$user" .
    echo >&2 "Complete! WordPress has been successfully copied to $PWD"
  fi
  wpEnvs="$(env | grep '^WORDPRESS_' | grep -v '^WORDPRESS_VERSION=' | cut -d= -f1 | sort | tr '\\n' ' ' | sed 's/ $//' || true)"
  if [ ! -s wp-config.php ] && [ -n "$wpEnvs" ]; then
    echo >&2 "No 'wp-config.php' found in $PWD, but 'WORDPRESS_...' variables supplied; copying 'wp-config-docker.php' ($wpEnvs)"
    cp wp-config-docker.php wp-config.php
    chown "$user:$user" wp-config.php
  fi ;;
esac
exec "$@"
`;

const CONFIG = `<?php
// The values of wp-config come from the environment.
define( 'DB_NAME', getenv_docker('WORDPRESS_DB_NAME', 'wordpress') );
define( 'DB_USER', getenv_docker('WORDPRESS_DB_USER', 'example username') );
define( 'DB_PASSWORD', getenv_docker('WORDPRESS_DB_PASSWORD', 'example password') );
define( 'DB_HOST', getenv_docker('WORDPRESS_DB_HOST', 'mysql') );
$table_prefix = getenv_docker('WORDPRESS_TABLE_PREFIX', 'wp_');
`;

const APACHE_CONF = `Listen 80
User www-data
Group www-data
DocumentRoot "/var/www/html"
DirectoryIndex index.php index.html
ErrorLog /dev/stderr
CustomLog /dev/stdout combined
`;

function files(version: string): FileDefinition[] {
  const php = (path: string): FileDefinition =>
    file(
      `usr/src/wordpress/${path}`,
      '<?php\n// What this does is modelled by the server itself.\n',
    );
  return [
    executable('usr/sbin/apache2'),
    file(
      'usr/local/bin/apache2-foreground',
      '#!/bin/bash\nset -e\nexec apache2 -DFOREGROUND "$@"\n',
      0o755,
    ),
    file('usr/local/bin/docker-entrypoint.sh', ENTRYPOINT, 0o755),
    file('etc/apache2/apache2.conf', APACHE_CONF),
    executable('usr/bin/curl'),
    executable('usr/bin/ps'),
    ...[
      'index.php',
      'wp-login.php',
      'wp-settings.php',
      'wp-admin/install.php',
      'wp-admin/index.php',
    ].map(php),
    file('usr/src/wordpress/wp-config-docker.php', CONFIG),
    file('usr/src/wordpress/wp-includes/version.php', `<?php\n$wp_version = '${version}';\n`),
    file(
      'usr/src/wordpress/license.txt',
      'WordPress - Web publishing software\n\nWordPress is free software under the GNU General Public License, version 2 or later.\n',
    ),
    directory('usr/src/wordpress/wp-content/themes'),
    directory('usr/src/wordpress/wp-content/plugins'),
    directory('var/www/html', 0o1777, 33, 33),
  ];
}

function image(
  version: string,
  php: string,
  tags: readonly string[],
  created: string,
): ImageDefinition {
  const config = {
    ExposedPorts: { '80/tcp': {} },
    Env: [
      DEFAULT_PATH,
      `PHP_VERSION=${php}`,
      'APACHE_CONFDIR=/etc/apache2',
      `WORDPRESS_VERSION=${version}`,
    ],
    Entrypoint: ['docker-entrypoint.sh'],
    Cmd: ['apache2-foreground'],
    Volumes: { '/var/www/html': {} },
    WorkingDir: '/var/www/html',
    StopSignal: 'SIGWINCH',
  };
  return {
    repository: 'docker.io/library/wordpress',
    tags,
    created,
    steps: [
      debianLayer,
      layerStep(
        'RUN /bin/sh -c set -eux; apt-get install -y --no-install-recommends apache2 ghostscript',
        [150, 480],
        () => [directory('var/lib/apt')],
      ),
      layerStep(
        `RUN /bin/sh -c set -eux; version='${version}'; curl -o wordpress.tar.gz -fL "https://wordpress.org/wordpress-$version.tar.gz"`,
        [24, 72],
        () => files(version),
      ),
      ...settingSteps(config),
    ],
    config,
    otherPlatforms: USUAL_PLATFORMS,
  };
}

/** The images of this file. */
export const wordpressImages: readonly ImageDefinition[] = [
  image(
    '6.8.3',
    '8.3.28',
    ['latest', '6', '6.8', '6.8.3', 'apache', '6-apache', '6.8.3-apache'],
    '2025-11-24T23:40:00Z',
  ),
  image('6.2.1', '8.0.28', ['6.2.1-apache', '6.2.1', '6.2', '6.2-apache'], '2023-05-23T18:12:00Z'),
  image('6.1.1', '8.0.27', ['6.1.1', '6.1', '6.1-apache', '6.1.1-apache'], '2023-02-09T09:02:00Z'),
  image('5.9.3', '7.4.30', ['5', '5.9', '5.9.3'], '2022-07-12T12:12:00Z'),
  image('4.8.3', '5.6.32', ['4.8-apache', '4.8', '4.8.3', '4.8.3-apache'], '2017-11-21T03:10:00Z'),
];
