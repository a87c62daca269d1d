// A page of minikube's help as data: what its text is laid out from.

/** The help of one command. */
export interface HelpPage {
  /** `node add` */
  readonly path: string;
  /** Its line in the list of its group. */
  readonly short: string;
  /** The short line where it is left out. */
  readonly long?: string;
  /** `minikube PATH [flags]` where it is left out; '' for a group that does nothing itself. */
  readonly usage?: string;
  readonly aliases?: string;
  readonly examples?: string;
  /** `name|short|default|what it is for` */
  readonly flags?: readonly string[];
}
