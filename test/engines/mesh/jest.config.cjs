// The whole mesh: `npm run test:mesh`. It is part of no other run.

const base = require('../jest.config.cjs');

/** @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '../../..',
  roots: ['<rootDir>/test/engines/mesh'],
  testPathIgnorePatterns: ['/node_modules/'],
};
