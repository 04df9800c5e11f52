import { cli, inFolder } from '../fake';

inFolder();

describe('exposure', () => {
  it('shows what strangers reach, and exits 0', async () => {
    const { code, stdout } = await cli(['exposure', 'dist']);
    expect(code).toBe(0);
    expect(stdout).toContain('allowed  <- pod of another namespace  TCP 443');
  });

  it('shows one namespace', async () => {
    expect((await cli(['exposure', 'dist', '-n', 'mlflow'])).stdout).toContain(
      '0 workloads can be',
    );
  });

  it('fails for a namespace that is not there', async () => {
    expect(await cli(['exposure', 'dist', '-n', 'none'])).toMatchObject({ code: 2, stdout: '' });
  });
});
