/** The pairs of neighbouring letters of a name, whatever their case, in ascending order: counted out once per name. */
export const namePairs = (name: string): Uint32Array => {
  const plain = ` ${name.toLowerCase()} `;
  return Uint32Array.from(
    { length: plain.length - 1 },
    (_, i) => plain.charCodeAt(i) * 0x10000 + plain.charCodeAt(i + 1),
  ).sort();
};

/** Dice's coefficient of two names' pairs: 1 for equal names, 0 for nothing in common. */
export const pairSimilarity = (a: Uint32Array, b: Uint32Array): number => {
  let [i, j, common] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const difference = a[i]! - b[j]!;
    if (difference === 0) common++;
    if (difference <= 0) i++;
    if (difference >= 0) j++;
  }
  return (2 * common) / (a.length + b.length);
};
