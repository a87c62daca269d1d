// Syntax colours as classes. Shiki's default writes a style attribute on every token, which the policy of
// the pages forbids; here each token gets a class named after its ink, and tokens.css says how it looks.

import { createCssVariablesTheme, type ShikiTransformer } from 'shiki';

/** A theme whose colours are variables: `var(--ink-token-keyword)` and so on. */
export const inkTheme = createCssVariablesTheme({ name: 'ink', variablePrefix: '--ink-' });

/** Turns a token's colour into a class (`k-keyword`) and leaves no style anywhere. */
export const inkTransformer: ShikiTransformer = {
  name: 'drydock-ink',
  span(node) {
    const style = String(node.properties.style ?? '');
    delete node.properties.style;
    const ink = /--ink-(?:token-)?([a-z-]+)/.exec(style)?.[1];
    if (ink !== undefined && ink !== 'foreground') node.properties.class = `k-${ink}`;
  },
  pre(node) {
    node.properties = { tabindex: '0' };
  },
};

/** Hands a fence on to the `pre` component: its language, its meta words as written, and its source. */
export const fenceTransformer: ShikiTransformer = {
  name: 'drydock-fence',
  pre(node) {
    node.properties = {
      'data-language': this.options.lang,
      'data-meta': String(this.options.meta?.__raw ?? ''),
      'data-source': this.source,
    };
  },
};
