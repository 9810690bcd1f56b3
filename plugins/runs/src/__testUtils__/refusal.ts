import { HttpResponse } from 'msw';

/** An error answer as Backstage's backends send it. */
export function refusal(
  status: number,
  name: string,
  message: string,
  requestId?: string,
) {
  return HttpResponse.json(
    {
      error: { name, message },
      request: { method: 'GET', url: '/' },
      response: { statusCode: status },
    },
    { status, headers: requestId ? { 'x-request-id': requestId } : {} },
  );
}
