import { ConfigReader } from '@backstage/config';
import { readCommitIdentity, readGitHosts } from './gitConfig';
import { ConfiguredGitRemotes } from './GitRemotes';
import { toHttpUrl } from './remoteUrl';

describe('toHttpUrl', () => {
  it.each([
    ['https://github.com/org/repo.git', 'https://github.com/org/repo.git'],
    ['https://user:pass@github.com/org/repo', 'https://github.com/org/repo'],
    ['git@github.com:org/repo.git', 'https://github.com/org/repo.git'],
    [
      'ssh://git@gitlab.example.com:2222/org/repo.git',
      'https://gitlab.example.com/org/repo.git',
    ],
    [
      'git@ssh.dev.azure.com:v3/org/project/repo',
      'https://dev.azure.com/org/project/_git/repo',
    ],
    [
      'http://127.0.0.1:3000/deploy-blue.git',
      'http://127.0.0.1:3000/deploy-blue.git',
    ],
  ])('%s is %s', (given, expected) => {
    expect(toHttpUrl(given)?.href).toBe(expected);
  });

  it.each([
    '',
    'repo',
    '/srv/git/repo',
    'file:///srv/repo',
    'oci://ghcr.io/x/y',
    'https://host/',
    'https://host/a?b=c',
    'https://host/a#b',
    'git://host/x',
  ])('%j is none', given => {
    expect(toHttpUrl(given)).toBeUndefined();
  });
});

describe('ConfiguredGitRemotes', () => {
  const remotes = (data: object) =>
    ConfiguredGitRemotes.fromConfig(new ConfigReader(data as any));
  const basic = (text: string) =>
    `Basic ${Buffer.from(text).toString('base64')}`;

  it.each([
    [
      { github: [{ host: 'github.com', token: 't' }] },
      'git@github.com:org/deploy.git',
      basic('x-access-token:t'),
      'https://github.com/org/deploy/commit/abc',
    ],
    [
      {
        gitlab: [
          {
            host: 'gitlab.example.com',
            token: 't',
            apiBaseUrl: 'https://gitlab.example.com/api/v4',
          },
        ],
      },
      'https://gitlab.example.com/g/deploy.git',
      basic('oauth2:t'),
      'https://gitlab.example.com/g/deploy/-/commit/abc',
    ],
    [
      {
        gitea: [{ host: 'gitea.example.com', username: 'bot', password: 'p' }],
      },
      'https://gitea.example.com/g/deploy.git',
      basic('bot:p'),
      'https://gitea.example.com/g/deploy/commit/abc',
    ],
    [
      {
        bitbucketServer: [
          {
            host: 'bb.example.com',
            token: 't',
            apiBaseUrl: 'https://bb.example.com/rest/api/1.0',
          },
        ],
      },
      'https://bb.example.com/scm/p/deploy.git',
      'Bearer t',
      undefined,
    ],
    [
      { bitbucketCloud: [{ username: 'bot', appPassword: 'p' }] },
      'https://bitbucket.org/w/deploy.git',
      basic('bot:p'),
      'https://bitbucket.org/w/deploy/commits/abc',
    ],
    [
      {
        azure: [
          {
            host: 'dev.azure.com',
            credentials: [{ personalAccessToken: 'p' }],
          },
        ],
      },
      'https://dev.azure.com/org/project/_git/deploy',
      basic(':p'),
      'https://dev.azure.com/org/project/_git/deploy/commit/abc',
    ],
  ])(
    'takes credentials of %j',
    async (integrations, repoUrl, authorization, page) => {
      const remote = remotes({ integrations }).find(repoUrl);
      await expect(remote.authorization()).resolves.toBe(authorization);
      expect(remote.commitUrl('abc')).toBe(page);
      expect(remote.name).toBe('deploy');
      expect(remote.url).toMatch(/^https:/);
    },
  );

  it('reads a public forge without credentials', async () => {
    await expect(
      remotes({}).find('https://github.com/org/repo').authorization(),
    ).resolves.toBeUndefined();
  });

  it('uses plain HTTP only where the config says so', () => {
    const git = [
      { host: '127.0.0.1:3000', username: 'u', token: 't', insecure: true },
      { host: 'git.example.com', username: 'u', password: 'p' },
    ];
    const found = remotes({ switchyard: { deploys: { git } } });
    expect(found.find('http://127.0.0.1:3000/x.git').url).toBe(
      'http://127.0.0.1:3000/x.git',
    );
    expect(found.find('http://git.example.com/x.git').url).toBe(
      'https://git.example.com/x.git',
    );
    expect(remotes({}).find('http://github.com/org/repo').url).toBe(
      'https://github.com/org/repo',
    );
  });

  it.each([
    'https://evil.example.com/x.git',
    'http://169.254.169.254/x',
    'http://localhost:7007/api.git',
    'git@evil.example.com:x/y',
  ])('talks to no host that is not configured: %s', repoUrl => {
    expect(() => remotes({}).find(repoUrl)).toThrow(
      expect.objectContaining({ code: 'not-configured' }),
    );
  });
});

describe('config', () => {
  it.each([{ host: 'https://x' }, { host: 'x', username: 'u' }])(
    'refuses %j',
    entry => {
      expect(() =>
        readGitHosts(
          new ConfigReader({ switchyard: { deploys: { git: [entry] } } }),
        ),
      ).toThrow();
    },
  );

  it('has an identity by default, and none that breaks a commit', () => {
    expect(readCommitIdentity(new ConfigReader({}))).toEqual({
      name: 'Switchyard',
      email: 'switchyard@noreply.invalid',
    });
    expect(() =>
      readCommitIdentity(
        new ConfigReader({
          switchyard: {
            deploys: { commitAuthor: { name: 'a<b>', email: 'x' } },
          },
        }),
      ),
    ).toThrow();
  });
});
