/** The commands, by name; their code is loaded when it is needed. */
import type { Command } from '../command';

/** A command before its code is loaded. */
export interface CommandEntry {
  readonly name: string;
  load(): Command;
}

export const COMMANDS: readonly CommandEntry[] = [
  { name: 'reach', load: () => (require('./reach') as typeof import('./reach')).reach },
  { name: 'explain', load: () => (require('./explain') as typeof import('./explain')).explain },
  { name: 'ask', load: () => (require('./ask') as typeof import('./ask')).ask },
  { name: 'exposure', load: () => (require('./exposure') as typeof import('./exposure')).exposure },
  { name: 'lint', load: () => (require('./lint') as typeof import('./lint')).lint },
  { name: 'diff', load: () => (require('./diff') as typeof import('./diff')).diff },
  { name: 'test', load: () => (require('./test') as typeof import('./test')).test },
  { name: 'verify', load: () => (require('./verify') as typeof import('./verify')).verify },
  { name: 'rules', load: () => (require('./rules') as typeof import('./rules')).rules },
];
