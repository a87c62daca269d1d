// WordPress in the place of PHP: the installation, the blog's pages from its database, and the page for a database that
// cannot be reached. Left out: the administration behind wp-login.php, themes, plugins, the REST API.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import type { Connection } from '../sql/client.ts';
import { runApache, scriptResponse } from './apache.ts';
import {
  type Config,
  configOf,
  connectDatabase,
  install,
  option,
  query,
} from './wordpress-database.ts';

const ROOT = '/var/www/html';

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A page of the administration: installation and errors look alike. */
function plainPage(title: string, body: string, kind = 'wp-core-ui'): string {
  return `<!DOCTYPE html>\n<html lang="en-US" xml:lang="en-US">\n<head>\n\t<meta name="viewport" content="width=device-width" />\n\t<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />\n\t<meta name="robots" content="noindex,nofollow" />\n\t<title>${title}</title>\n</head>\n<body class="${kind}">\n${body}\n</body>\n</html>\n`;
}

const INSTALLATION = 'WordPress &rsaquo; Installation';
const LOGO = '<p id="logo">WordPress</p>';

function field(id: string, label: string, type = 'text', value = ''): string {
  return `\t\t<tr><th scope="row"><label for="${id}">${label}</label></th><td><input name="${id}" type="${type}" id="${id}" size="25" value="${value}" /></td></tr>\n`;
}

function installForm(problem: string): string {
  const said = problem === '' ? '' : `<p class="message">${problem}</p>\n`;
  return `${LOGO}\n<h1>Welcome</h1>\n<p>Welcome to the famous five-minute WordPress installation process! Just fill in the information below and you&#8217;ll be on your way to using the most extendable and powerful personal publishing platform in the world.</p>\n<h2>Information needed</h2>\n${said}<form id="setup" method="post" action="install.php?step=2" novalidate="novalidate">\n\t<table class="form-table" role="presentation">\n${field('weblog_title', 'Site Title')}${field('user_name', 'Username')}${field('admin_password', 'Password', 'password')}${field('admin_email', 'Your Email', 'email')}\t</table>\n\t<p class="step"><input type="submit" name="Submit" id="submit" class="button button-large" value="Install WordPress" /></p>\n\t<input type="hidden" name="language" value="" />\n</form>`;
}

/** The fields of a form that was sent. */
function form(request: HttpRequest): Map<string, string> {
  const decoded = (text: string): string => {
    try {
      return decodeURIComponent(text.replaceAll('+', ' '));
    } catch {
      return text;
    }
  };
  return new Map(
    request.body
      .text()
      .split('&')
      .map((pair): [string, string] => {
        const [name = '', ...value] = pair.split('=');
        return [decoded(name), decoded(value.join('='))];
      }),
  );
}

interface Page {
  readonly status: number;
  readonly html: string;
  readonly location?: string;
}

function redirect(request: HttpRequest, path: string): Page {
  return {
    status: 302,
    html: '',
    location: `http://${request.headers.host ?? 'localhost'}${path}`,
  };
}

function* installation(
  request: HttpRequest,
  connection: Connection,
  config: Config,
  installed: boolean,
): Routine<Page> {
  const page = (body: string): Page => ({ status: 200, html: plainPage(INSTALLATION, body) });
  if (installed)
    return page(
      `${LOGO}\n<h1>Already Installed</h1>\n<p>You appear to have already installed WordPress. To reinstall please clear your old database tables first.</p>\n<p class="step"><a href="../wp-login.php" class="button button-large">Log In</a></p>`,
    );
  const step = request.query.get('step')?.[0] ?? '0';
  if (request.method !== 'POST' || step !== '2') return page(installForm(''));
  const given = form(request);
  const get = (name: string): string => given.get(name)?.trim() ?? '';
  const [user, email] = [get('user_name'), get('admin_email')];
  if (user === '') return page(installForm('Please provide a valid username.'));
  const { admin_password2: again = get('admin_password') } = Object.fromEntries(given);
  if (get('admin_password') !== again)
    return page(installForm('Your passwords do not match. Please try again.'));
  if (email === '') return page(installForm('You must provide an email address.'));
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email) && !/^[^@\s]+@localhost$/.test(email))
    return page(
      installForm(
        'Sorry, that isn&#8217;t a valid email address. Email addresses look like <code>username@example.com</code>.',
      ),
    );
  const url = `http://${request.headers.host ?? 'localhost'}`;
  const blog = { title: get('weblog_title'), user, password: get('admin_password'), email, url };
  if (!(yield* install(connection, config.prefix, blog))) return unreachable();
  return page(
    `${LOGO}\n<h1>Success!</h1>\n<p>WordPress has been installed. Thank you, and enjoy!</p>\n<table class="form-table install-success">\n\t<tr>\n\t\t<th>Username</th>\n\t\t<td>${escape(user)}</td>\n\t</tr>\n\t<tr>\n\t\t<th>Password</th>\n\t\t<td><p><em>Your chosen password.</em></p></td>\n\t</tr>\n</table>\n<p class="step"><a href="${url}/wp-login.php" class="button button-large">Log In</a></p>`,
  );
}

function unreachable(): Page {
  const body =
    '\t<div class="wp-die-message"><h1>Error establishing a database connection</h1></div>';
  return { status: 500, html: plainPage('Database Error', body, 'error-page') };
}

function blogPage(title: string, heading: string, body: string, version: string): string {
  return `<!DOCTYPE html>\n<html lang="en-US">\n<head>\n\t<meta charset="UTF-8" />\n\t<meta name="viewport" content="width=device-width, initial-scale=1" />\n<meta name='robots' content='max-image-preview:large' />\n<title>${title}</title>\n<meta name="generator" content="WordPress ${version}" />\n</head>\n<body class="home blog wp-embed-responsive">\n<header><p class="wp-block-site-title"><a href="/">${heading}</a></p></header>\n<main>\n${body}</main>\n<footer><p>Designed with <a href="https://wordpress.org" rel="nofollow">WordPress</a></p></footer>\n</body>\n</html>\n`;
}

function* blog(
  request: HttpRequest,
  connection: Connection,
  config: Config,
  version: string,
): Routine<Page> {
  const { prefix } = config;
  const name = escape((yield* option(connection, prefix, 'blogname')) ?? '');
  const id = request.query.get('p')?.[0] ?? request.query.get('page_id')?.[0];
  const slug = request.path
    .split('/')
    .filter((part) => part !== '' && part !== 'index.php')
    .at(-1);
  const single = id !== undefined || slug !== undefined;
  const which =
    id === undefined
      ? `post_name = '${(slug ?? '').replace(/[^\w-]/g, '')}'`
      : `ID = ${Number(id) || 0}`;
  const wanted = single ? which : "post_type = 'post' AND post_status = 'publish'";
  const rows =
    (yield* query(
      connection,
      `SELECT ID, post_title, post_content, post_date FROM ${prefix}posts WHERE ${wanted} ORDER BY post_date DESC, ID DESC LIMIT 10`,
    )) ?? [];
  if (single && rows.length === 0) {
    const body =
      '<h1>Page not found</h1>\n<p>The page you are looking for doesn&#8217;t exist, or it has been moved. Please try searching using the form below.</p>\n';
    return { status: 404, html: blogPage(`Page not found &#8211; ${name}`, name, body, version) };
  }
  const articles = rows.map(([key, title, content, date]) => {
    const heading = `<h2 class="wp-block-post-title"><a href="/?p=${String(key)}">${escape(String(title))}</a></h2>`;
    return `<article>\n${heading}\n<p>${escape(String(content))}</p>\n<time datetime="${String(date)}">${String(date).slice(0, 10)}</time>\n</article>\n`;
  });
  const title = single ? `${escape(String(rows[0]?.[1] ?? ''))} &#8211; ${name}` : name;
  return { status: 200, html: blogPage(title, name, articles.join(''), version) };
}

function loginPage(request: HttpRequest, name: string): Page {
  const title = `Log In &lsaquo; ${name} &#8212; WordPress`;
  if (request.method === 'POST') {
    const body = '<p>drydock: the administration of WordPress is not simulated</p>';
    return { status: 501, html: plainPage(title, body, 'login') };
  }
  const body =
    '<h1>Log In</h1>\n<form name="loginform" id="loginform" action="/wp-login.php" method="post">\n<p><label for="user_login">Username or Email Address</label><input type="text" name="log" id="user_login" /></p>\n<p><label for="user_pass">Password</label><input type="password" name="pwd" id="user_pass" /></p>\n<p class="submit"><input type="submit" name="wp-submit" value="Log In" /></p>\n</form>';
  return { status: 200, html: plainPage(title, body, 'login') };
}

function* pageFor(request: HttpRequest, p: Process): Routine<Page> {
  const config = configOf(p);
  const version = p.environment.get('WORDPRESS_VERSION') ?? '6.8.3';
  if (!p.exists(`${ROOT}/wp-config.php`)) {
    const title = 'WordPress &rsaquo; Setup Configuration File';
    if (request.path !== '/wp-admin/setup-config.php')
      return redirect(request, '/wp-admin/setup-config.php');
    const text =
      'Welcome to WordPress. Before getting started, you will need to know the following items.';
    return {
      status: 200,
      html: plainPage(title, `${LOGO}\n<h1>Before getting started</h1>\n<p>${text}</p>`),
    };
  }
  const connection = yield* connectDatabase(p, config);
  if (!connection) return unreachable();
  const name = yield* option(connection, config.prefix, 'blogname');
  let page: Page;
  if (request.path === '/wp-admin/install.php')
    page = yield* installation(request, connection, config, name !== undefined);
  else if (name === undefined) page = redirect(request, '/wp-admin/install.php');
  else if (request.path === '/wp-login.php') page = loginPage(request, escape(name));
  else if (request.path.startsWith('/wp-admin')) page = redirect(request, '/wp-login.php');
  else page = yield* blog(request, connection, config, version);
  connection.close();
  return page;
}

function* run(main: Main): ProgramRun {
  const { process: p, args } = main;
  const php = p.environment.get('PHP_VERSION') ?? '8.3.28';
  const banner = `Apache/2.4.65 (Debian) PHP/${php}`;
  if (args.includes('-v')) {
    main.out.put('Server version: Apache/2.4.65 (Debian)\n');
    return 0;
  }
  function* script(request: HttpRequest, process: Process): Routine<HttpResponse | undefined> {
    const { path } = request;
    const isFile = /\.(?!php)\w+$/.test(path) && process.exists(ROOT + path);
    if (isFile || !process.exists(`${ROOT}/index.php`)) return undefined;
    const { status, html, location } = yield* pageFor(request, process);
    const headers: Record<string, string> = { 'x-powered-by': `PHP/${php}` };
    if (location !== undefined) headers.location = location;
    return scriptResponse(process, banner, status, html, headers);
  }
  return yield* runApache(main, {
    program: 'apache2',
    config: '/etc/apache2/apache2.conf',
    banner,
    mpm: 'prefork',
    log: 'combined',
    script,
  });
}

export const wordpress = program('apache2', run);
