import { ForgePullRequest, MERGE_METHODS } from './PullRequestStore';

/** The page of a pull request as one document: what it says, and the buttons of whoever may merge. */
export function pullRequestPage(
  pull: ForgePullRequest,
  { message, conflicts }: { message: string; conflicts: readonly string[] },
): string {
  const name = `${pull.title} #${pull.number}`;
  const buttons = [...MERGE_METHODS, 'close']
    .map(
      action =>
        `<button name="action" value="${action}">${label(action)}</button>`,
    )
    .join(' ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escape(name)}</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 15px/1.45 system-ui, sans-serif; max-width: 50rem; margin: 1.5rem auto; padding: 0 1rem; }
  pre { white-space: pre-wrap; border: 1px solid #8884; padding: .6rem; }
</style>
</head>
<body>
<h1>${escape(name)}</h1>
<p>${escape(pull.user)} wants to merge <code>${escape(
    pull.head,
  )}</code> into <code>${escape(pull.base)}</code> of <code>${escape(
    pull.repository,
  )}</code>: <strong>${stateOf(pull)}</strong></p>
${
  conflicts.length > 0
    ? `<p role="alert">Both sides changed ${escape(conflicts.join(', '))}.</p>`
    : ''
}
<pre>${escape(pull.body)}</pre>
<h2>Commit</h2>
<pre>${escape(message)}</pre>
${
  pull.closed
    ? ''
    : `<form method="post"><label>As <input name="by" value="ravi"></label> ${buttons}</form>`
}
</body>
</html>
`;
}

function label(action: string): string {
  if (action === 'close') return 'Close';
  return action === 'merge' ? 'Merge' : `${capitalize(action)} and merge`;
}

function capitalize(word: string): string {
  return word[0].toUpperCase() + word.slice(1);
}

function stateOf({ merged, closed }: ForgePullRequest): string {
  if (merged) return `merged by ${escape(merged.by)}`;
  return closed ? `closed by ${escape(closed.by)}` : 'open';
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, letter => `&#${letter.charCodeAt(0)};`);
}
