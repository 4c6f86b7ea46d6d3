import { useEffect, useMemo, useState } from 'preact/hooks';
import { createApi } from '../api/client.ts';
import { reaching, Unreachable } from '../api/problem.ts';
import type { Text } from '../text/en.ts';
import { chosenLanguage, keepLanguage, type Language, textIn } from '../text/text.ts';
import { type Config, loadConfig } from './config.ts';
import { Everywhere } from './context.ts';
import { hasSignedOut, resumeSession, type Session, signIn } from './session.ts';
import { Shell } from './shell.tsx';

type Phase =
  | { readonly is: 'starting' }
  | { readonly is: 'signed-out'; readonly config: Config }
  | { readonly is: 'failed'; readonly config: Config | undefined; readonly error: unknown }
  | { readonly is: 'ready'; readonly config: Config; readonly session: Session };

/** Configuration, words, session; then the shell. */
export function Start() {
  const [phase, setPhase] = useState<Phase>({ is: 'starting' });
  const [language, setLanguage] = useState<Language>(chosenLanguage);
  const [text, setText] = useState<Text>();

  useEffect(() => {
    begin().then(setPhase);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
    textIn(language).then(setText);
  }, [language]);

  const choose = (wanted: Language) => {
    keepLanguage(wanted);
    setLanguage(wanted);
  };
  const ready = phase.is === 'ready' ? phase : undefined;
  const api = useMemo(() => ready && createApi(ready.config, ready.session), [ready]);
  if (text === undefined || phase.is === 'starting') return <div class="starting" aria-busy="true" />;
  if (ready && api) {
    return (
      <Everywhere.Provider value={{ config: ready.config, session: ready.session, api, text }}>
        <Shell language={language} onLanguage={choose} />
      </Everywhere.Provider>
    );
  }
  return <Outside phase={phase} text={text} />;
}

/** Somebody who has not just signed out is sent to sign in at once: one step less. */
async function begin(): Promise<Phase> {
  let config: Config | undefined;
  try {
    const loaded = await loadConfig();
    config = loaded;
    const session = await reaching(() => resumeSession(loaded));
    if (session !== undefined) return { is: 'ready', config, session };
    if (hasSignedOut()) return { is: 'signed-out', config };
    await signIn(config);
    return { is: 'starting' };
  } catch (error) {
    return { is: 'failed', config, error };
  }
}

function Outside({ phase, text }: { phase: Phase; text: Text }) {
  const config = 'config' in phase ? phase.config : undefined;
  return (
    <main class="outside">
      <h1>Caudal</h1>
      {phase.is === 'failed' ? (
        <>
          <p>{config === undefined ? text.start.noConfig : text.start.notSignedIn}</p>
          <p class="detail" role="alert">
            {phase.error instanceof Unreachable
              ? text.problem.unreachable
              : phase.error instanceof Error
                ? phase.error.message
                : String(phase.error)}
          </p>
        </>
      ) : (
        <p>{text.start.signedOut}</p>
      )}
      {config === undefined ? (
        <button type="button" class="primary" onClick={() => location.reload()}>
          {text.again}
        </button>
      ) : (
        <button type="button" class="primary" onClick={() => void signIn(config)}>
          {text.start.signIn}
        </button>
      )}
    </main>
  );
}
