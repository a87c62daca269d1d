// A file of the lab that the reader may change. What stands in it when a later example runs is put there.

export class FileEditor {
  private readonly section: HTMLElement;
  private readonly original: string;
  private area: HTMLTextAreaElement | undefined;

  constructor(section: HTMLElement, original: string) {
    this.section = section;
    this.original = original;
  }

  get text(): string {
    return this.area?.value ?? this.original;
  }

  /** Turns the source into a field. */
  edit(): void {
    if (!this.area) {
      const pre = this.section.querySelector('pre');
      this.area = document.createElement('textarea');
      this.area.value = this.original;
      this.area.spellcheck = false;
      this.area.rows = this.original.split('\n').length + 1;
      this.area.setAttribute('aria-label', this.section.getAttribute('aria-label') ?? 'File');
      this.area.addEventListener('input', () => this.mark());
      pre?.replaceWith(this.area);
    }
    this.area.focus();
  }

  /** Back to the text of the note. */
  restore(): void {
    if (this.area) this.area.value = this.original;
    this.mark();
  }

  private mark(): void {
    const changed = this.text !== this.original;
    this.section.classList.toggle('changed', changed);
    const restore = this.section.querySelector<HTMLElement>('[data-action=restore]');
    if (restore) restore.hidden = !changed;
  }
}
