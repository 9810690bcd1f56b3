/**
 * The address over HTTP of a repository as Argo CD may name it: an address with http(s) or ssh, or `git@host:path`. Credentials in it are dropped: only
 * configured ones are used. Undefined for anything else.
 */
export function toHttpUrl(repoUrl: string): URL | undefined {
  const scp = /^(?:[\w.-]+@)?([\w.-]+):(?!\/)(.+)$/.exec(repoUrl);
  const text =
    scp && !repoUrl.includes('://') ? `ssh://${scp[1]}/${scp[2]}` : repoUrl;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  if (url.protocol === 'ssh:') {
    // The port is that of SSH.
    try {
      url = new URL(`https://${url.hostname}${url.pathname}`);
    } catch {
      return undefined;
    }
    const azure = /^\/v3\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(url.pathname);
    if (url.hostname === 'ssh.dev.azure.com' && azure) {
      url = new URL(
        `https://dev.azure.com/${azure[1]}/${azure[2]}/_git/${azure[3]}`,
      );
    }
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  if (url.search || url.hash || url.pathname === '/') return undefined;
  url.username = '';
  url.password = '';
  return url;
}
