// Quantities: which spellings the server keeps, which it rewrites, which it refuses.

import { describe, expect, it } from 'vitest';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  QuantityError,
  roundUpToMilli,
} from '../../../src/sim/kubernetes/api/fields/quantity.ts';

describe('canonicalQuantity', () => {
  it.each([
    ['0.5', '500m'],
    ['1000m', '1'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['0.1Gi', '107374182400m'],
    [2, '2'],
    ['1e6', '1e6'],
    ['+1', '+1'],
    ['01Gi', '01Gi'],
    ['5.', '5.'],
    ['2e-1', '200e-3'],
    ['0', '0'],
  ])('writes %s as %s', (given, written) => {
    expect(canonicalQuantity(given)).toBe(written);
  });

  it.each(['', 'lots', '64mb', '64 Mi'])('refuses %j', (given) => {
    expect(canonicalQuantity(given)).toBeInstanceOf(QuantityError);
  });
});

describe('arithmetic', () => {
  it('rounds up to thousandths', () => {
    expect(roundUpToMilli('100u')).toBe('1m');
  });

  it('keeps the format of the first summand', () => {
    expect(addQuantities(['512Mi', '512Mi'])).toBe('1Gi');
    expect(addQuantities(['600m', '400m'])).toBe('1');
  });

  it('compares across formats', () => {
    expect(compareQuantities('1Gi', '1G')).toBe(1);
    expect(compareQuantities('1', '1000m')).toBe(0);
  });
});
