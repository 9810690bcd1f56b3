export * from './slackServer';
