/** The line that opens a shell in a container, for a kubectl whose context has the cluster's name. */
export function execLine(options: {
  cluster: string;
  namespace: string;
  pod: string;
  container: string;
}): string {
  const { cluster, namespace, pod, container } = options;
  const words = [
    'kubectl',
    'exec',
    '-it',
    pod,
    '--context',
    cluster,
    '-n',
    namespace,
    '-c',
    container,
  ];
  return [...words.map(quote), '--', 'sh'].join(' ');
}

/** Names of contexts come from the configuration and may hold anything. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word)
    ? word
    : `'${word.replace(/'/g, `'\\''`)}'`;
}
