// What every package's ESLint configuration adds to Backstage's own.
const path = require('node:path');

module.exports = {
  plugins: ['@backstage'],
  rules: {
    '@backstage/no-top-level-material-ui-4-imports': 'error',
    '@backstage/no-mixed-plugin-imports': 'error',
    '@backstage/no-relative-monorepo-imports': 'error',
    '@backstage/no-undeclared-imports': 'error',
  },
  restrictedSrcImports: [
    {
      name: '@switchyard/fleet-node/effects',
      message:
        'What changes Argo CD and clusters belongs to effects: import it in src/effects only.',
    },
    {
      name: '@switchyard/fleet-node/exec',
      message:
        'Only what guards a session may start processes in containers: import it in src/terminal only (docs/adr/0012).',
    },
    {
      name: '@switchyard/sandbox',
      message:
        'The sandbox is for development and tests; nothing that is shipped may need it.',
    },
    {
      name: '@switchyard/contract-worlds',
      message: 'Only contract tests open the worlds that they run in.',
    },
  ],
  overrides: [
    {
      files: [
        path.join('**', 'src', 'effects', '**'),
        path.join('**', 'src', 'terminal', '**'),
      ],
      rules: { 'no-restricted-imports': 'off' },
    },
    {
      // Tests, and what only tests use: Backstage's rules know them by other names and would ask for runtime dependencies.
      files: ['**/*.contract.ts', path.join('**', 'src', 'tests', '**')],
      rules: {
        'no-restricted-imports': 'off',
        '@backstage/no-undeclared-imports': 'off',
      },
    },
    {
      // Programs of their own that start the real portal: they share its launcher, and talk to whoever runs them.
      files: ['e2e-tests/**', 'fault-tests/**', 'bench/**'],
      rules: {
        'no-restricted-imports': 'off',
        'no-console': 'off',
        'no-loop-func': 'off',
        '@backstage/no-relative-monorepo-imports': 'off',
      },
    },
  ],
};
