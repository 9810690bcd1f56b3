import { ConfigReader } from '@backstage/config';
import {
  escapeSlack,
  fillTemplate,
  formatDuration,
  toPublicText,
} from './noticeText';
import { readNotices } from './readNotices';

const read = (notices: object) =>
  readNotices(new ConfigReader({ switchyard: { notices } } as never));

describe('texts that leave', () => {
  it.each([
    ['Authorization: Bearer abcdefgh12345', 'abcdefgh12345'],
    ['push to https://bot:hunter22@git.example.com/a', 'hunter22'],
    ['password = "hunter22"', 'hunter22'],
    ['api_key: hunter22', 'hunter22'],
    ['ghp_abcdefghijklmnopqrstuvwxyz012345', 'ghp_'],
    ['AKIAABCDEFGHIJKLMNOP was refused', 'AKIA'],
    ['eyJhbGciOi.eyJzdWIi.c2ln', 'eyJ'],
    ['https://hooks.slack.com/services/T0/B0/x', 'T0/B0'],
  ])('say %s without the secret', (text, secret) => {
    expect(toPublicText(text)).not.toContain(secret);
    expect(toPublicText(text)).toContain('[not shown]');
  });

  it('stay readable, in one line, and not too long', () => {
    expect(toPublicText('3 of 5 pods\nare ready: token expired')).toBe(
      '3 of 5 pods are ready: token expired',
    );
    expect(toPublicText('x'.repeat(2_000))).toHaveLength(600);
    expect(escapeSlack('<!here> & <@U1>')).toBe(
      '&lt;!here&gt; &amp; &lt;@U1&gt;',
    );
    expect(formatDuration(130_000)).toBe('2 min 10 s');
    expect(fillTemplate('{{title}} {{ cause }}', { title: 'Ship' })).toBe(
      'Ship',
    );
  });
});

describe('switchyard.notices', () => {
  const token = { token: 'xoxb-1' };
  it.each([
    [{ routes: [{ name: 'a' }] }, /routes\[0\]: give either/],
    [
      { routes: [{ name: 'a', channel: '#deploys' }], slack: token },
      /no id of a channel/,
    ],
    [
      { routes: [{ name: 'a', channel: 'C024BE91L' }] },
      /takes switchyard.notices.slack.token/,
    ],
    [
      {
        routes: [{ name: 'a', channel: 'C024BE91L', events: ['x'] }],
        slack: token,
      },
      /'x' is none of waits/,
    ],
    [
      { templates: { failed: '{{password}}' } },
      /names 'password'; it may name event/,
    ],
    [{ templates: { exploded: 'x' } }, /templates.exploded: there are only/],
  ])('refuses %j with words', (notices, words) => {
    expect(() => read(notices)).toThrow(words);
  });

  it('never repeats the address of a webhook', () => {
    expect(() => read({ routes: [{ name: 'a', webhook: 'hush' }] })).toThrow(
      /^(?!.*hush).*no address/,
    );
  });
});
