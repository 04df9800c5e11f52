/**
 * The formats, by name. A report's code is loaded when somebody asks for it. To add a format: its file,
 * its test, one entry here.
 */
import type { Query, Report } from './report';

/** A format before its code is loaded. */
export interface Format {
  readonly name: string;
  readonly summary: string;
  /** The results that it can show. */
  readonly queries: readonly Query[];
  load(): Report;
}

const EVERY: readonly Query[] = ['reach', 'explain', 'exposure', 'lint', 'diff', 'test'];
const JUDGED: readonly Query[] = ['lint', 'diff', 'test'];
const GRAPHS: readonly Query[] = ['reach', 'exposure', 'diff'];

export const FORMATS: readonly Format[] = [
  {
    name: 'text',
    summary: 'for people, the default',
    queries: EVERY,
    load: () => (require('./text') as typeof import('./text')).text,
  },
  {
    name: 'json',
    summary: 'the whole result, as docs/result.schema.json says',
    queries: EVERY,
    load: () => (require('./json') as typeof import('./json')).json,
  },
  {
    name: 'sarif',
    summary: 'SARIF 2.1.0, for code scanning',
    queries: JUDGED,
    load: () => (require('./sarif') as typeof import('./sarif')).sarif,
  },
  {
    name: 'junit',
    summary: 'JUnit XML, for CI servers',
    queries: JUDGED,
    load: () => (require('./junit') as typeof import('./junit')).junit,
  },
  {
    name: 'github',
    summary: 'annotations of GitHub Actions',
    queries: JUDGED,
    load: () => (require('./github') as typeof import('./github')).github,
  },
  {
    name: 'markdown',
    summary: 'tables, for comments on pull requests',
    queries: EVERY,
    load: () => (require('./markdown') as typeof import('./markdown')).markdown,
  },
  {
    name: 'mermaid',
    summary: 'a graph that GitHub and GitLab draw',
    queries: GRAPHS,
    load: () => (require('./mermaid') as typeof import('./mermaid')).mermaid,
  },
  {
    name: 'dot',
    summary: 'a graph for Graphviz',
    queries: GRAPHS,
    load: () => (require('./dot') as typeof import('./dot')).dot,
  },
];
