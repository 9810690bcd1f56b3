import { HttpResponse } from 'msw';

/** An error answer as Backstage's backends send it. */
export function refusal(status: number, message: string, requestId?: string) {
  const names: Record<number, string> = {
    403: 'NotAllowedError',
    404: 'NotFoundError',
    409: 'ConflictError',
    503: 'ServiceUnavailableError',
  };
  return HttpResponse.json(
    {
      error: { name: names[status] ?? 'Error', message },
      request: { method: 'POST', url: '/' },
      response: { statusCode: status },
    },
    { status, headers: requestId ? { 'x-request-id': requestId } : {} },
  );
}
