import { Component, type ComponentChildren, type ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Unreachable } from '../api/problem.ts';
import { Problem } from '../parts/problem.tsx';
import { type Language, languages } from '../text/text.ts';
import type { View, ViewProps } from '../views/view.ts';
import { viewAt, views } from '../views/views.ts';
import { loadConfig } from './config.ts';
import { useConsole, useIsOperator, useText } from './context.ts';
import { useKeptFocus } from './focus.ts';
import { followLinks, useRoute } from './router.ts';
import { signIn } from './session.ts';
import { chooseTheme, chosenTheme, type Theme } from './theme.ts';

interface ShellProps {
  readonly language: Language;
  readonly onLanguage: (language: Language) => void;
}

/** What is around every view: navigation, who is signed in, language, colours. */
export function Shell({ language, onLanguage }: ShellProps) {
  const text = useText();
  const { path } = useRoute();
  const found = viewAt(path);
  const main = useRef<HTMLElement>(null);
  const shown = found?.view.path;

  useEffect(() => {
    document.addEventListener('click', followLinks);
    return () => document.removeEventListener('click', followLinks);
  }, []);
  useEffect(() => {
    document.title = found ? `${text.views[found.view.title]} · Caudal` : 'Caudal';
  }, [found?.view.title, text]);
  useKeptFocus(main);
  // Another view was opened, or one execution of their list: what is read next is its beginning. Not at the start, when the page itself is read.
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== path) main.current?.focus();
    before.current = path;
  }, [path]);

  return (
    <div class="shell">
      <a class="skip" href="#view">
        {text.shell.skip}
      </a>
      <header class="top">
        <a class="name" href="/">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="7" />
            <path d="M5 12q5.5-5 11 0t11 0M5 21q5.5-5 11 0t11 0" />
          </svg>
          Caudal
        </a>
        <Where />
        <Settings language={language} onLanguage={onLanguage} />
      </header>
      <Navigation shown={shown} />
      <main id="view" ref={main} tabIndex={-1}>
        <Ended />
        {found ? (
          <Opened key={found.view.path} view={found.view} rest={found.rest} />
        ) : (
          <div class="page">
            <h1>{text.shell.nothingHere}</h1>
            <p>{text.shell.noView(path)}</p>
          </div>
        )}
      </main>
    </div>
  );
}

/** Said once, whatever was asked when it was found: what is shown stays as it was. */
function Ended() {
  const { session, config, text } = useConsole();
  const [hasEnded, setEnded] = useState(session.hasEnded);
  useEffect(() => session.onEnd(() => setEnded(true)), [session]);
  if (!hasEnded) return null;
  return (
    <div class="problem ended" role="alert">
      <p>{text.problem.signedOut}</p>
      <button type="button" onClick={() => void signIn(config)}>
        {text.start.signIn}
      </button>
    </div>
  );
}

function Where() {
  const { config } = useConsole();
  return (
    <p class="where">
      {config.stage !== null && <strong>{config.stage}</strong>}
      <span>{config.region}</span>
    </p>
  );
}

function Navigation({ shown }: { shown: string | undefined }) {
  const text = useText();
  const isOperator = useIsOperator();
  const links = useRef<HTMLUListElement>(null);
  // On a small screen the links are a row that scrolls.
  useEffect(() => {
    links.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [shown]);
  return (
    <nav class="views" aria-label={text.shell.views}>
      <ul ref={links}>
        {views
          .filter((view) => view.for === 'everybody' || isOperator)
          .map((view) => (
            <li key={view.path}>
              <a href={view.path} aria-current={view.path === shown ? 'page' : undefined}>
                <svg viewBox="0 0 20 20" aria-hidden="true">
                  <path d={view.sign} />
                </svg>
                {text.views[view.title]}
              </a>
            </li>
          ))}
      </ul>
    </nav>
  );
}

function Settings({ language, onLanguage }: ShellProps) {
  const { session, text, config } = useConsole();
  const [theme, setTheme] = useState<Theme>(chosenTheme);
  return (
    <details class="settings">
      <summary>
        <span class="who">{session.user.name}</span>
        <span class="role">{session.user.groups.join(', ')}</span>
      </summary>
      <div class="menu">
        <label>
          {text.shell.language}
          <select value={language} onChange={(event) => onLanguage(event.currentTarget.value as Language)}>
            {Object.entries(languages).map(([code, name]) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {text.shell.colours}
          <select
            value={theme}
            onChange={(event) => {
              const chosen = event.currentTarget.value as Theme;
              setTheme(chosen);
              chooseTheme(chosen);
            }}
          >
            <option value="auto">{text.shell.asSystem}</option>
            <option value="light">{text.shell.light}</option>
            <option value="dark">{text.shell.dark}</option>
          </select>
        </label>
        <button type="button" onClick={() => void session.signOut()}>
          {text.shell.signOut}
        </button>
        <p class="version">Caudal {config.version}</p>
      </div>
    </details>
  );
}

/** A view and its chunk, which is fetched when the view is opened first. */
function Opened({ view, rest }: { view: View; rest: string }) {
  const text = useText();
  const route = useRoute();
  const [opened, setOpened] = useState<ComponentType<ViewProps>>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    view.load().then(
      (chunk) => setOpened(() => chunk.default),
      (fault) => setError(new Unreachable('', { cause: fault })),
    );
  }, [view]);
  // A browser may not ask again for a chunk that it did not get, and where a newer console is served by now it has another name.
  const again = () => void loadConfig().then(() => location.reload(), setError);
  const Content = opened;
  if (error !== undefined) return <Problem error={error} again={again} />;
  return (
    <div class="page">
      {Content ? (
        <Held at={route}>
          <Content rest={rest} />
        </Held>
      ) : (
        <>
          <h1>{text.views[view.title]}</h1>
          <p class="busy">{text.loading}</p>
        </>
      )}
    </div>
  );
}

/** A fault in a view ends the view, and says so; the navigation stays, and another address is a new start. */
class Held extends Component<{ children: ComponentChildren; at: unknown }, { error?: unknown }> {
  static override getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidUpdate(before: { at: unknown }) {
    if (before.at !== this.props.at && this.state.error !== undefined) this.setState({ error: undefined });
  }

  override render() {
    return this.state.error === undefined ? this.props.children : <Problem error={this.state.error} />;
  }
}
