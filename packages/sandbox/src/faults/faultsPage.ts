/** The page as one document without any other file. It uses the API that tests use. */
export function faultsPage(): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Sandbox: faults and counts</title>
<style>
  :root { color-scheme: light dark; --line: #8884; --on: #b3261e; --quiet: #777; }
  body { font: 15px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem; }
  h1 { font-size: 1.4rem; margin-bottom: .2rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
  table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
  th { font-weight: 600; } td small { color: var(--quiet); display: block; } .on { color: var(--on); font-weight: 600; }
  form { display: flex; gap: .4rem; flex-wrap: wrap; align-items: center; } input[type=text], input[type=number] { width: 8rem; }
  #message { min-height: 1.5em; white-space: pre-wrap; } code { font-size: .9em; overflow-wrap: anywhere; }
  @media (max-width: 600px) { td, th { display: block; border: 0; padding: .2rem 0; } tr { display: block; border-bottom: 1px solid var(--line); padding: .5rem 0; } thead { display: none; } }
</style>
</head>
<body>
<h1>Faults and counts of the sandbox</h1>
<p>Break something and watch what the portal makes of it. Faults end with the sandbox.</p>
<p><label>Time runs <input type="number" id="speed" min="0.1" max="1000" step="any"> times as fast</label>
  <button id="setSpeed">Set</button> <button id="clear">End all faults</button></p>
<p id="message" role="status" aria-live="polite"></p>
<table><thead><tr><th>Fault</th><th>State</th><th>Change</th></tr></thead><tbody id="faults"></tbody></table>
<h2>What was done to this world</h2>
<div id="counts"></div>
<script>
const $ = id => document.getElementById(id);
const element = (tag, properties, ...children) => { const node = Object.assign(document.createElement(tag), properties); node.append(...children); return node; };
async function call(method, path, body) {
  const response = await fetch(path, { method, headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}
async function send(body) {
  try {
    const { result } = await call('POST', '/api/faults', body);
    $('message').textContent = result ? 'Done: ' + JSON.stringify(result) : 'Done.';
  } catch (error) { $('message').textContent = error.message; }
  await refresh();
}
function controls(fault) {
  const target = fault.targets.length ? element('select', { ariaLabel: 'target' }, ...['*', ...fault.targets].map(value => element('option', { value, textContent: value === '*' ? 'all' : value }))) : undefined;
  const value = fault.value ? element('input', { type: 'text', value: fault.value.default, title: fault.value.label, ariaLabel: fault.value.label }) : undefined;
  const body = more => ({ fault: fault.id, ...(target ? { target: target.value } : {}), ...(value ? { value: value.value } : {}), ...more });
  const button = (textContent, more) => element('button', { type: 'button', textContent, onclick: () => send(body(more)) });
  const buttons = fault.kind === 'now' ? [button('Do it', {})] : fault.kind === 'next' ? [button('Next time', { times: 1 })] : [button('On', { on: true }), button('Off', { on: false })];
  return element('form', { onsubmit: () => false }, ...[target, value, ...buttons].filter(Boolean));
}
async function refresh() {
  const [faults, counts, speed] = await Promise.all([call('GET', '/api/faults'), call('GET', '/api/counts'), call('GET', '/api/speed')]);
  if (document.activeElement !== $('speed')) $('speed').value = speed.speed;
  const state = fault => fault.active.map(({ target, value, remaining }) => [target === '*' ? 'on' : target, value, remaining && 'next ' + remaining].filter(Boolean).join(' · ')).join(', ');
  if (!$('faults').contains(document.activeElement) || document.activeElement.tagName === 'BUTTON') {
    $('faults').replaceChildren(...faults.items.map(fault => element('tr', {},
      element('td', {}, fault.title, element('small', { textContent: fault.about })),
      element('td', { className: fault.active.length ? 'on' : '', textContent: fault.kind === 'now' ? '' : state(fault) || 'off' }),
      element('td', {}, controls(fault)))));
  }
  const rows = (title, entries) => [element('h3', { textContent: title }), entries.length ? element('table', {}, ...entries.map(([name, text]) => element('tr', {}, element('th', { textContent: name }), element('td', {}, element('code', { textContent: text }))))) : element('p', { textContent: 'Nothing yet.' })];
  $('counts').replaceChildren(
    ...rows('Commits', Object.entries(counts.repositories).flatMap(([name, { items }]) => items.map(item => [name, item.sha.slice(0, 10) + ' ' + item.message.split('\\n')[0] + ' (' + item.author.name + ')']))),
    ...rows('Syncs', Object.entries(counts.applications).filter(([, count]) => count.operations).map(([name, count]) => [name, count.syncs + ' in the history, ' + count.operations + ' operations'])),
    ...rows('Migrations', counts.migrations.map(run => [run.database, run.component + ' ' + run.version + ' in ' + run.cluster + ': ' + run.outcome])),
    ...rows('Verbs that the sandbox does not have', Object.entries(counts.unimplemented)));
}
$('clear').onclick = async () => { await call('DELETE', '/api/faults'); await refresh(); };
$('setSpeed').onclick = async () => { try { await call('POST', '/api/speed', { speed: Number($('speed').value) }); $('message').textContent = 'Done.'; } catch (error) { $('message').textContent = error.message; } };
refresh(); setInterval(() => refresh().catch(error => { $('message').textContent = error.message; }), 3000);
</script>
</body>
</html>
`;
}
