// Keeps the site for reading and running offline. The build puts two lines above this file: VERSION, a hash
// of all that is kept, and FILES, the addresses relative to the site's root. Not kept ahead: source pages.

const root = new URL('./', self.location.href).href;

/** A request that no cache of the browser's own answers. */
function fresh(file) {
  return new Request(root + file, { cache: 'reload' });
}

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(VERSION)
      .then((cache) => cache.addAll(FILES.map(fresh)))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name !== VERSION))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(root)) return;
  event.respondWith(answer(request));
});

/** What is kept, else what the network has, else the page for what is not there. */
async function answer(request) {
  const cache = await caches.open(VERSION);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (kept) return kept;
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const missing = request.mode === 'navigate' && (await cache.match(`${root}404.html`));
    if (missing) return missing;
    throw error;
  }
}
