// `npm run X` on a machine with only Node, npm and git: brings the tools and packages that X needs, then runs it.
const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  console.error(
    'Switchyard needs Node.js 20 or newer; this is ' + process.version + '.',
  );
  process.exit(1);
}
import('./launch/commands.mjs')
  .then(commands => commands.main(process.argv.slice(2)))
  .catch(error => {
    console.error(error && error.plain ? error.message : error);
    process.exit(1);
  });
