import { Http } from '../../src/values/http';
import { Port } from '../../src/values/port';

test('fields are fixed', () => {
  const port = Port.tcp(8080);
  expect(() => Object.assign(port, { port: 1 })).toThrow(TypeError);
  expect(() => Reflect.deleteProperty(port, 'port')).not.toThrow();
  expect(port.port).toBe(8080);
});

test('jsii can still mark the object for other languages', () => {
  const mark = Symbol('mark');
  for (const value of [Port.tcp(8080), Http.get('/v1/*')]) {
    Object.defineProperty(value, mark, { value: 1 });
    expect(value).toHaveProperty([mark], 1);
  }
});
