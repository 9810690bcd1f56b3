/** What the pods of a real world run: an image of Kubernetes' own tests, which has a shell and many tags. */
export const IMAGE = 'registry.k8s.io/e2e-test-images/agnhost';
export const VERSIONS = ['2.43', '2.45', '2.40', '2.39', '2.36', '2.47'];

/** A pod that asks for a node with this label is never scheduled. */
export const NOWHERE = 'switchyard.contract/nowhere';

/** A Deployment and the migration that runs before each sync, as people write them: with comments, and one image in two places. */
export function ordersManifest(options: {
  component: string;
  version: string;
}): string {
  const { component, version } = options;
  return `# Both name the same image: change them together.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
  labels: &labels
    app.kubernetes.io/name: orders
    backstage.io/kubernetes-id: ${component}
spec:
  replicas: 2
  selector:
    matchLabels: {app.kubernetes.io/name: orders}
  template:
    metadata:
      labels: *labels
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: orders
        image: "${IMAGE}:${version}"   # and the Job below
        command: [/agnhost, pause]
---
apiVersion: batch/v1
kind: Job
metadata:
  name: orders-migrate
  labels:
    app.kubernetes.io/component: migration
  annotations:
    argocd.argoproj.io/hook: PreSync
    argocd.argoproj.io/hook-delete-policy: BeforeHookCreation
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: migrate
        image: "${IMAGE}:${version}"
        command: [sh, -c, 'exit 0']
`;
}

/** The same with a migration that never gets a node. */
export function withStrandedMigration(manifest: string): string {
  return manifest.replace(
    'restartPolicy: Never',
    `restartPolicy: Never\n      nodeSelector: {${NOWHERE}: 'true'}`,
  );
}

export function withoutStrandedMigration(manifest: string): string {
  return manifest.replace(/\n +nodeSelector: .*/, '');
}

export function configMap(name: string): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
`;
}

/** An Application of two folders, as another Application deploys it. */
export function applicationManifest(options: {
  name: string;
  /** Where Argo CD keeps its Applications. */
  applicationNamespace: string;
  project: string;
  repoUrl: string;
  branch: string;
  paths: string[];
  server: string;
  namespace: string;
}): string {
  const { name, project, repoUrl, branch, paths, server, namespace } = options;
  const sources = paths.map(
    path =>
      `  - {repoURL: '${repoUrl}', targetRevision: ${branch}, path: ${path}}`,
  );
  return `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: ${name}
  namespace: ${options.applicationNamespace}
  finalizers: [resources-finalizer.argocd.argoproj.io]
spec:
  project: ${project}
  sources:
${sources.join('\n')}
  destination: {server: '${server}', namespace: ${namespace}}
  syncPolicy: {automated: {}}
`;
}
