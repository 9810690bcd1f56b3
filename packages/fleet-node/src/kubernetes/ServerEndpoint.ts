import http from 'node:http';
import https from 'node:https';
import { HttpEndpoint } from '../http/request';
import { FleetCluster } from '../types';
import { ClusterCredential } from './CredentialCache';

/**
 * Where an API server is, and how it shows that it is the one. Can be handed to another thread.
 *
 * @internal
 */
export type ServerAddress = Pick<
  FleetCluster,
  'name' | 'url' | 'caData' | 'skipTLSVerify'
>;

/** @internal */
export function addressOf(cluster: FleetCluster): ServerAddress {
  const { name, url, caData, skipTLSVerify } = cluster;
  return { name, url, caData, skipTLSVerify };
}

/** @internal */
export type ClientCertificate = ClusterCredential['clientCert'];

/**
 * The connections to one API server.
 *
 * @internal
 */
export class ServerEndpoint {
  readonly #address: ServerAddress;
  #current?: { endpoint: HttpEndpoint; shown?: string };
  /** Over these run watches that began with an earlier certificate. */
  #retired: HttpEndpoint['agent'][] = [];

  constructor(address: ServerAddress) {
    this.#address = address;
  }

  /** With connections that show this certificate, or none. */
  showing(certificate: ClientCertificate): HttpEndpoint {
    const shown = certificate && `${certificate.cert}\n${certificate.key}`;
    if (this.#current?.shown === shown && this.#current) {
      return this.#current.endpoint;
    }
    if (this.#current) this.#retire(this.#current.endpoint.agent);
    const { url, caData, skipTLSVerify } = this.#address;
    const base = new URL(url);
    const agentOf = (keepAlive: boolean) =>
      base.protocol === 'https:'
        ? new https.Agent({
            keepAlive,
            // A session that is taken up again is not checked again: the certificate may have ended or been replaced since.
            maxCachedSessions: 0,
            ca: caData ? pemOf(caData) : undefined,
            rejectUnauthorized: !skipTLSVerify,
            cert: certificate?.cert,
            key: certificate?.key,
          })
        : new http.Agent({ keepAlive });
    const endpoint = { base, agent: agentOf(true), freshAgent: agentOf(false) };
    this.#current = { endpoint, shown };
    return endpoint;
  }

  close(): void {
    this.#current?.endpoint.agent.destroy();
    for (const agent of this.#retired) agent.destroy();
  }

  /** Watches that run over its sockets go on until they end by themselves; nothing else does. */
  #retire(agent: HttpEndpoint['agent']) {
    const isInUse = (each: HttpEndpoint['agent']) =>
      Object.keys(each.sockets).length > 0;
    // A socket that becomes free is closed.
    agent.maxFreeSockets = 0;
    for (const sockets of Object.values(agent.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
    this.#retired = [...this.#retired, agent].filter(isInUse);
  }
}

function pemOf(caData: string): string {
  return caData.includes('-----BEGIN')
    ? caData
    : Buffer.from(caData, 'base64').toString('utf8');
}
