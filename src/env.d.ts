// What a page hands to the components of its note.

declare namespace App {
  interface Locals {
    prepared: import('./layouts/notes.ts').PreparedNote;
  }
}
