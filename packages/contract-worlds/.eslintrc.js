const base = require('../../.eslintrc.base.js');

module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  ...base,
  overrides: [
    ...base.overrides,
    // Nothing of it is shipped.
    { files: ['src/**'], rules: { 'no-restricted-imports': 'off' } },
  ],
});
