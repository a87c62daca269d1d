// What every page loads: theme, search, copy, and on a note the first touch of an example. Everything that
// costs more comes when it is asked for.

const base = document.documentElement.dataset.base ?? '/';
const note = document.getElementById('steps') === null ? undefined : () => import('./note.ts');

document.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target : undefined;
  const button = target?.closest<HTMLElement>('button');
  if (!button) return;
  if (button.dataset.themeSwitch !== undefined) switchTheme();
  else if (button.dataset.openSearch !== undefined) void search();
  else if (button.dataset.action === 'copy') void copy(button);
  else if (note && (button.dataset.action ?? button.dataset.view)) {
    void note().then(({ act }) => act(button));
  }
});

document.addEventListener('keydown', (event) => {
  const typing = event.target instanceof Element && event.target.closest('input, textarea, select');
  const slash = event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey;
  const k = event.key === 'k' && (event.ctrlKey || event.metaKey);
  if ((slash && !typing) || k) {
    event.preventDefault();
    void search();
  } else if (event.key === '`' && event.ctrlKey && note) {
    event.preventDefault();
    document.querySelector<HTMLElement>('.dock [data-view=terminal]')?.click();
  }
});

if (note) {
  const warm = (event: Event): void => {
    if (!(event.target instanceof Element) || !event.target.closest('.run, .dock')) return;
    document.removeEventListener('pointerover', warm);
    document.removeEventListener('focusin', warm);
    void note().then(({ warmUp }) => warmUp());
  };
  document.addEventListener('pointerover', warm);
  document.addEventListener('focusin', warm);
}

followContents();
if ('serviceWorker' in navigator && import.meta.env.PROD) {
  addEventListener('load', () => void navigator.serviceWorker.register(`${base}sw.js`));
}

async function search(): Promise<void> {
  const { openSearch } = await import('./search.ts');
  openSearch(base);
}

function switchTheme(): void {
  const dark =
    document.documentElement.dataset.theme === 'dark' ||
    (!document.documentElement.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches);
  const theme = dark ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  localStorage.setItem('theme', theme);
}

async function copy(button: HTMLElement): Promise<void> {
  const block = button.closest('.run, .file');
  const commands = [...(block?.querySelectorAll('.typed code') ?? [])];
  const text = block?.querySelector('textarea')?.value ?? block?.querySelector('pre')?.textContent;
  const typed = commands.map((code) => (code.textContent ?? '').replace(/^[$>] /gm, '')).join('');
  await navigator.clipboard.writeText(commands.length > 0 ? typed : (text ?? ''));
  button.textContent = 'Copied';
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 1500);
}

/** Marks in the contents the heading that is being read. */
function followContents(): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('.contents a')];
  const headings = links.flatMap((link) => document.getElementById(link.hash.slice(1)) ?? []);
  if (headings.length === 0) return;
  const observer = new IntersectionObserver(
    () => {
      const line = innerHeight * 0.3;
      const read = headings.findLast((heading) => heading.getBoundingClientRect().top < line);
      for (const link of links) {
        if (read && link.hash === `#${read.id}`) link.setAttribute('aria-current', 'true');
        else link.removeAttribute('aria-current');
      }
    },
    { rootMargin: '0px 0px -70% 0px' },
  );
  for (const heading of headings) observer.observe(heading);
}
