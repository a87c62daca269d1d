// The entry points of database images, as shell scripts that do what the real ones do: check the variables, make the data
// directory, start a server that nobody can reach, make accounts, run /docker-entrypoint-initdb.d, start for good.

interface MysqlWords {
  readonly title: string;
  /** Prefix of the variables: MYSQL, MARIADB. */
  readonly prefix: string;
  readonly server: string;
  readonly client: string;
  readonly admin: string;
  readonly socket: string;
  readonly missing: string;
}

/** Messages, variables from files, and what must be given. */
function checking({ prefix, client, socket, missing }: MysqlWords): string {
  return `#!/bin/bash
set -eo pipefail

log() {
  local type="$1"; shift
  printf '%s [%s] [Entrypoint]: %s\\n' "$(date --rfc-3339=seconds)" "$type" "$*"
}
note() { log Note "$@"; }
warn() { log Warn "$@" >&2; }
fail() { log ERROR "$@" >&2; exit 1; }

# Variables may come from files (Docker secrets).
file_env() {
  local file
  eval "file=\\"\\\${$1_FILE:-}\\""
  if [ -n "$file" ]; then export "$1=$(cat "$file")"; fi
}

ask() { ${client} --protocol=socket -uroot -hlocalhost --socket="${socket}" "$@"; }

verify() {
  if [ -z "$root_password" ] && [ -z "$allow_empty" ] && [ -z "$random" ]; then
    fail "${missing}"
  fi
  if [ "$user" = root ]; then
    fail "${prefix}_USER=\\"root\\", ${prefix}_USER and ${prefix}_PASSWORD are for configuring a regular user and cannot be used for the root user
    Use one of the following to control the root user password:
    - ${prefix}_ROOT_PASSWORD
    - ${prefix}_ALLOW_EMPTY_PASSWORD
    - ${prefix}_RANDOM_ROOT_PASSWORD"
  fi
  if [ -n "$user" ] && [ -z "$password" ]; then
    fail "${prefix}_USER specified, but missing ${prefix}_PASSWORD; ${prefix}_USER will not be created"
  fi
}
`;
}

/** Accounts, the database asked for, and the files of /docker-entrypoint-initdb.d. */
function settingUp(): string {
  return `setup() {
  if [ -n "$random" ]; then
    root_password="$(head -c 18 /dev/urandom | base64)"
    note "GENERATED ROOT PASSWORD: $root_password"
  fi
  ask <<-EOSQL
	CREATE USER 'root'@'\${root_host:-%}' IDENTIFIED BY '$root_password';
	GRANT ALL ON *.* TO 'root'@'\${root_host:-%}' WITH GRANT OPTION;
	ALTER USER 'root'@'localhost' IDENTIFIED BY '$root_password';
	EOSQL
  export MYSQL_PWD="$root_password"
  if [ -n "$database" ]; then
    note "Creating database $database"
    ask -e "CREATE DATABASE IF NOT EXISTS \\\`$database\\\`"
  fi
  if [ -n "$user" ]; then
    note "Creating user $user"
    ask -e "CREATE USER '$user'@'%' IDENTIFIED BY '$password'"
    if [ -n "$database" ]; then
      note "Giving user $user access to schema $database"
      ask -e "GRANT ALL ON \\\`$database\\\`.* TO '$user'@'%'"
    fi
  fi
}

init_files() {
  local f
  for f in /docker-entrypoint-initdb.d/*; do
    case "$f" in
      *.sh)
        if [ -x "$f" ]; then note "$0: running $f"; "$f"
        else note "$0: sourcing $f"; . "$f"; fi ;;
      *.sql) note "$0: running $f"; ask $database < "$f"; echo ;;
      *.sql.gz) note "$0: running $f"; gunzip -c "$f" | ask $database; echo ;;
      '/docker-entrypoint-initdb.d/*') ;;
      *) warn "$0: ignoring $f" ;;
    esac
  done
}
`;
}

/** The entry point of mysql and mariadb. */
export function mysqlEntrypoint(words: MysqlWords): string {
  const { title, prefix, server, admin, socket } = words;
  const either = (name: string, old = name): string =>
    prefix === 'MYSQL' ? `\${MYSQL_${old}}` : `\${${prefix}_${name}:-\${MYSQL_${old}}}`;
  return `${checking(words)}
${settingUp()}
if [ "\${1#-}" != "$1" ]; then set -- ${server} "$@"; fi

case " $* " in *" --help "*|*" --version "*|*" -V "*) exec "$@" ;; esac
if [ "$1" = ${server} ] || [ "$1" = mysqld ]; then
  note "Entrypoint script for ${title} started."
  for name in ROOT_PASSWORD DATABASE USER PASSWORD; do
    file_env ${prefix}_$name
  done
  root_password="${either('ROOT_PASSWORD')}"
  allow_empty="${either('ALLOW_EMPTY_ROOT_PASSWORD', 'ALLOW_EMPTY_PASSWORD')}"
  random="${either('RANDOM_ROOT_PASSWORD')}"
  root_host="${either('ROOT_HOST')}"
  database="${either('DATABASE')}"
  user="${either('USER')}"
  password="${either('PASSWORD')}"
  datadir=/var/lib/mysql
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$datadir" "$(dirname ${socket})"
    chown -R mysql:mysql "$datadir" "$(dirname ${socket})"
    note "Switching to dedicated user 'mysql'"
    exec gosu mysql "$0" "$@"
  fi
  if [ ! -d "$datadir/mysql" ]; then
    verify
    note "Initializing database files"
    "$@" --initialize-insecure
    note "Database files initialized"
    note "Starting temporary server"
    "$@" --skip-networking --socket="${socket}" &
    for i in 1 2 3 4 5 6 7 8 9 10; do
      if ${admin} --socket="${socket}" -uroot ping > /dev/null 2>&1; then break; fi
      sleep 1
    done
    note "Temporary server started."
    setup
    init_files
    note "Stopping temporary server"
    ${admin} --socket="${socket}" -uroot shutdown
    wait
    note "Temporary server stopped"
    unset MYSQL_PWD
    echo
    note "${prefix === 'MYSQL' ? 'MySQL' : 'MariaDB'} init process done. Ready for start up."
    echo
  fi
fi
exec "$@"
`;
}

/** The entry point of postgres. */
export const POSTGRES_ENTRYPOINT = `#!/usr/bin/env bash
set -Eeo pipefail

file_env() {
  local file
  eval "file=\\"\\\${$1_FILE:-}\\""
  if [ -n "$file" ]; then export "$1=$(cat "$file")"; fi
}

verify() {
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
    cat >&2 <<-'EOE'
	Error: Database is uninitialized and superuser password is not specified.
	       You must specify POSTGRES_PASSWORD to a non-empty value for the
	       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

	       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
	       connections without a password. This is *not* recommended.

	       See PostgreSQL documentation about "trust":
	       https://www.postgresql.org/docs/current/auth-trust.html
	EOE
    exit 1
  fi
}

ask() { psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --no-password "$@"; }

init_files() {
  local f
  printf '\\n'
  for f in /docker-entrypoint-initdb.d/*; do
    case "$f" in
      *.sh)
        if [ -x "$f" ]; then printf '%s: running %s\\n' "$0" "$f"; "$f"
        else printf '%s: sourcing %s\\n' "$0" "$f"; . "$f"; fi ;;
      *.sql) printf '%s: running %s\\n' "$0" "$f"; ask --dbname "$POSTGRES_DB" -f "$f"; printf '\\n' ;;
      *.sql.gz) printf '%s: running %s\\n' "$0" "$f"; gunzip -c "$f" | ask --dbname "$POSTGRES_DB"; printf '\\n' ;;
      '/docker-entrypoint-initdb.d/*') printf '%s: ignoring %s\\n' "$0" "$f" ;;
      *) printf '%s: ignoring %s\\n' "$0" "$f" ;;
    esac
    printf '\\n'
  done
}

if [ "\${1#-}" != "$1" ]; then set -- postgres "$@"; fi
case " $* " in *" --help "*|*" --version "*|*" -V "*) exec "$@" ;; esac
if [ "$1" = postgres ]; then
  for name in POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB; do file_env $name; done
  export POSTGRES_USER="\${POSTGRES_USER:-postgres}"
  export POSTGRES_DB="\${POSTGRES_DB:-$POSTGRES_USER}"
  mkdir -p "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA"
  if [ "$(id -u)" = 0 ]; then
    chown -R postgres "$PGDATA" /var/run/postgresql
    exec gosu postgres "$0" "$@"
  fi
  if [ -s "$PGDATA/PG_VERSION" ]; then
    printf '\\nPostgreSQL Database directory appears to contain a database; Skipping initialization\\n\\n'
  else
    verify
    printf '%s' "$POSTGRES_PASSWORD" > /tmp/pwfile
    initdb --username="$POSTGRES_USER" --pwfile=/tmp/pwfile
    rm -f /tmp/pwfile
    printf '\\nhost all all all %s\\n' "\${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
    printf 'waiting for server to start....'
    "$@" -c listen_addresses='' &
    server=$!
    for i in 1 2 3 4 5 6 7 8 9 10; do
      if pg_isready -q -U "$POSTGRES_USER"; then break; fi
      sleep 1
    done
    printf ' done\\nserver started\\n'
    if [ "$POSTGRES_DB" != postgres ]; then
      ask --dbname postgres -c "CREATE DATABASE \\"$POSTGRES_DB\\""
    fi
    init_files
    printf 'waiting for server to shut down....'
    kill -INT $server
    wait $server || true
    printf ' done\\nserver stopped\\n\\nPostgreSQL init process complete; ready for start up.\\n\\n'
  fi
fi
exec "$@"
`;
