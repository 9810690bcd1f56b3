import { BlockedButton } from '@switchyard/backstage-plugin-runs-react';
import { ArrangedPod } from '../PodsCard/arrangePods';
import { sessionAction } from './sessionAction';
import { useTerminalHost } from './TerminalHost';

/** Opens a terminal in a pod, or runs a command there. Nothing where the portal has neither. */
export function TerminalButtons(props: {
  pod: ArrangedPod;
  className?: string;
}) {
  const { pod, className } = props;
  const host = useTerminalHost();
  const { cluster, workload, consent, logs } = pod;
  if (!host || !logs) return null;
  const { environment } = logs;
  const target = {
    place: { cluster, namespace: workload.namespace, pod: pod.pod.name },
    environment,
    containers: pod.pod.containers,
  };
  const buttons = [
    ['terminals', 'Terminal', 'Opening a terminal'],
    ['commands', 'Command', 'Running a command'],
  ] as const;
  return (
    <>
      {buttons.map(([what, label, title]) => {
        const grant = host.grantOf(what, { environment, cluster });
        return (
          grant && (
            <BlockedButton
              key={what}
              compact
              action={sessionAction(title, grant, consent)}
              size="small"
              color="primary"
              className={className}
              onClick={() => host.open(what, target)}
            >
              {label}
            </BlockedButton>
          )
        );
      })}
    </>
  );
}
