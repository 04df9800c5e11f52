/**
 * What unquoted scalars mean to Kubernetes, which is neither YAML 1.1 nor 1.2: `yes` and `on` are
 * booleans, `010` is 8, `1:30` and dates are text, `<<` merges.
 *
 * The API server and kubectl read YAML through sigs.k8s.io/yaml; what is text here and a boolean
 * there would be a label here and an error there.
 * Source: kubernetes-sigs/yaml:goyaml.v2/resolve.go
 */
import { CORE_SCHEMA, defineScalarTag, floatCoreTag, mergeTag, NOT_RESOLVED } from 'js-yaml';

const TRUE = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const FALSE = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);

const bool = defineScalarTag('tag:yaml.org,2002:bool', {
  implicit: true,
  implicitFirstChars: Array.from('yYnNtTfFoO'),
  resolve: (source) => {
    if (TRUE.has(source)) return true;
    return FALSE.has(source) ? false : NOT_RESOLVED;
  },
  identify: () => false,
});

const INTEGER = /^[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0[bB][01_]+|[1-9][0-9_]*|0)$/;

const integer = defineScalarTag('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: Array.from('+-0123456789'),
  resolve: (source) => (INTEGER.test(source) ? integerOf(source) : NOT_RESOLVED),
  identify: () => false,
});

export const KUBERNETES_SCHEMA = CORE_SCHEMA.withTags(bool, integer, floatCoreTag, mergeTag);

function integerOf(source: string): number {
  const plain = source.replaceAll('_', '').replace(/^\+/, '');
  const negative = plain.startsWith('-');
  const digits = negative ? plain.slice(1) : plain;
  // a leading zero means octal, as in Go
  const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return negative ? -value : value;
}
