// The entry of `npm start`. It must parse on any Node that knows modules, so that an old one gets a sentence instead of a stack trace:
// newer syntax only in what is imported after the check.
const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  console.error(
    'Switchyard needs Node.js 20 or newer to start; this is ' +
      process.version +
      '. It brings the version it runs on by itself.',
  );
  process.exit(1);
}
const hotReload = (process.env.npm_config_user_agent || '').startsWith('yarn/');
import(hotReload ? './launch/develop.mjs' : './launch/portal.mjs')
  .then(launcher => launcher.main(process.argv.slice(2)))
  .catch(error => {
    console.error(error && error.plain ? error.message : error);
    process.exit(1);
  });
