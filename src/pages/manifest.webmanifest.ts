// The web app manifest, so that the site can be kept on a home screen and read offline.

import { href } from '../layouts/href.ts';

/** The manifest as JSON. */
export function GET(): Response {
  return new Response(
    JSON.stringify({
      name: 'Drydock',
      short_name: 'Drydock',
      start_url: href('/'),
      scope: href('/'),
      display: 'minimal-ui',
      background_color: '#f5f6f2',
      theme_color: '#f5f6f2',
      icons: [{ src: href('/icon.svg'), sizes: 'any', type: 'image/svg+xml' }],
    }),
  );
}
