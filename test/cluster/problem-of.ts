import type { Problem } from '../../src/values/problem';
import { isNetpolError } from '../../src/values/problem';

/** The one problem that the action is refused with. */
export function problemOf(action: () => unknown): Problem {
  try {
    action();
  } catch (thrown) {
    if (isNetpolError(thrown) && thrown.problems[0] !== undefined) return thrown.problems[0];
    throw thrown;
  }
  throw new Error('nothing was refused');
}
