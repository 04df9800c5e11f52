/** Flags that mean the same wherever they are taken. A command lists those that it takes. */
import type { OptionSpecs } from './arguments';

/** Taken by every command. */
export const EVERYWHERE = {
  help: { type: 'boolean', short: 'h', summary: 'this help' },
  color: { type: 'boolean', summary: 'colours, whatever the terminal' },
  'no-color': { type: 'boolean', summary: 'no colours' },
} as const satisfies OptionSpecs;

/** Taken by every command that answers from manifests. */
export const ANSWERS = {
  output: {
    type: 'string',
    short: 'o',
    multiple: true,
    value: 'format[=file]',
    summary: 'text (default), json, sarif, junit, github, markdown, mermaid, dot; repeatable',
  },
  all: { type: 'boolean', summary: 'also what is denied, unchanged or passed; no limits' },
  quiet: { type: 'boolean', short: 'q', summary: 'no summary' },
  strict: { type: 'boolean', summary: 'exit 1 where something was not analyzed' },
  'exit-zero': { type: 'boolean', summary: 'exit 0 instead of 1' },
} as const satisfies OptionSpecs;

/** Taken by every command that reads manifests. */
export const READS = {
  profile: {
    type: 'string',
    value: 'file',
    summary: 'facts of the cluster that no manifest shows',
  },
  'without-policies': { type: 'boolean', summary: 'answer also where there are no policies' },
} as const satisfies OptionSpecs;

export const NAMESPACE = {
  namespace: {
    type: 'string',
    short: 'n',
    value: 'name',
    summary: 'only its workloads; of names without a namespace',
  },
} as const satisfies OptionSpecs;
