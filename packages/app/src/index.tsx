import '@backstage/ui/css/styles.css';
import { createApp } from '@backstage/frontend-defaults';
import catalogPlugin from '@backstage/plugin-catalog/alpha';
import kubernetesPlugin from '@backstage/plugin-kubernetes/alpha';
import orgPlugin from '@backstage/plugin-org/alpha';
import scaffolderPlugin from '@backstage/plugin-scaffolder/alpha';
import signalsPlugin from '@backstage/plugin-signals/alpha';
import userSettingsPlugin from '@backstage/plugin-user-settings/alpha';
import deploysPlugin from '@switchyard/backstage-plugin-deploys/alpha';
import runsPlugin from '@switchyard/backstage-plugin-runs/alpha';
import ReactDOM from 'react-dom/client';
import { entityPage } from './entityPage';
import { navigation } from './navigation';
import { notFound } from './notFound';
import { signIn } from './signIn';

const app = createApp({
  features: [
    catalogPlugin,
    kubernetesPlugin,
    orgPlugin,
    scaffolderPlugin,
    signalsPlugin,
    userSettingsPlugin,
    runsPlugin,
    deploysPlugin,
    entityPage,
    navigation,
    notFound,
    signIn,
  ],
});

ReactDOM.createRoot(document.getElementById('root')!).render(app.createRoot());
