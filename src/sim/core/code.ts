// Code that is not there yet. A host may leave large programs out of what it loads first; the first execution
// of one takes its turn back and ends the advance with 'code'. The host brings the module in and advances again:
// the same turn is taken anew, so nothing that is simulated can tell whether code was there from the start.

/** A module that a host brings in when it is first needed. */
export class DistantCode {
  readonly name: string;
  /** The module's exports, once it is here. */
  module: unknown;
  private readonly load: () => PromiseLike<unknown>;

  /** `name` is for people; `load` is the host's way to fetch the module. */
  constructor(name: string, load: () => PromiseLike<unknown>) {
    this.name = name;
    this.load = load;
  }

  get present(): boolean {
    return this.module !== undefined;
  }

  /** For hosts, between two advances: fetches the module; settles when it is here, fails as the fetch does. */
  bring(): PromiseLike<void> {
    return this.load().then((module) => {
      this.module = module;
    });
  }
}
