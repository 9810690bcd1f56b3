import { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { parse as parseYaml } from 'yaml';
import { readBody } from '../../http/listen';
import { badRequest, unsupportedMediaType } from '../ApiError';

/**
 * The body of a request as JSON or YAML. Throws 400 for what does not parse, 415 for other formats.
 *
 * @param readProtobuf - for what clients write in no other format
 */
export async function readObject(
  request: IncomingMessage,
  readProtobuf?: (bytes: Buffer) => unknown,
): Promise<{ value: any; contentType: string }> {
  const contentType = String(
    request.headers['content-type'] ?? 'application/json',
  )
    .split(';')[0]
    .trim();
  let bytes = await readBody(request);
  if (request.headers['content-encoding'] === 'gzip') {
    bytes = gunzipSync(bytes);
  }
  if (bytes.length === 0) {
    return { value: undefined, contentType };
  }
  if (contentType === 'application/vnd.kubernetes.protobuf' && readProtobuf) {
    return { value: readProtobuf(bytes), contentType };
  }
  if (/protobuf|cbor/.test(contentType)) {
    throw unsupportedMediaType(contentType, [
      'application/json',
      'application/yaml',
    ]);
  }
  try {
    const text = bytes.toString('utf8');
    return {
      value: /yaml/.test(contentType) ? parseYaml(text) : JSON.parse(text),
      contentType,
    };
  } catch (error) {
    throw badRequest(
      `couldn't get version/kind; json parse error: ${
        (error as Error).message
      }`,
    );
  }
}
