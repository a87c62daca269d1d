// Elements in one expression.

/** An element with a class and children; text stands for itself. */
export function draw(
  name: string,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElement {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

/** A button that does something. */
export function drawButton(className: string, text: string, action: () => void): HTMLElement {
  const button = draw('button', className, text);
  button.setAttribute('type', 'button');
  button.addEventListener('click', action);
  return button;
}
