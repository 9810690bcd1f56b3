import { createBackend } from '@backstage/backend-defaults';
import { httpServer } from './httpServer';
import { signIn } from './signIn';
import { signalsDoor } from './signalsDoor';

const backend = createBackend();

backend.add(httpServer);

backend.add(import('@backstage/plugin-app-backend'));
backend.add(import('@backstage/plugin-auth-backend'));
backend.add(signIn);
backend.add(import('@backstage/plugin-catalog-backend'));
backend.add(
  import('@backstage/plugin-catalog-backend-module-scaffolder-entity-model'),
);
backend.add(import('@backstage/plugin-events-backend'));
backend.add(import('@backstage/plugin-kubernetes-backend'));
backend.add(import('@backstage/plugin-permission-backend'));
backend.add(import('@backstage/plugin-scaffolder-backend'));
backend.add(import('@backstage/plugin-scaffolder-backend-module-gitea'));
backend.add(import('@backstage/plugin-signals-backend'));
backend.add(signalsDoor);

backend.add(import('@switchyard/backstage-plugin-deploys-backend'));
backend.add(
  import('@switchyard/backstage-plugin-kubernetes-backend-module-fleet'),
);
backend.add(
  import('@switchyard/backstage-plugin-permission-backend-module-switchyard'),
);
backend.add(import('@switchyard/backstage-plugin-runs-backend'));
backend.add(import('@switchyard/backstage-plugin-runs-backend-module-deploys'));
backend.add(
  import('@switchyard/backstage-plugin-scaffolder-backend-module-switchyard'),
);

// A failed start answers 503 for ever unless the process ends.
backend.start().catch(error => {
  // eslint-disable-next-line no-console
  console.error(error);
  process.exit(1);
});
