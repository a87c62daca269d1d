// WordPress's hold on its database: connecting by wp-config's values, whether it is installed, installing, reading posts.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { type Connection, connectTo } from '../sql/client.ts';
import type { Value } from '../sql/syntax.ts';

/** What wp-config.php says, as wp-config-docker.php takes it from the environment. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly name: string;
  readonly prefix: string;
}

export function configOf(p: Process): Config {
  const get = (name: string, otherwise: string): string =>
    p.environment.get(`WORDPRESS_${name}`) ?? otherwise;
  const [host = 'mysql', port = '3306'] = get('DB_HOST', 'mysql').split(':');
  return {
    host,
    port: Number(port) || 3306,
    user: get('DB_USER', 'example username'),
    password: get('DB_PASSWORD', 'example password'),
    name: get('DB_NAME', 'wordpress'),
    prefix: get('TABLE_PREFIX', 'wp_'),
  };
}

/** Connects; undefined where the server cannot be reached or refuses the account or the database. */
export function* connectDatabase(p: Process, config: Config): Routine<Connection | undefined> {
  const connection = yield* connectTo(p, { host: config.host, port: config.port });
  if ('failure' in connection) return undefined;
  yield* connection.wire.receiveBytes();
  const { user, password, name } = config;
  const told = yield* connection.ask({ kind: 'login', user, password, database: name });
  if (told?.kind === 'welcome') return connection;
  connection.close();
  return undefined;
}

/** Rows of a query; undefined where it failed. */
export function* query(
  connection: Connection,
  text: string,
): Routine<readonly (readonly Value[])[] | undefined> {
  const told = yield* connection.ask({ kind: 'query', text });
  if (told?.kind !== 'outcome') return undefined;
  return told.outcome.relation?.rows ?? [];
}

export function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** An option of the blog; undefined where it, or the whole blog, is not there. */
export function* option(
  connection: Connection,
  prefix: string,
  name: string,
): Routine<string | undefined> {
  const rows = yield* query(
    connection,
    `SELECT option_value FROM ${prefix}options WHERE option_name = ${quote(name)} LIMIT 1`,
  );
  const value = rows?.[0]?.[0];
  return value === undefined || value === null ? undefined : String(value);
}

/** What the form of the installation asks for. */
export interface Blog {
  readonly title: string;
  readonly user: string;
  readonly password: string;
  readonly email: string;
  readonly url: string;
}

const TABLES: readonly (readonly [string, string])[] = [
  [
    'users',
    'ID bigint unsigned NOT NULL auto_increment, user_login varchar(60) NOT NULL, user_pass varchar(255) NOT NULL, user_email varchar(100) NOT NULL, user_registered datetime NOT NULL, display_name varchar(250) NOT NULL, PRIMARY KEY (ID), KEY user_login_key (user_login)',
  ],
  [
    'usermeta',
    'umeta_id bigint unsigned NOT NULL auto_increment, user_id bigint unsigned NOT NULL, meta_key varchar(255), meta_value longtext, PRIMARY KEY (umeta_id)',
  ],
  [
    'posts',
    "ID bigint unsigned NOT NULL auto_increment, post_author bigint unsigned NOT NULL, post_date datetime NOT NULL, post_content longtext NOT NULL, post_title text NOT NULL, post_status varchar(20) NOT NULL default 'publish', post_name varchar(200) NOT NULL, post_type varchar(20) NOT NULL default 'post', comment_count bigint NOT NULL default 0, PRIMARY KEY (ID), KEY post_name (post_name)",
  ],
  [
    'postmeta',
    'meta_id bigint unsigned NOT NULL auto_increment, post_id bigint unsigned NOT NULL, meta_key varchar(255), meta_value longtext, PRIMARY KEY (meta_id)',
  ],
  [
    'comments',
    'comment_ID bigint unsigned NOT NULL auto_increment, comment_post_ID bigint unsigned NOT NULL, comment_author text NOT NULL, comment_date datetime NOT NULL, comment_content text NOT NULL, PRIMARY KEY (comment_ID)',
  ],
  [
    'commentmeta',
    'meta_id bigint unsigned NOT NULL auto_increment, comment_id bigint unsigned NOT NULL, meta_key varchar(255), meta_value longtext, PRIMARY KEY (meta_id)',
  ],
  [
    'links',
    'link_id bigint unsigned NOT NULL auto_increment, link_url varchar(255) NOT NULL, link_name varchar(255) NOT NULL, PRIMARY KEY (link_id)',
  ],
  [
    'options',
    "option_id bigint unsigned NOT NULL auto_increment, option_name varchar(191) NOT NULL, option_value longtext NOT NULL, autoload varchar(20) NOT NULL default 'yes', PRIMARY KEY (option_id), UNIQUE KEY option_name (option_name)",
  ],
  [
    'terms',
    'term_id bigint unsigned NOT NULL auto_increment, name varchar(200) NOT NULL, slug varchar(200) NOT NULL, PRIMARY KEY (term_id)',
  ],
  [
    'termmeta',
    'meta_id bigint unsigned NOT NULL auto_increment, term_id bigint unsigned NOT NULL, meta_key varchar(255), meta_value longtext, PRIMARY KEY (meta_id)',
  ],
  [
    'term_taxonomy',
    'term_taxonomy_id bigint unsigned NOT NULL auto_increment, term_id bigint unsigned NOT NULL, taxonomy varchar(32) NOT NULL, PRIMARY KEY (term_taxonomy_id)',
  ],
  [
    'term_relationships',
    'object_id bigint unsigned NOT NULL, term_taxonomy_id bigint unsigned NOT NULL, PRIMARY KEY (object_id, term_taxonomy_id)',
  ],
];

const FIRST_POST =
  'Welcome to WordPress. This is your first post. Edit or delete it, then start writing!';
const FIRST_COMMENT =
  'Hi, this is a comment. To get started with moderating, editing, and deleting comments, please visit the Comments screen in the dashboard.';

/** Makes the tables and what a new blog holds; false where the database refused. */
export function* install(connection: Connection, prefix: string, blog: Blog): Routine<boolean> {
  const statements = TABLES.map(([name, columns]) => `CREATE TABLE ${prefix}${name} (${columns})`);
  const options: readonly (readonly [string, string])[] = [
    ['siteurl', blog.url],
    ['home', blog.url],
    ['blogname', blog.title],
    ['blogdescription', ''],
    ['admin_email', blog.email],
    ['posts_per_page', '10'],
    ['template', 'twentytwentyfive'],
  ];
  for (const [name, value] of options)
    statements.push(
      `INSERT INTO ${prefix}options (option_name, option_value) VALUES (${quote(name)}, ${quote(value)})`,
    );
  statements.push(
    `INSERT INTO ${prefix}users (user_login, user_pass, user_email, user_registered, display_name) VALUES (${quote(blog.user)}, ${quote(`$wp$${blog.password.length}`)}, ${quote(blog.email)}, NOW(), ${quote(blog.user)})`,
    `INSERT INTO ${prefix}terms (name, slug) VALUES ('Uncategorized', 'uncategorized')`,
    `INSERT INTO ${prefix}posts (post_author, post_date, post_content, post_title, post_name, comment_count) VALUES (1, NOW(), ${quote(FIRST_POST)}, 'Hello world!', 'hello-world', 1)`,
    `INSERT INTO ${prefix}posts (post_author, post_date, post_content, post_title, post_name, post_type) VALUES (1, NOW(), 'This is an example page.', 'Sample Page', 'sample-page', 'page')`,
    `INSERT INTO ${prefix}comments (comment_post_ID, comment_author, comment_date, comment_content) VALUES (1, 'A WordPress Commenter', NOW(), ${quote(FIRST_COMMENT)})`,
  );
  for (const text of statements) if (!(yield* query(connection, text))) return false;
  return true;
}
