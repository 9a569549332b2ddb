// The content security policy allows no code from strings, and zod asks when a schema is made: so it is told before any is.
import { config } from 'zod';
import './styles.css';

config({ jitless: true });
const { start } = await import('./start.js');
start();
