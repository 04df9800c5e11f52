import { textOfBytes } from '../../src/read/text';

describe('bytes of a file', () => {
  it.each<[string, number[] | Buffer, string]>([
    ['UTF-8', Buffer.from('a: é'), 'a: é'],
    ['UTF-8 with a byte order mark', [0xef, 0xbb, 0xbf, 0x61], 'a'],
    ['UTF-16 little endian', [0xff, 0xfe, 0x61, 0], 'a'],
    ['UTF-16 big endian', [0xfe, 0xff, 0, 0x61], 'a'],
    ['nothing', [], ''],
  ])('are read as %s', (_, bytes, text) => {
    expect(textOfBytes('in.yaml', Uint8Array.from(bytes))).toEqual({ text, invalid: false });
  });

  it('are marked where some are no UTF-8', () => {
    expect(textOfBytes('in.yaml', Uint8Array.from([0x61, 0xff]))).toEqual({
      text: 'a\uFFFD',
      invalid: true,
    });
  });

  it('are refused by name where they are no text', () => {
    expect(textOfBytes('model.bin', Uint8Array.from([0x7f, 0x45, 0, 0]))).toMatchObject({
      code: 'binary',
      at: { file: 'model.bin' },
    });
  });
});
