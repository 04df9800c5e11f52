// The tests that need real engines: `npm run test:engines`. They are not part of `npm test`.

const base = require('../../jest.config.cjs');

/** @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/engines'],
  // the whole mesh has a run of its own: `npm run test:mesh`
  testPathIgnorePatterns: ['/node_modules/', '/test/engines/mesh/'],
  globalSetup: '<rootDir>/test/engines/harness/start-ledger.ts',
  globalTeardown: '<rootDir>/test/engines/harness/close-ledger.ts',
  // engines share the machine's two cores with what they judge
  maxWorkers: 1,
  // what a failed test leaves open must not keep CI waiting; undo.sh cleans up after any end
  forceExit: true,
  // a hook may build an engine first, which takes minutes on a machine that never did
  testTimeout: 30 * 60 * 1000,
};
