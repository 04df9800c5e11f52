/** What docs/result.schema.json says against a value; empty: nothing. */
import Ajv2020 from 'ajv/dist/2020';
import schema from '../../docs/result.schema.json';

const validate = new Ajv2020({ allErrors: true, strictTypes: true }).compile(schema);

export function schemaProblems(value: unknown): string[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message = '' }) => `${instancePath} ${message}`,
  );
}
