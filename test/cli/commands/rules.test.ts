import { cli } from '../fake';

describe('rules', () => {
  it('lists the rules', async () => {
    const { code, stdout } = await cli(['rules']);
    expect(code).toBe(0);
    expect(stdout).toContain('MLN203  error    dns-egress-missing: Isolated workloads need DNS.\n');
  });

  it('shows one, by code or name', async () => {
    expect((await cli(['rules', 'MLN405'])).stdout).toContain('why: Istio ignores them.');
    expect((await cli(['rules', 'dns-egress-missing'])).stdout).toContain('MLN203');
  });

  it('writes them as JSON', async () => {
    expect(JSON.parse((await cli(['rules', '-o', 'json'])).stdout)).toHaveLength(2);
  });

  it('fails for a rule that is not there, and says which was meant', async () => {
    const { code, stdout, stderr } = await cli(['rules', 'MLN204']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('did you mean MLN203?');
  });
});
