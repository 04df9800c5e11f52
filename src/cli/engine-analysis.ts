/** The one place where the command line calls the engine. */
import type { Analyzer } from './analysis';
import { CannotAnswer } from './cannot-answer';

export function engineAnalyzer(): Analyzer {
  throw new CannotAnswer(['this build has no engine']);
}
