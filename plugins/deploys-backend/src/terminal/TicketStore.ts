/** What a ticket is for. Commands are kept by name: what is run comes from the config of the replica that runs it. */
export type SessionIntent = {
  entityRef: string;
  environment: string;
  cluster: string;
  namespace: string;
  pod: string;
  podUid: string;
  container: string;
  reason?: string;
} & (
  | { kind: 'terminal'; shell?: string }
  | { kind: 'command'; command: string; arguments: Record<string, string> }
);

/** Tickets that were handed out and not taken yet, for all replicas. */
export interface TicketStore {
  /** Answers the ticket. It is kept nowhere else. */
  create(
    intent: SessionIntent,
    options: { userRef: string; lifetimeSeconds: number },
  ): Promise<string>;
  /** Undefined for one that was taken, has expired, is another person's or never was. Only its own person takes a ticket. */
  take(
    ticket: string,
    options: { userRef: string },
  ): Promise<SessionIntent | undefined>;
}
