import { randomBytes } from 'node:crypto';
import { Closers } from './Closers';
import { GitWorkspace } from './git/GitWorkspace';
import { realGit } from './real/realSystems';
import { openSandboxWorld } from './sandbox/openSandboxWorld';
import { ContractBranch, ContractGitAccess } from './types';

/** A repository on a Git server, and two branches of its own in it. */
export interface ContractRepository {
  /** Address without credentials. */
  repoUrl: string;
  access: ContractGitAccess;
  branch: ContractBranch;
  /** Shares no commit with the other one. */
  otherBranch: ContractBranch;
  /** Sets the branch to another commit, whatever it is at, as somebody who forces a push. */
  force(commit: string): Promise<void>;
  /** Deletes the branches. */
  close(): Promise<void>;
}

/** A row for `describe.each`: a name for people, and how to open the repository. */
export type RepositoryRow = [
  name: string,
  open: () => Promise<ContractRepository>,
];

/**
 * A repository of the sandbox and the one that is given; otherwise a printed sentence says that none is.
 *
 * @param options.what - what is held to them, as a sentence begins
 * @param options.files - of the branches' first commit
 */
export function contractRepositories(options: {
  what: string;
  files: Readonly<Record<string, string>>;
}): RepositoryRow[] {
  const { what, files } = options;
  const rows: RepositoryRow[] = [
    [
      'the sandbox',
      async () => {
        const closers = new Closers();
        const { git, manual, close } = await openSandboxWorld();
        closers.add('sandbox', close);
        const { repoUrl } = manual.branch;
        return openRepository({ repoUrl, access: git, files, closers });
      },
    ],
  ];
  const real = realGit();
  if (real) {
    rows.push([
      'a real Git server',
      () => openRepository({ ...real, files, closers: new Closers() }),
    ]);
  } else {
    console.log(
      `No SWITCHYARD_CONTRACT_GIT_URL: ${what} is held to the sandbox only.`,
    );
  }
  return rows;
}

async function openRepository(options: {
  repoUrl: string;
  access: ContractGitAccess;
  files: Readonly<Record<string, string>>;
  closers: Closers;
}): Promise<ContractRepository> {
  const { repoUrl, access, files, closers } = options;
  const name = `switchyard-contract-${randomBytes(4).toString('hex')}`;
  try {
    const workspace = await GitWorkspace.open({ repoUrl, access });
    closers.add('clone', () => workspace.close());
    const create = async (branch: string) => {
      const created = await workspace.createBranch(branch, files);
      closers.add(`branch ${branch}`, () => workspace.deleteBranch(branch));
      return created;
    };
    return {
      repoUrl,
      access,
      branch: await create(name),
      otherBranch: await create(`${name}-other`),
      force: commit => workspace.force(name, commit),
      close: () => closers.close(),
    };
  } catch (error) {
    await closers.close();
    throw error;
  }
}
