// Types are checked by `npm run check:types`; here files are only transpiled (isolatedModules in
// test/tsconfig.json), so a test run starts at once.

/** @type {import('jest').Config} */
module.exports = {
  // src holds no tests: it is a root so that `jest --watch` sees its changes.
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/examples'],
  testMatch: ['**/*.test.ts'],
  // they need more than Node: npm run test:engines
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/engines/'],
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/test/tsconfig.json' }] },
  // Examples import the package by its name. Their tests shall see src as it is, not as it was at the
  // last build; `npm run examples` runs the same files against the built package.
  moduleNameMapper: {
    '^cdk8s-ml-netpol$': '<rootDir>/src/index.ts',
    '^cdk8s-ml-netpol/testing$': '<rootDir>/src/testing/index.ts',
  },
  globalSetup: '<rootDir>/test/announce-skips.ts',
  maxWorkers: '100%',
};
