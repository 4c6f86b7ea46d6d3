import { createApp } from '../project.ts';
import { GitHubStack } from './github-stack.ts';
import { readGitHubSettings } from './settings.ts';

const app = createApp();
new GitHubStack(app, 'CaudalGitHub', {
  description: 'Caudal: roles for deployments from GitHub Actions',
  ...readGitHubSettings((key) => app.node.tryGetContext(key)),
});
