import { FleetRow } from '@switchyard/backstage-plugin-deploys-common';
import { ApplicationRow, ObjectRow } from '@switchyard/fleet-node';

/** What a search looks through besides what a line shows. */
export interface RowFacts {
  /** Of its containers, and of the Application's tree. */
  images: readonly string[];
  /** Commits that Argo CD compared with or synced to. */
  revisions: readonly string[];
  /** What has pods. */
  workloads: ReadonlyArray<
    Pick<ObjectRow, 'cluster' | 'namespace' | 'kind' | 'name' | 'uid'>
  >;
}

/** A line as it was worked out. */
export interface Line {
  row: FleetRow;
  facts: RowFacts;
  application?: ApplicationRow;
}

/** A line that is kept: its text and a hash of it, made once for all who see it. */
export interface KeptRow extends Pick<Line, 'row' | 'facts'> {
  bucket: number;
  /** JSON text of the line. */
  text: string;
  /** Two numbers of 32 bits. */
  hash: readonly [number, number];
}

/** One line before and after a change; the same line has the same id in both. */
export interface RowChange {
  before?: KeptRow;
  after?: KeptRow;
}
