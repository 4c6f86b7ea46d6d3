import './styles/console.css';
import { render } from 'preact';
import { Start } from './app/start.tsx';
import { applyTheme } from './app/theme.ts';
import { showUnturned } from './app/unturned.ts';

applyTheme();
showUnturned();
const place = document.getElementById('console');
if (place === null) throw new Error('index.html has no place for the console.');
render(<Start />, place);
