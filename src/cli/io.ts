/** All that a command touches of the world besides files; tests give it another one. */

export interface Io {
  /** Everything that comes in, once. */
  readonly stdin: () => Promise<string>;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Sink {
  readonly isTTY: boolean;
  /** Settles when more can be written; false: nobody reads any more. */
  write(text: string): Promise<boolean>;
}
