// HEALTHCHECK of the image: exits with 0 when this orchestrator can take work.
const answer = await fetch(`http://127.0.0.1:${process.env.PORT ?? 4870}/readyz`, {
  signal: AbortSignal.timeout(4_000),
});
if (!answer.ok) {
  process.stderr.write(`${await answer.text()}\n`);
  process.exitCode = 1;
}
