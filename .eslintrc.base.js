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
        'The writing half of the Argo CD client belongs to effects: import it in src/effects only.',
    },
    {
      name: '@switchyard/sandbox',
      message:
        'The sandbox is for development and tests; nothing that is shipped may need it.',
    },
  ],
  overrides: [
    {
      files: [path.join('**', 'src', 'effects', '**')],
      rules: { 'no-restricted-imports': 'off' },
    },
  ],
};
