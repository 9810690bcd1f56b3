import { FaultBoard } from './FaultBoard';

/** What of Argo CD can be broken. Asked at the moment when it matters. */
export interface ArgocdFaults {
  isDown(): boolean;
  delayMs(): number;
  isExpired(): boolean;
  isForbidden(application: string, project: string): boolean;
  isStuck(application: string): boolean;
  isClosed(project: string): boolean;
  takeDroppedAnswer(application: string): boolean;
  takeDroppedCreation(): boolean;
  heldAnswerMs(application: string): number;
  takeNeedlessSelfHeal(application: string): boolean;
  streamsAreSilent(): boolean;
  streamsRepeat(): boolean;
  listDelayMs(applications: number): number;
}

/** Adds the one thing that can go wrong with the second Argo CD: it is not there, while the first one is. */
export function addEdgeArgocdFaults(
  board: FaultBoard,
  options: { cutStreams(): number },
): ArgocdFaults {
  board.add({
    id: 'edge-argocd-down',
    title: 'Second Argo CD down',
    about:
      'Connections to the Argo CD `edge` are cut, open streams among them.',
    kind: 'switch',
    targets: [],
    changed: ({ on }) => {
      if (on) options.cutStreams();
    },
  });
  const never = () => false;
  const none = () => 0;
  return {
    isDown: () => board.isOn('edge-argocd-down'),
    delayMs: none,
    isExpired: never,
    isForbidden: never,
    isStuck: never,
    isClosed: never,
    takeDroppedAnswer: never,
    takeDroppedCreation: never,
    heldAnswerMs: none,
    takeNeedlessSelfHeal: never,
    streamsAreSilent: never,
    streamsRepeat: never,
    listDelayMs: none,
  };
}

/** Adds what can go wrong with the Argo CD `main` to the board. */
export function addArgocdFaults(
  board: FaultBoard,
  options: {
    applications: readonly string[];
    projects: readonly string[];
    cutStreams(): number;
  },
): ArgocdFaults {
  const { applications, projects } = options;
  let restartsUntil = 0;
  board.add({
    id: 'argocd-down',
    title: 'Argo CD down',
    about: 'Connections to Argo CD are cut, open streams among them.',
    kind: 'switch',
    targets: [],
    changed: ({ on }) => {
      if (on) options.cutStreams();
    },
  });
  board.add({
    id: 'argocd-restarts',
    title: 'Argo CD restarts',
    about:
      'All connections are cut, streams among them, and none is taken for a moment.',
    kind: 'now',
    targets: [],
    value: { label: 'milliseconds', default: 3000 },
    act: async ({ value = 3000 }) => {
      restartsUntil = Date.now() + Number(value);
      return { streams: options.cutStreams() };
    },
  });
  board.add({
    id: 'argocd-list-slow',
    title: 'Argo CD: slow list',
    about:
      'A list of Applications takes its time for each that there is; everything else is quick.',
    kind: 'switch',
    targets: [],
    value: { label: 'milliseconds for each Application', default: 1000 },
  });
  board.add({
    id: 'argocd-streams-twice',
    title: 'Streams say everything twice',
    about: 'A stream begins with every Application twice.',
    kind: 'switch',
    targets: [],
  });
  board.add({
    id: 'argocd-project-forbidden',
    title: 'Project forbidden',
    about:
      'The portal loses all rights on the Applications of a project: 403, and they are in no list.',
    kind: 'switch',
    targets: projects,
  });
  board.add({
    id: 'argocd-slow',
    title: 'Argo CD slow',
    about: 'Every answer of Argo CD comes late.',
    kind: 'switch',
    targets: [],
    value: { label: 'milliseconds', default: 5000 },
  });
  board.add({
    id: 'argocd-token-expired',
    title: 'Argo CD: token expired',
    about: 'New requests get 401; streams that are open go on.',
    kind: 'switch',
    targets: [],
  });
  board.add({
    id: 'argocd-forbidden',
    title: 'Application forbidden',
    about:
      'The portal loses all rights on an Application: 403, and it is in no list.',
    kind: 'switch',
    targets: applications,
  });
  board.add({
    id: 'argocd-stuck',
    title: 'Operation stuck in Running',
    about: 'Operations are taken up and then nothing happens.',
    kind: 'switch',
    targets: applications,
  });
  board.add({
    id: 'argocd-window',
    title: 'Sync window closed',
    about: 'A deny window lies over the project.',
    kind: 'switch',
    targets: projects,
  });
  board.add({
    id: 'argocd-sync-answer-dropped',
    title: 'Sync accepted, answer lost',
    about:
      'The next request for a sync is accepted and carried out; its connection is cut.',
    kind: 'next',
    targets: applications,
  });
  board.add({
    id: 'argocd-create-answer-dropped',
    title: 'Application created, answer lost',
    about: 'The next Application is created; the connection is cut.',
    kind: 'next',
    targets: [],
  });
  board.add({
    id: 'argocd-sync-answer-held',
    title: 'Sync accepted, answer held back',
    about:
      'A request for a sync is accepted and carried out; its answer comes late.',
    kind: 'switch',
    targets: applications,
    value: { label: 'milliseconds', default: 10000 },
  });
  board.add({
    id: 'argocd-self-heal',
    title: 'Self-heal right after a sync',
    about:
      'After the next sync of an Application that heals itself, a partial operation overwrites the state of the sync, its infos too.',
    kind: 'next',
    targets: applications,
  });
  board.add({
    id: 'argocd-streams-cut',
    title: 'Streams cut',
    about: 'All open streams end now, as when a load balancer cuts them.',
    kind: 'now',
    targets: [],
    act: async () => ({ streams: options.cutStreams() }),
  });
  board.add({
    id: 'argocd-streams-silent',
    title: 'Streams silent',
    about: 'Streams stay open and say nothing, not even that they live.',
    kind: 'switch',
    targets: [],
  });
  return {
    isDown: () => board.isOn('argocd-down') || Date.now() < restartsUntil,
    delayMs: () => Number(board.value('argocd-slow') ?? 0),
    isExpired: () => board.isOn('argocd-token-expired'),
    isForbidden: (application, project) =>
      board.isOn('argocd-forbidden', application) ||
      board.isOn('argocd-project-forbidden', project),
    isStuck: application => board.isOn('argocd-stuck', application),
    isClosed: project => board.isOn('argocd-window', project),
    takeDroppedAnswer: application =>
      board.take('argocd-sync-answer-dropped', application),
    takeDroppedCreation: () => board.take('argocd-create-answer-dropped'),
    heldAnswerMs: application =>
      Number(board.value('argocd-sync-answer-held', application) ?? 0),
    takeNeedlessSelfHeal: application =>
      board.take('argocd-self-heal', application),
    streamsAreSilent: () => board.isOn('argocd-streams-silent'),
    streamsRepeat: () => board.isOn('argocd-streams-twice'),
    listDelayMs: count => Number(board.value('argocd-list-slow') ?? 0) * count,
  };
}
