/** `properties` of the plug-in in cdk8s.yaml; what is written wrong is refused, never ignored. */
import type { Severity } from '../engine/result';
import { SEVERITIES } from '../engine/severity';
import { nearMiss } from '../values/near-miss';
import { refuse } from '../values/problem';

export interface Settings {
  /** From which severity on synth fails; what is less bad is reported. */
  readonly failOn: Severity;
  /** Severities by code or name of a rule, instead of its own. */
  readonly rules: Readonly<Record<string, Severity | 'off'>>;
}

export function settingsOf(properties: unknown): Settings {
  const { failOn = 'error', rules = {}, ...others } = mapping('properties', properties);
  for (const name of Object.keys(others)) {
    const meant = nearMiss(name, ['failOn', 'rules']);
    refuseSetting(name, others[name], 'failOn or rules', meant && `${meant}: …`);
  }
  const entries = Object.entries(mapping('rules', rules));
  return {
    failOn: severityOf('failOn', failOn),
    rules: Object.fromEntries(
      // YAML 1.1 reads off as false
      entries.map(([rule, word]) => [
        rule,
        word === 'off' || word === false ? 'off' : severityOf(`rules.${rule}`, word, "'off', "),
      ]),
    ),
  };
}

function severityOf(field: string, word: unknown, besides = ''): Severity {
  const found = SEVERITIES.find((one) => one === word);
  return found ?? refuseSetting(field, word, `one of ${besides}${SEVERITIES.join(', ')}`);
}

function mapping(field: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value));
  }
  return refuseSetting(field, value, 'a mapping');
}

function refuseSetting(field: string, got: unknown, expected: string, fix?: string): never {
  return refuse({
    code: 'validation-setting',
    where: `cdk8s.yaml: validations: PolicyValidation: ${field}`,
    got,
    expected,
    fix: fix ?? 'properties: { failOn: error, rules: { MLN209: info } }',
  });
}
