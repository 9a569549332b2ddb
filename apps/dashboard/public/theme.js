// Runs before the first paint, so that a chosen theme never flashes the other one. src/ui/theme.ts writes the value.
try {
  const theme = globalThis.localStorage.getItem('corch.theme');
  if (theme === 'light' || theme === 'dark') globalThis.document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off: the system's theme it is.
}
