// jest's globalSetup: runs once, before all test files.

import { hasShared, onCi, sharedPath } from './shared';

export default function announceSkips(): void {
  if (hasShared || onCi) return;
  process.stdout.write(`skipped: the tests that need ${sharedPath()}, which is not here\n`);
}
