// xterm.js writes style elements and style attributes, which the policy of the pages forbids. It accepts a
// document of the caller's: this one turns the first into adopted style sheets and the second into CSSOM.

/** The page's document, with elements whose styles the policy lets pass. */
export function styleSafeDocument(): Document {
  return new Proxy(document, {
    get(target, property) {
      if (property === 'createElement') return createElement;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (target, property, value) => Reflect.set(target, property, value, target),
  });
}

/** Runs `body` with the page's own document making such elements: xterm's scroll bar asks that one. */
export function withSafeStyles(body: () => void): void {
  const own = document.createElement;
  document.createElement = createElement as typeof own;
  try {
    body();
  } finally {
    document.createElement = own;
  }
}

const createPlain = document.createElement.bind(document);

function createElement(name: string): HTMLElement {
  return name === 'style' ? styleSheet() : element(name);
}

/** An element that stands for a style element: what is written into it goes to a sheet of the document. */
function styleSheet(): HTMLElement {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  const stand = createPlain('meta');
  Object.defineProperty(stand, 'textContent', {
    set: (text: string) => sheet.replaceSync(text),
    get: () => '',
  });
  const remove = stand.remove.bind(stand);
  stand.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
    remove();
  };
  return stand;
}

function element(name: string): HTMLElement {
  const made = createPlain(name);
  const setAttribute = made.setAttribute.bind(made);
  made.setAttribute = (attribute, value) => {
    if (attribute === 'style') made.style.cssText = value;
    else setAttribute(attribute, value);
  };
  return made;
}
