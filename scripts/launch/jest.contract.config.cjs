// Contract tests: the same assertions against the sandbox and, where addresses are given, against real systems.
const path = require('node:path');

const root = path.resolve(__dirname, '..', '..');

module.exports = {
  rootDir: root,
  roots: ['<rootDir>/packages', '<rootDir>/plugins'],
  testMatch: ['**/src/**/*.contract.ts'],
  testEnvironment: 'node',
  transform: {
    '\\.(mjs|cjs|js|ts)$': [
      require.resolve('@backstage/cli/config/jestSwcTransform'),
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } },
    ],
    '\\.(yaml)$': require.resolve('@backstage/cli/config/jestYamlTransform'),
  },
  transformIgnorePatterns: ['/node_modules/'],
  testTimeout: 120_000,
};
